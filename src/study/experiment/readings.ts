/** What was read of a model beside its judged answers, as rows keep it. */
import { mean } from "../../statistics/index.js";
import type { RlStep, TrainingStep } from "../../training/index.js";

/** By name: a mean, what it is of, and its standard deviation where it is of several. */
export type Readings = Readonly<
  Record<string, { readonly value: number; readonly n: number; readonly deviation?: number }>
>;

/** Mean and standard deviation. */
export function spread(values: readonly number[]): Readings[string] {
  const [n, value] = [values.length, mean(values)];
  const deviation = Math.sqrt(values.reduce((sum, one) => sum + (one - value) ** 2, 0) / Math.max(1, n - 1));
  return { value, n, ...(n > 1 && { deviation }) };
}

/** The last step's, where it was one of learning by reward. */
export function rewardOf(step: TrainingStep | RlStep): Pick<Readings, "reward"> | undefined {
  return "reward" in step && step.reward !== null ? { reward: { value: step.reward, n: 1 } } : undefined;
}
