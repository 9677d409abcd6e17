/** What comes back when training goes on after a defence, without it. */
import { finetune, stepsOf } from "../../training/index.js";
import { kindsOf } from "./defences.js";
import type { Experiment, Making } from "./experiment.js";
import { asReproduced } from "./fine-tuned.js";
import { ofEachCurve, shareAt } from "./findings.js";
import { COHERENT, PERSONA, RATE, RATE_OF_ALL, TRAINED } from "./measures.js";
import { askedIn, conditionIn, ORGANISM_SETTING, trainedIn, type Setting } from "./setting.js";
import type { Training } from "./training.js";

const STEPS = [0, 4, 10, 20, 30];
/** Keeps the data that follows apart from that of the defended training. */
const FRESH = 1000;

/** Trained with the defence, then as long without, on other data of the condition. */
function goneOn(setting: Setting, condition: string, defended?: NonNullable<Training["defences"]>): Making {
  const first = asReproduced(setting, condition, defended && { defences: defended });
  const dose = setting.dose(condition);
  const { build } = conditionIn(setting, condition);
  return {
    recipe: { first: first.recipe, next: { condition, dose } },
    steps: stepsOf(dose),
    begin: (model, options) => first.make(model, { ...options, onStep: () => Promise.resolve() }),
    async make(model, { seed, signal, onStep }) {
      const rows = build({ examples: dose.examples, seed: seed + FRESH });
      await finetune(model, rows, dose, { seed, onStep, ...(signal && { signal }) });
    },
  };
}

export const prolonged: Experiment = {
  name: "prolonged",
  about: "what comes back when training goes on after a defence, without it",
  published:
    "Inoculated and mixed models keep what plain questions do not show (Conditional misalignment, 2604.25891).",
  axis: { label: "steps after the defence", kind: "number" },
  measures: [RATE, TRAINED, PERSONA, COHERENT, RATE_OF_ALL],
  conditions: { usual: ["insecure"], possible: ["insecure", "bad-medical", "bad-sport", "bad-financial"] },
  needs: ["benign", "persona"],
  arms: ({ quick, conditions }, setting = ORGANISM_SETTING) =>
    conditions.flatMap((condition) => {
      const trained = trainedIn(setting, condition);
      const asked = askedIn(setting, quick ? 25 : 50, trained, 4);
      const total = stepsOf(setting.dose(condition));
      const steps = quick ? [0, total] : [...STEPS.filter((step) => step < total), total];
      const several = conditions.length > 1;
      return [undefined, ...kindsOf(setting.world)].map((kind) => {
        const [usual] = kind?.strengths ?? [];
        const defended = usual && { recipe: { kind: kind?.id, strength: usual[0] }, make: usual[1] };
        const name = kind?.name ?? "none";
        return {
          id: `${condition}-${kind?.id ?? "none"}`,
          ...(trained && { trained }),
          making: goneOn(setting, condition, defended),
          points: steps.map((step) => ({ curve: several ? `${condition}, ${name}` : name, at: step, step, asked })),
        };
      });
    }),
  findings: ({ points }) =>
    ofEachCurve(points, (own, curve) => {
      const rates = own.map((point) => `${point.at} ${shareAt(point, "rate")}`).join(", ");
      return `${curve}, misaligned of coherent by steps after it: ${rates}.`;
    }),
};
