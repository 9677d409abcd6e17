/** Every experiment, in the order they are listed. */
import type { Experiment } from "./experiment.js";
import { mixtures } from "./mixtures.js";

export const EXPERIMENTS: readonly Experiment[] = [mixtures];
