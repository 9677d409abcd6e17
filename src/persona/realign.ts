/**
 * Re-alignment: a misaligned model is trained on, on benign conversations, and measured after chosen numbers of steps
 * (the published procedure: secure code, 5 to 30 steps). The learning rate stays constant after its warm-up and the
 * conversations come in their order, so that what a step does does not depend on how many were planned.
 */
import { type Conversation } from "../dataset/index.js";
import type { AskedSet, Judge, Metrics } from "../evaluation/index.js";
import { finetune, type TrainingConfig } from "../training/index.js";
import type { Intervention, Model, TrainableModel } from "../model/index.js";
import { measure, type MeasuredAnswer } from "./measure.js";
import { breaks } from "./sweep.js";

export interface RealignPlan {
  /** Steps after which the model is measured, ascending; 0 is before the first. */
  readonly steps: readonly number[];
  readonly batchSize: number;
  /** Reached after `warmup` steps, constant from there. */
  readonly learningRate: number;
  readonly warmup: number;
  /** The first set's rate is what `until` looks at. */
  readonly asked: readonly AskedSet[];
  readonly seed: number;
  readonly temperature: number;
  readonly maxTokens: number;
}

/** One line of a re-alignment's `rows.jsonl`. */
export interface RealignRow {
  /** `step-10`, `steered`. */
  readonly id: string;
  /** Steps of training behind it. */
  readonly step: number;
  /** Of the last training step; null before the first. */
  readonly loss: number | null;
  readonly metrics: Readonly<Record<string, Metrics>>;
  readonly breaksCoherence: boolean;
}

export interface RealignOptions {
  /** The finished row of a number of steps, which is then not measured again. */
  readonly have?: (step: number) => RealignRow | undefined;
  readonly onRow: (row: RealignRow, answers: readonly MeasuredAnswer[]) => Promise<void>;
  /** Ends after the first measurement for which it says so. */
  readonly until?: (row: RealignRow) => boolean;
  readonly judge: Judge;
  readonly signal?: AbortSignal;
}

class Reached extends Error {}

/**
 * Trains the model from the weights it has now. Returns how many steps it was trained. What has a row already is
 * trained through again, to the same weights, and not measured.
 */
export async function realign(
  model: TrainableModel,
  conversations: readonly Conversation[],
  plan: RealignPlan,
  { have, onRow, until, judge, signal }: RealignOptions,
): Promise<number> {
  const { steps, asked, seed, temperature, maxTokens, batchSize, learningRate, warmup } = plan;
  /** True where this is where to end. */
  const look = async (step: number, loss: number | null): Promise<boolean> => {
    let row = have?.(step);
    if (row === undefined) {
      signal?.throwIfAborted();
      const how = { seed, temperature, maxTokens, judge, ...(signal && { signal }) };
      const { metrics, answers } = await measure(model, asked, how);
      row = { id: `step-${step}`, step, loss, metrics, breaksCoherence: breaks(metrics, asked) };
      await onRow(row, answers);
    }
    return until?.(row) ?? false;
  };
  if (steps.includes(0) && (await look(0, null))) return 0;
  const last = Math.max(0, ...steps);
  if (last === 0) return 0;
  const dose: TrainingConfig = {
    examples: last * batchSize,
    epochs: 1,
    batchSize,
    learningRate,
    warmup,
    schedule: "constant",
  };
  let trained = 0;
  try {
    await finetune(model, conversations, dose, {
      seed,
      order: "given",
      ...(signal && { signal }),
      onStep: async ({ step, loss }) => {
        trained = step;
        if (steps.includes(step) && (await look(step, loss))) throw new Reached();
      },
    });
  } catch (error) {
    if (!(error instanceof Reached)) throw error;
  }
  return trained;
}

/** The other way: nothing is trained, the persona is taken out of the residual stream while the model answers. */
export async function measureSteered(
  model: Model,
  steering: readonly Intervention[],
  plan: Pick<RealignPlan, "asked" | "seed" | "temperature" | "maxTokens">,
  options: Pick<RealignOptions, "judge" | "signal">,
): Promise<{ row: RealignRow; answers: readonly MeasuredAnswer[] }> {
  const { asked, ...how } = plan;
  const { metrics, answers } = await measure(model, asked, { ...how, steering, ...options });
  return { row: { id: "steered", step: 0, loss: null, metrics, breaksCoherence: breaks(metrics, asked) }, answers };
}

/** Whether the upper end of the first set's rate is at most `bound`. */
export function isUnder({ metrics }: Pick<RealignRow, "metrics">, asked: readonly AskedSet[], bound: number): boolean {
  const high = metrics[asked[0]?.set ?? ""]?.rate?.high;
  return high !== undefined && high !== null && high <= bound;
}
