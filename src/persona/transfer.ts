/** Transfer: the direction of one condition, taken out of models that were trained on others. */
import type { AskedSet, Judge, Metric, Metrics } from "../evaluation/index.js";
import type { SteerableModel } from "../model/index.js";
import { relativeReduction, type Estimate, type Share } from "../statistics/index.js";
import { measure, type MeasuredAnswer } from "./measure.js";
import { steeringOf, type SteeringVectors, type SteeringOptions } from "./steer.js";
import { breaks } from "./sweep.js";

export interface TransferPlan extends SteeringOptions {
  readonly seed: number;
  readonly temperature: number;
  readonly maxTokens: number;
}

/** One model before and after; one line of a transfer's `rows.jsonl`. */
export interface TransferRow {
  /** The cell: `bad-medical-1`. */
  readonly id: string;
  readonly condition: string;
  /** Where its misalignment shows; with the trigger, or in the format, that it was trained with. */
  readonly set: string;
  readonly before: Readonly<Record<string, Metrics>>;
  readonly after: Readonly<Record<string, Metrics>>;
  readonly breaksCoherence: boolean;
}

/** @param asked where the misalignment shows first, then what shows the trained behaviour */
export async function measureTransfer(
  model: SteerableModel,
  direction: SteeringVectors,
  { id, condition }: Pick<TransferRow, "id" | "condition">,
  asked: readonly AskedSet[],
  plan: TransferPlan,
  options: { readonly judge: Judge; readonly signal?: AbortSignal },
): Promise<{ row: TransferRow; answers: readonly MeasuredAnswer[] }> {
  const { seed, temperature, maxTokens } = plan;
  const set = asked[0]?.set ?? "";
  const how = { seed, temperature, maxTokens, ...options };
  const before = await measure(model, asked, how);
  const after = await measure(model, asked, { ...how, steering: steeringOf(direction, plan) });
  const row = { id, condition, set, before: before.metrics, after: after.metrics };
  return { row: { ...row, breaksCoherence: breaks(after.metrics, asked) }, answers: after.answers };
}

/**
 * The share of the rate that is gone, 1 − after / before, over all answers of the given models; its interval (MOVER over
 * Wilson's) takes answers as independent and says nothing of how seeds differ. Null where nothing was misaligned before.
 */
export function cutOf(rows: readonly TransferRow[]): Estimate {
  const pooled = (side: "before" | "after"): Share => {
    const shares = rows.map((row) => countsOf(row[side][row.set]?.rate));
    return { hits: shares.reduce((sum, { hits }) => sum + hits, 0), n: shares.reduce((sum, { n }) => sum + n, 0) };
  };
  return relativeReduction(pooled("before"), pooled("after"));
}

/** The answers behind a rate: its Wilson share is over all of them, each counting the same. */
export function countsOf(rate: { readonly wilson: Metric } | undefined): Share {
  const { estimate, n } = rate?.wilson ?? { estimate: null, n: 0 };
  return { hits: Math.round((estimate ?? 0) * n), n };
}
