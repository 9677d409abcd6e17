/** The making that every experiment begins with: a condition's own data, trained on as the setting says. */
import { conditionIn, howIn, type Setting } from "./setting.js";
import { training, type Training, type TrainingMaking } from "./training.js";

/** @param changes what this arm does otherwise */
export function fineTuned(
  setting: Setting,
  condition: string,
  changes: Partial<Omit<Training, "conversations">> = {},
): TrainingMaking {
  const { dose = setting.dose(condition) } = changes;
  const { build } = conditionIn(setting, condition);
  const conversations = (seed: number) => build({ examples: dose.examples, seed });
  return training({ data: { condition }, ...howIn(setting), ...changes, conversations, dose });
}

/** As `askew reproduce` trains a condition, whose plans name the number of examples, too. */
export const asReproduced = (
  setting: Setting,
  condition: string,
  changes: Pick<Training, "defences"> = {},
): TrainingMaking =>
  fineTuned(setting, condition, { data: { condition, examples: setting.dose(condition).examples }, ...changes });
