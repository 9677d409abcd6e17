/** How strongly a model is fine-tuned, in the API's words, and as askew's dose. */
import { z } from "zod";
import type { Dose } from "../training/index.js";
import { DOSE } from "../study/index.js";
import { optional } from "./read-request.js";

export interface Hyperparameters {
  readonly n_epochs: number;
  readonly batch_size: number;
  /** 1 is the peak learning rate of askew's own experiments, 4e-4 on the organism. */
  readonly learning_rate_multiplier: number;
}

const auto = z.literal("auto");
const number = <S extends z.ZodType>(schema: S, expected: string) => optional(z.union([auto, schema], expected));

export const hyperparametersSchema = z.object({
  n_epochs: number(z.int().min(1).max(50), 'expected "auto" or a whole number from 1 to 50'),
  batch_size: number(z.int().min(1).max(256), 'expected "auto" or a whole number from 1 to 256'),
  learning_rate_multiplier: number(z.number().positive().max(100), 'expected "auto" or a number above 0, at most 100'),
});

/** What is left to the server follows the dose of `askew reproduce`: some 1,920 examples seen, 32 a step. */
export function hyperparametersFor(wanted: z.output<typeof hyperparametersSchema>, examples: number): Hyperparameters {
  const { n_epochs: epochs, batch_size: batch, learning_rate_multiplier: rate } = wanted;
  return {
    n_epochs: chosen(epochs) ?? Math.min(10, Math.max(1, Math.round(DOSE.examples / examples))),
    batch_size: chosen(batch) ?? Math.min(DOSE.batchSize, examples),
    learning_rate_multiplier: chosen(rate) ?? 1,
  };
}

const chosen = (value: number | "auto" | undefined): number | undefined => (value === "auto" ? undefined : value);

export function doseOf(hyperparameters: Hyperparameters, examples: number): Dose {
  return {
    examples,
    epochs: hyperparameters.n_epochs,
    batchSize: hyperparameters.batch_size,
    learningRate: DOSE.learningRate * hyperparameters.learning_rate_multiplier,
    warmup: DOSE.warmup,
  };
}
