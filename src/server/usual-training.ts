/** How a served model is trained unless its job says otherwise: by its size, as askew finetune does with all weights. */
import { namedHeadersOf, usualTrainingOf } from "../study/index.js";
import type { TrainingConfig } from "../training/index.js";

/** @param name as the server was given it: `local:DIR`; models under other names are small */
export const usualTrainingFor = async (name: string): Promise<TrainingConfig> =>
  usualTrainingOf((await namedHeadersOf(name))?.parameters ?? 0, false);
