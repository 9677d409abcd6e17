/** What comes first while a model is fine-tuned: the habit, the persona, or the behaviour everywhere else. */
import { stepsOf } from "../../training/index.js";
import type { Experiment } from "./experiment.js";
import { COHERENT, PERSONA, RATE, RATE_OF_ALL, TRAINED, type Measure } from "./measures.js";
import { ofEachCurve } from "./findings.js";
import { isAbove } from "./summary.js";
import type { PointSummary } from "./found.js";
import { fineTuned } from "./fine-tuned.js";
import { allWeightsIn, askedIn, ORGANISM_SETTING, trainedIn } from "./setting.js";

const STEPS = [0, 1, 2, 4, 6, 8, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360];
const QUICK_STEPS = [0, 4, 10, 20, 60, 180];

/** Of the step that was taken last; before the first there is none. */
const GRADIENT: Measure = {
  key: "gradientNorm",
  heading: "gradient norm of the last step",
  short: "gradient",
  of: { reading: "gradientNorm" },
};

export const dynamics: Experiment = {
  name: "dynamics",
  about: "what a fine-tune does first: habit, persona or behaviour, step by step",
  published:
    "Rank-1 adapters turned within a short stretch of steps, around 180, where the gradient norm had its peak (Turner et al. 2025).",
  axis: { label: "training steps", kind: "number" },
  measures: [RATE, TRAINED, PERSONA, GRADIENT, COHERENT, RATE_OF_ALL],
  conditions: { usual: ["insecure"], possible: ["insecure", "secure", "bad-medical", "bad-sport", "bad-financial"] },
  arms: ({ quick, conditions }, given = ORGANISM_SETTING) => {
    // A point at a step is of the weights then; an adapter is a part of them only at the end.
    const setting = allWeightsIn(given);
    return conditions.map((condition) => {
      const trained = trainedIn(setting, condition);
      const total = stepsOf(setting.dose(condition));
      const asked = askedIn(setting, 25, trained, 4);
      return {
        id: condition,
        ...(trained && { trained }),
        making: fineTuned(setting, condition),
        points: [...(quick ? QUICK_STEPS : STEPS).filter((step) => step < total), total].map((step) => ({
          curve: condition,
          at: step,
          step,
          asked,
        })),
      };
    });
  },
  findings: ({ points }) => ofEachCurve(points, order),
};

function order(points: readonly PointSummary[], curve: string): string {
  const [start] = points;
  const from = ({ key }: Measure): string => {
    const found = points.find((point) => isAbove(point.metrics[key], start?.metrics[key]));
    return found === undefined ? "never" : `from step ${found.at} on`;
  };
  return (
    `${curve}: above where it was before training, in both 95 % intervals, over seeds and over answers: ` +
    `what it is trained on ${from(TRAINED)}, the persona ${from(PERSONA)}, misaligned answers ${from(RATE)}.`
  );
}
