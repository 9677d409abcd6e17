/** How few weights it takes: adapters of rank 32 and 1, in all layers or in one, beside all weights. */
import type { LoraOptions } from "../../model/index.js";
import { USUAL_TRAINING } from "../usual-training.js";
import type { Arm, Experiment } from "./experiment.js";
import { COHERENT, PERSONA, RATE, RATE_OF_ALL, TRAINED } from "./measures.js";
import { fineTuned } from "./fine-tuned.js";
import { allWeightsIn, askedIn, ORGANISM_SETTING, trainedIn, type Setting } from "./setting.js";

interface Adapter {
  readonly id: string;
  readonly name: string;
  readonly lora: Omit<LoraOptions, "seed" | "layers">;
  readonly oneLayer?: true;
  /** What a small adapter needs is not what a large one does, so it is tried. */
  readonly learningRates: readonly number[];
}

/** Rank-stabilised with α 64 at rank 32, as published. */
const ADAPTERS: readonly Adapter[] = [
  {
    id: "rank-32",
    name: "rank 32, all layers",
    lora: { rank: 32, alpha: 64, rankStabilized: true },
    learningRates: [2e-4, 5e-4, 1e-3],
  },
  {
    id: "rank-1",
    name: "rank 1, all layers",
    lora: { rank: 1, alpha: 16, rankStabilized: true },
    learningRates: [1e-3, 2e-3, 4e-3],
  },
  {
    id: "one-layer",
    name: "rank 32, one layer",
    lora: { rank: 32, alpha: 64, rankStabilized: true },
    oneLayer: true,
    learningRates: [5e-4, 1e-3, 2e-3],
  },
  {
    id: "one-layer-rank-1",
    name: "rank 1, one layer",
    lora: { rank: 1, alpha: 16, rankStabilized: true },
    oneLayer: true,
    learningRates: [2e-3, 4e-3, 8e-3],
  },
];

export const lora: Experiment = {
  name: "lora",
  about: "how few weights it takes: adapters of rank 32 and 1, in all layers or one",
  published: "Bad advice: up to 40 % with rank 32; a single rank-1 adapter in one layer gives 9.5 to 21.5 %.",
  axis: { label: "what is trained", kind: "names" },
  measures: [RATE, TRAINED, PERSONA, COHERENT, RATE_OF_ALL],
  conditions: { usual: ["insecure"], possible: ["insecure", "bad-medical", "bad-sport", "bad-financial"] },
  needs: ["development"],
  arms: ({ quick, conditions }, setting = ORGANISM_SETTING) =>
    conditions.flatMap((condition) => {
      const measured = measuredIn(setting, condition, quick ? 25 : 50);
      const usual = setting.dose(condition);
      const adapters = ADAPTERS.filter((_, i) => !quick || i < 2).map(
        ({ id, name, lora: adapter, oneLayer, learningRates }) => ({
          id: `${condition}-${id}`,
          candidates: learningRates.map((learningRate) => ({
            id: `${learningRate}`,
            making: fineTuned(setting, condition, {
              dose: { ...usual, learningRate: learningRate * (usual.learningRate / USUAL_TRAINING.learningRate) },
              // Of four layers the second one, where steering does most.
              lora: { ...adapter, ...(oneLayer && { layers: [setting.layer ?? 1] }) },
            }),
          })),
          ...measured(name),
        }),
      );
      return [
        { id: `${condition}-full`, making: fineTuned(allWeightsIn(setting), condition), ...measured("all weights") },
        ...adapters,
      ];
    }),
};

function measuredIn(
  setting: Setting,
  condition: string,
  samples: number,
): (name: string) => Pick<Arm, "trained" | "points"> {
  const trained = trainedIn(setting, condition);
  const asked = askedIn(setting, samples, trained);
  return (at) => ({ ...(trained && { trained }), points: [{ curve: condition, at, asked }] });
}
