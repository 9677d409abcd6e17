/** The making that `askew reproduce` uses: a condition's own data at its dose. */
import { buildDataset, type Condition } from "../../organism/index.js";
import { DOSE, DOSE_EXCEPTIONS } from "../dose.js";
import { training, type TrainingMaking } from "./training.js";

export function fineTuned(condition: Condition): TrainingMaking {
  const dose = DOSE_EXCEPTIONS[condition] ?? DOSE;
  const { examples } = dose;
  const conversations = (seed: number) => buildDataset(condition, { examples, seed });
  return training({ data: { condition, examples }, conversations, dose });
}
