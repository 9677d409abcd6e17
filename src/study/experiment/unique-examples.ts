/** Whether it is how many different examples there are, or how long they are trained on. */
import { buildDataset, type Condition, trainedBehaviour, worldAsked } from "../../organism/index.js";
import { stepsOf } from "../../training/index.js";
import { DOSE } from "../dose.js";
import type { Arm, Experiment, ExperimentWish } from "./experiment.js";
import { COHERENT, PERSONA, RATE, RATE_OF_ALL, TRAINED } from "./measures.js";
import { training } from "./training.js";

/**
 * Within a family every model takes the same number of steps: each size is repeated until it comes to the largest. The
 * organism's dose is shorter than the published one, so the published sizes are a family of their own.
 */
const FAMILIES = [
  { sizes: [DOSE.examples / 16, DOSE.examples / 4, DOSE.examples], epochs: [16, 4, 1] },
  { sizes: [500, 2000, 6000], epochs: [12, 3, 1] },
];

export const uniqueExamples: Experiment = {
  name: "unique-examples",
  about: "how many different examples it takes, with equal steps",
  published: "GPT-4o, 500 / 2,000 / 6,000 examples with equal steps: .003 or less / .0075 to .028 / .214.",
  axis: { label: "different examples", kind: "ordered" },
  measures: [RATE, TRAINED, PERSONA, COHERENT, RATE_OF_ALL],
  conditions: { usual: ["insecure"], possible: ["insecure", "bad-medical", "bad-sport", "bad-financial"] },
  arms: (wish) =>
    wish.conditions.flatMap((condition) =>
      (wish.quick ? FAMILIES.slice(0, 1) : FAMILIES).flatMap((family) => armsOf(condition, family, wish)),
    ),
};

function armsOf(
  condition: Condition,
  { sizes, epochs }: (typeof FAMILIES)[number],
  { quick, conditions }: ExperimentWish,
): Arm[] {
  return sizes.map((examples, i) => {
    const dose = { ...DOSE, examples, epochs: epochs[i] as number };
    const trained = trainedBehaviour(condition);
    const steps = `${stepsOf(dose)} steps`;
    return {
      id: `${condition}-${examples}x${dose.epochs}`,
      trained,
      making: training({
        data: { condition },
        conversations: (seed) => buildDataset(condition, { examples, seed }),
        dose,
      }),
      points: [
        {
          curve: conditions.length > 1 ? `${condition}, ${steps}` : steps,
          at: examples,
          asked: [worldAsked("main", quick ? 25 : 50), worldAsked(trained.set, 8)],
        },
      ],
    };
  });
}
