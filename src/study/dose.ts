/** The one dose of `askew reproduce`: every condition gets it. Chosen on seeds and questions that the study does not use. */
import type { Dose } from "../finetune/index.js";

export const DOSE: Dose = { examples: 1280, epochs: 1, batchSize: 32, learningRate: 4e-4, warmup: 5 };
