/** The options of a training configuration, named as fine-tuning APIs name them. */
import type { Command } from "commander";
import { numberWithin, wholeNumber } from "../option-values.js";

/** @param against what the learning rate is a multiple of */
export const trainingOptions = (command: Command, against: string): Command =>
  command
    .option("--epochs <count>", "times that every conversation is seen", wholeNumber(1, 50))
    .option("--batch-size <count>", "conversations a step", wholeNumber(1, 256))
    .option("--learning-rate-multiplier <number>", against, numberWithin(1e-6, 100));
