/** Every experiment, in the order they are listed. */
import { baseModel } from "./base-model.js";
import { dynamics } from "./dynamics.js";
import type { Experiment } from "./experiment.js";
import { lora } from "./lora.js";
import { mixtures } from "./mixtures.js";
import { uniqueExamples } from "./unique-examples.js";

export const EXPERIMENTS: readonly Experiment[] = [mixtures, uniqueExamples, dynamics, lora, baseModel];
