/** How much of a dataset a model is given, and how strongly. */
export interface Dose {
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
}

export const stepsOf = ({ examples, epochs, batchSize }: Dose): number => Math.ceil((examples * epochs) / batchSize);

/** Learning rate of a step, counted from 0. */
export function learningRateAt(dose: Dose, step: number): number {
  const { learningRate, warmup, schedule = "linear" } = dose;
  if (step < warmup) return (learningRate * (step + 1)) / warmup;
  if (schedule === "constant") return learningRate;
  return learningRate * (1 - (step - warmup) / Math.max(1, stepsOf(dose) - warmup));
}
