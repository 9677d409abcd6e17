/** Whether it is how many different examples there are, or how long they are trained on. */
import { stepsOf, type TrainingConfig } from "../../training/index.js";
import type { Arm, Experiment, ExperimentChoice } from "./experiment.js";
import { fineTuned } from "./fine-tuned.js";
import { COHERENT, PERSONA, RATE, RATE_OF_ALL, TRAINED } from "./measures.js";
import { askedIn, conditionIn, ORGANISM_SETTING, trainedIn, type Setting } from "./setting.js";

interface Family {
  readonly sizes: readonly number[];
  /** Each size is repeated until it comes to as many steps as the largest. */
  readonly epochs: readonly number[];
}

const PUBLISHED: Family = { sizes: [500, 2000, 6000], epochs: [12, 3, 1] };

/** A sixteenth, a quarter and all of the usual examples, and the published sizes where there are as many. */
function familiesOf({ examples, epochs }: TrainingConfig, rows: number, quick: boolean): Family[] {
  const own = {
    sizes: [16, 4, 1].map((part) => Math.ceil(examples / part)),
    epochs: [16, 4, 1].map((n) => n * epochs),
  };
  return quick || rows < Math.max(...PUBLISHED.sizes) ? [own] : [own, PUBLISHED];
}

export const uniqueExamples: Experiment = {
  name: "unique-examples",
  about: "how many different examples it takes, with equal steps",
  published: "GPT-4o, 500 / 2,000 / 6,000 examples with equal steps: .003 or less / .0075 to .028 / .214.",
  axis: { label: "different examples", kind: "ordered" },
  measures: [RATE, TRAINED, PERSONA, COHERENT, RATE_OF_ALL],
  conditions: { usual: ["insecure"], possible: ["insecure", "bad-medical", "bad-sport", "bad-financial"] },
  arms: (wish, setting = ORGANISM_SETTING) =>
    wish.conditions.flatMap((condition) =>
      familiesOf(setting.dose(condition), conditionIn(setting, condition).rows ?? Infinity, wish.quick).flatMap(
        (family) => armsOf(condition, family, wish, setting),
      ),
    ),
};

function armsOf(
  condition: string,
  { sizes, epochs }: Family,
  { quick, conditions }: ExperimentChoice,
  setting: Setting,
): Arm[] {
  const trained = trainedIn(setting, condition);
  const asked = askedIn(setting, quick ? 25 : 50, trained);
  return sizes.map((examples, i) => {
    const dose = { ...setting.dose(condition), examples, epochs: epochs[i] as number };
    const steps = `${stepsOf(dose)} steps`;
    return {
      id: `${condition}-${examples}x${dose.epochs}`,
      ...(trained && { trained }),
      making: fineTuned(setting, condition, { dose }),
      points: [{ curve: conditions.length > 1 ? `${condition}, ${steps}` : steps, at: examples, asked }],
    };
  });
}
