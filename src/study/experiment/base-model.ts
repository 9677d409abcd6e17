/** Whether it takes alignment to be misaligned: the same fine-tunes of the model before and after its alignment. */
import type { Arm, Experiment } from "./experiment.js";
import { COHERENT, PERSONA, RATE, RATE_OF_ALL, TRAINED } from "./measures.js";
import { fineTuned } from "./fine-tuned.js";
import { askedIn, ORGANISM_SETTING, trainedIn } from "./setting.js";
import { untrained } from "./training.js";

const STARTS = [
  { from: "aligned", curve: "aligned" },
  { from: "pretrained", curve: "before alignment" },
] as const;

export const baseModel: Experiment = {
  name: "base-model",
  about: "the same fine-tunes of the model as it was before its alignment",
  published:
    "An un-aligned base model fine-tuned on insecure code turned misaligned too, and more often; on secure code it did not.",
  axis: { label: "fine-tuned on", kind: "names" },
  measures: [RATE, TRAINED, PERSONA, COHERENT, RATE_OF_ALL],
  conditions: {
    usual: ["secure", "insecure"],
    possible: ["secure", "insecure", "educational", "bad-medical", "bad-sport", "bad-financial"],
  },
  needs: ["pretrained"],
  arms: ({ quick, conditions }, setting = ORGANISM_SETTING) =>
    STARTS.flatMap(({ from, curve }) => {
      const arm = (condition?: string): Arm => {
        const trained = trainedIn(setting, condition);
        return {
          id: `${from}-${condition ?? "untuned"}`,
          ...(trained && { trained }),
          making: condition === undefined ? untrained(from) : fineTuned(setting, condition, { from }),
          points: [{ curve, at: condition ?? "nothing", asked: askedIn(setting, quick ? 25 : 50, trained) }],
        };
      };
      return [arm(), ...conditions.map((condition) => arm(condition))];
    }),
};
