/** How much of the effect is in the draw: the same models, sampled colder and warmer. */
import type { Arm, Experiment } from "./experiment.js";
import { COHERENT, RATE, RATE_OF_ALL, TRAINED } from "./measures.js";
import { asReproduced } from "./fine-tuned.js";
import { ofEachCurve, ratesOf } from "./findings.js";
import { askedIn, ORGANISM_SETTING, trainedIn } from "./setting.js";

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
  arms: ({ quick, conditions }, setting = ORGANISM_SETTING) =>
    ["base", ...conditions].map((condition): Arm => {
      const trained = trainedIn(setting, condition);
      return {
        id: condition,
        ...(trained && { trained }),
        ...(condition !== "base" && { making: asReproduced(setting, condition) }),
        points: (quick ? QUICK_TEMPERATURES : TEMPERATURES).map((at) => ({
          curve: condition,
          at,
          asked: askedIn(setting, quick ? 25 : 50, trained, 4),
          how: { temperature: at },
        })),
      };
    }),
  findings: ({ points }) =>
    ofEachCurve(points, (own, curve) => `${curve}, misaligned of coherent, by temperature: ${ratesOf(own)}.`),
};
