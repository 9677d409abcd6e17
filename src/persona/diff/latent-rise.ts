/** The latents that are more active in one set of answers than in another, as one model reads them. */
import type { Message, ReadableModel } from "../../model/index.js";
import { SaeEncoder } from "../sae/encoder.js";
import type { Sae } from "../sae/sae.js";
import { risingLatents, type RisingLatent } from "./candidates.js";
import { meansOf } from "./means.js";

/**
 * @param from conversations that end with an answer, such as the model's own
 * @param to the same prompts with other answers
 * @param top how many latents, those that rise most first
 * @throws {DiffError} where the model can read none of a side's answers
 */
export async function latentRise(
  model: ReadableModel,
  sae: Sae,
  from: readonly (readonly Message[])[],
  to: readonly (readonly Message[])[],
  top: number,
  signal?: AbortSignal,
): Promise<RisingLatent[]> {
  const encoder = await SaeEncoder.open(sae, model);
  try {
    const low = await meansOf(model, from, "answers", encoder, signal);
    const high = await meansOf(model, to, "answers", encoder, signal);
    return risingLatents(low, high, top);
  } finally {
    await encoder.close();
  }
}
