/** How strongly a model is fine-tuned, as a request says it. */
import { z } from "zod";
import { optional } from "./read-request.js";

const auto = z.literal("auto");
const number = <S extends z.ZodType>(schema: S, expected: string) => optional(z.union([auto, schema], expected));

export const hyperparametersSchema = z.object({
  n_epochs: number(z.int().min(1).max(50), 'expected "auto" or a whole number from 1 to 50'),
  batch_size: number(z.int().min(1).max(256), 'expected "auto" or a whole number from 1 to 256'),
  learning_rate_multiplier: number(z.number().positive().max(100), 'expected "auto" or a number above 0, at most 100'),
});
