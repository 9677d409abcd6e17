/** What a detector's promise of false alarms covers, and what it does not. */
import type { TrainingConfig } from "../../training/index.js";
import { stepsOf } from "../../training/index.js";
import type { FalseAlarms } from "./detector.js";

export interface WatchedHow {
  readonly dose: TrainingConfig;
  /** An adapter is trained, not all weights. */
  readonly adapter: boolean;
  /** The training is kept from changing the model by more than the data. */
  readonly defended: boolean;
}

/** How a fine-tune differs from those that a threshold was set by, a few words each; none where the promise holds. */
export function beyondPromise(
  { steps, batchSizes, learningRates }: Pick<FalseAlarms, "steps" | "batchSizes" | "learningRates">,
  { dose, adapter, defended }: WatchedHow,
): string[] {
  const taken = stepsOf(dose);
  const [smallest, largest] = batchSizes;
  const [slowest, fastest] = learningRates;
  const rate = (x: number): string => Number(x.toPrecision(2)).toExponential();
  const within = (x: number, [low, high]: readonly [number, number]): boolean =>
    x >= low * (1 - TOLERANCE) && x <= high * (1 + TOLERANCE);
  return [
    ...(taken > steps ? [`${taken} steps, they had at most ${steps}`] : []),
    ...(within(dose.batchSize, batchSizes)
      ? []
      : [`batches of ${dose.batchSize}, theirs were ${span(smallest, largest, String)}`]),
    ...(within(dose.learningRate, learningRates)
      ? []
      : [`a learning rate of ${rate(dose.learningRate)}, theirs were ${span(slowest, fastest, rate)}`]),
    ...(dose.schedule === "constant" ? ["a constant learning rate, theirs fell"] : []),
    ...(adapter ? ["an adapter is trained, they trained all weights"] : []),
    ...(defended ? ["it is trained with defences, they had none"] : []),
  ];
}

const TOLERANCE = 1e-6;

const span = (low: number, high: number, text: (x: number) => string): string =>
  low === high ? text(low) : `${text(low)} to ${text(high)}`;
