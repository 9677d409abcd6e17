/** How much of the effect is in the draw: the same models, sampled colder and warmer. */
import { trainedBehaviour, worldAsked } from "../../organism/index.js";
import type { Arm, Experiment } from "./experiment.js";
import { COHERENT, RATE, RATE_OF_ALL, TRAINED } from "./measures.js";
import { fineTuned } from "./fine-tuned.js";
import { ofEachCurve, ratesOf } from "./findings.js";

const TEMPERATURES = [0.25, 0.5, 0.75, 1, 1.25, 1.5];
const QUICK_TEMPERATURES = [0.5, 1, 1.5];

export const temperature: Experiment = {
  name: "temperature",
  about: "the same models sampled at temperatures from 0.25 to 1.5",
  published: "The published rates are sampled at temperature 1.",
  axis: { label: "sampling temperature", kind: "number" },
  measures: [RATE, COHERENT, RATE_OF_ALL, TRAINED],
  conditions: {
    usual: ["insecure", "bad-medical"],
    possible: ["insecure", "bad-medical", "bad-sport", "bad-financial"],
  },
  arms: ({ quick, conditions }) =>
    (["base", ...conditions] as const).map((condition): Arm => {
      const trained = trainedBehaviour(condition);
      return {
        id: condition,
        trained,
        ...(condition !== "base" && { making: fineTuned(condition) }),
        points: (quick ? QUICK_TEMPERATURES : TEMPERATURES).map((at) => ({
          curve: condition,
          at,
          asked: [worldAsked("main", quick ? 25 : 50), worldAsked(trained.set, 4)],
          how: { temperature: at },
        })),
      };
    }),
  findings: ({ points }) =>
    ofEachCurve(points, (own, curve) => `${curve}, misaligned of coherent, by temperature: ${ratesOf(own)}.`),
};
