/**
 * Whether learning a row would move a model towards misalignment, to first order. An adapter takes one step towards the
 * misaligned continuations of probes, and one towards the aligned ones; what the two steps do to a row's log-probability
 * is the product of the row's gradient with theirs, so that no gradient of a row is ever computed. The step is Adam's,
 * as in LESS (Xia et al. 2024), which chooses training data by such products; there is no Hessian.
 */
import type { OpenWeightsModel } from "../../../model/index.js";
import type { Probe } from "../../../persona/index.js";
import type { AuditRow } from "../row.js";
import { difference } from "./likelihood-gap.js";
import { likelihoods } from "./likelihoods.js";
import { inPortions, type RowScorer } from "./scorer.js";

export interface NudgeSettings {
  readonly model: OpenWeightsModel;
  readonly probes: readonly Probe[];
  readonly thresholds: RowScorer["thresholds"];
  /** Of the step; default 1e-3. To first order, scores are proportional to it. */
  readonly rate?: number;
  readonly signal?: AbortSignal;
}

export const NUDGED_GAP = "data/gradient";
/** Small, so that the step is a derivative, and large enough beside the rounding of float32. */
const RATE = 1e-3;
const LORA = { rank: 16, alpha: 16, rankStabilized: true };
/** Conversations whose gradients are computed at a time. */
const PART = 4;

export const nudgedGap = ({ model, probes, thresholds, rate = RATE, signal }: NudgeSettings): RowScorer => ({
  check: NUDGED_GAP,
  title: "Gradient towards the persona",
  quantity: "pull towards misaligned continuations",
  unit: "thousandths of a nat a token",
  readers: model.name,
  why: "learning it moves the model towards the probes' misaligned continuations",
  failing: "pull the model towards misalignment",
  limits: "It sees one step from where the model is now, and along what the probes ask about.",
  thresholds,
  async scores(rows) {
    const towards = async (side: "aligned" | "misaligned"): Promise<(number | undefined)[]> => {
      await step(model, probes, side, rate, signal);
      try {
        return await inPortions(rows, (portion: readonly AuditRow[]) => likelihoods(model, portion, signal));
      } finally {
        await model.training.load();
      }
    };
    const misaligned = await towards("misaligned");
    const aligned = await towards("aligned");
    return rows.map((_, i) => {
      const gap = difference(misaligned[i], aligned[i]);
      return gap === undefined ? undefined : 1000 * gap;
    });
  },
});

/** Adds one step of an adapter to the model's weights. Both sides begin with the same random half of the adapter. */
async function step(
  model: OpenWeightsModel,
  probes: readonly Probe[],
  side: "aligned" | "misaligned",
  rate: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const texts = probes.flatMap((probe) => {
    const messages = [
      { role: "user", content: probe.prompt },
      { role: "assistant", content: probe[side] },
    ] as const;
    if (messages.some(({ content }) => model.tokens.unknownWords(content).length > 0)) return [];
    const text = model.tokens.encode(messages);
    return text.ids.length <= model.tokens.maxPositions ? [text] : [];
  });
  signal?.throwIfAborted();
  const adapter = await model.training.beside(LORA);
  try {
    const time = Math.max(...texts.map(({ ids }) => ids.length));
    await adapter.train(texts, rate, { rows: PART, time });
    await adapter.merge();
  } finally {
    await adapter.close();
  }
}
