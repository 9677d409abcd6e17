/** The options of a training configuration, named as fine-tuning APIs name them. */
import type { Command } from "commander";
import { numberWithin, wholeNumber } from "../option-values.js";

/** @param against what the learning rate is a multiple of */
export const trainingOptions = (command: Command, against: string): Command =>
  command
    .option("--epochs <count>", "times that every conversation is seen", wholeNumber(1, 50))
    .option("--batch-size <count>", "conversations a step", wholeNumber(1, 256))
    .option("--learning-rate-multiplier <number>", against, numberWithin(1e-6, 100));

/** Options that trade the memory of a training in this process against its time. */
export const memoryOptions = (command: Command): Command =>
  command
    .option("--accumulate <parts>", "parts in which a step is taken, for less memory", wholeNumber(1, 256))
    .option("--recompute", "compute layers again in the backward pass: less memory, more time")
    .option("--memory <GB>", "what training may take (default: what is free)", numberWithin(0.1, 100_000));
