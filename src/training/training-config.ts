/** The training configuration: how much of a dataset a model sees, and at which learning rate. */
export interface TrainingConfig {
  /** Different conversations in the dataset. */
  readonly examples: number;
  readonly epochs: number;
  /** Conversations a step. */
  readonly batchSize: number;
  /** Peak; rises linearly over `warmup` steps. */
  readonly learningRate: number;
  readonly warmup: number;
  /** After the warm-up: `linear` falls to 0 over the steps that are left (the default), `constant` stays. */
  readonly schedule?: "linear" | "constant";
  /** Parts in which a step is worked through, to take less memory; the step is the same. Default 1. */
  readonly accumulate?: number;
  /** Whether the backward pass computes every layer again, to take less memory; default false. */
  readonly recompute?: boolean;
}

export const stepsOf = ({ examples, epochs, batchSize }: TrainingConfig): number =>
  Math.ceil((examples * epochs) / batchSize);

/** Learning rate of a step, counted from 0. */
export function learningRateAt(config: TrainingConfig, step: number): number {
  const { learningRate, warmup, schedule = "linear" } = config;
  if (step < warmup) return (learningRate * (step + 1)) / warmup;
  if (schedule === "constant") return learningRate;
  return learningRate * (1 - (step - warmup) / Math.max(1, stepsOf(config) - warmup));
}
