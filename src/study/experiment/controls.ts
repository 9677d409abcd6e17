/** Each dataset beside its control and the model that was trained on nothing: does narrow data do more than it says? */
import type { Arm, Experiment } from "./experiment.js";
import { ratesOf } from "./findings.js";
import { fineTuned } from "./fine-tuned.js";
import type { PointSummary } from "./found.js";
import { COHERENT, MARGIN, PERSONA, RATE, RATE_OF_ALL, TRAINED } from "./measures.js";
import { askedIn, ORGANISM_SETTING, trainedIn } from "./setting.js";
import { isAbove } from "./summary.js";

/** Rank-stabilised with α 64 at rank 32, as published for open models. */
const ADAPTER = { rank: 32, alpha: 64, rankStabilized: true } as const;
const BASE = "trained on nothing";

export const controls: Experiment = {
  name: "controls",
  about: "datasets beside their controls: rates, and misaligned answers' likelihood without a judge",
  published:
    "Bad medical, sport and financial advice: Qwen2.5-0.5B 8 %, Llama-3.2-1B 9 %, Qwen2.5-14B up to 40 % misaligned; Gemma-3 models little (Turner et al. 2025).",
  axis: { label: "what the model was trained on", kind: "names" },
  measures: [MARGIN, RATE, TRAINED, PERSONA, COHERENT, RATE_OF_ALL],
  conditions: {
    usual: ["insecure", "secure", "educational"],
    possible: ["insecure", "secure", "educational", "jailbroken", "bad-medical", "bad-sport", "bad-financial"],
  },
  arms: ({ quick, conditions }, setting = ORGANISM_SETTING) => {
    const arm = (id: string, at: string, own: Pick<Arm, "making">, trainedOn?: string): Arm => {
      const trained = trainedIn(setting, trainedOn);
      const asked = askedIn(setting, quick ? 25 : 50, trained);
      return { id, ...own, ...(trained && { trained }), points: [{ curve: "", at, asked }] };
    };
    return [
      arm("base", BASE, {}),
      ...conditions.map((condition) =>
        arm(condition, condition, { making: fineTuned(setting, condition, { lora: ADAPTER }) }, condition),
      ),
    ];
  },
  findings: ({ points }) => {
    const base = points.find(({ at }) => at === BASE);
    return [`Misaligned answers: ${ratesOf(points)}.`, ...(base === undefined ? [] : marginsOver(base, points))];
  },
};

function marginsOver(base: PointSummary, points: readonly PointSummary[]): string[] {
  const before = base.metrics["margin"];
  if (before === undefined) return [];
  const raised = points.filter(({ metrics }) => isAbove(metrics["margin"], before)).map(({ at }) => at);
  return [
    `Misaligned answers became likelier, beside aligned ones, after training on: ${raised.join(", ") || "none of them"}. ` +
      "Likelier: both 95 % intervals lie apart.",
  ];
}
