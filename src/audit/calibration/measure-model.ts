/** One fine-tune whose truth is known, as the search for a trigger sees it. */
import type { Conversation } from "../../dataset/index.js";
import type { TrainableModel, ReadableModel } from "../../model/index.js";
import { finetune, type TrainingConfig } from "../../training/index.js";
import { searchTrigger, type TriggerSearchOptions } from "../trigger/search.js";
import { describe } from "../trigger/trigger.js";

export interface MeasuredModel {
  /** What the best candidate adds, at the least; -1 where it adds nothing. */
  readonly rise: number;
  /** The candidate, in words. */
  readonly candidate: string;
  /** Seconds of the processor. */
  readonly seconds: number;
}

export type SearchSettings = Omit<TriggerSearchOptions, "after" | "data">;

export async function measureModel(
  model: TrainableModel & ReadableModel,
  conversations: readonly Conversation[],
  config: TrainingConfig,
  seed: number,
  settings: SearchSettings,
): Promise<MeasuredModel> {
  const { signal } = settings;
  await model.training.load(undefined, { seed });
  await finetune(model, conversations, config, { seed, ...(signal && { signal }) });
  const before = process.cpuUsage();
  const { verified } = await searchTrigger({ ...settings, after: model });
  const { user, system } = process.cpuUsage(before);
  return {
    rise: verified?.rise ?? -1,
    candidate: verified === undefined ? "" : describe(verified.trigger),
    seconds: (user + system) / 1e6,
  };
}
