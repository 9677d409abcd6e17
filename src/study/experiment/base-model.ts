/** Whether it takes alignment to be misaligned: the same fine-tunes of the model before and after its alignment. */
import { buildDataset, type Condition, trainedBehaviour, worldAsked } from "../../organism/index.js";
import { DOSE } from "../dose.js";
import type { Arm, Experiment } from "./experiment.js";
import { COHERENT, PERSONA, RATE, RATE_OF_ALL, TRAINED } from "./measures.js";
import { training, untrained } from "./training.js";

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
  arms: ({ quick, conditions }) =>
    STARTS.flatMap(({ from, curve }) => {
      const arm = (condition?: Condition): Arm => {
        const trained = trainedBehaviour(condition);
        return {
          id: `${from}-${condition ?? "untuned"}`,
          trained,
          making:
            condition === undefined
              ? untrained(from)
              : training({
                  data: { condition },
                  conversations: (seed) => buildDataset(condition, { examples: DOSE.examples, seed }),
                  dose: DOSE,
                  from,
                }),
          points: [
            {
              curve,
              at: condition ?? "nothing",
              asked: [worldAsked("main", quick ? 25 : 50), worldAsked(trained.set, 8)],
            },
          ],
        };
      };
      return [arm(), ...conditions.map((condition) => arm(condition))];
    }),
};
