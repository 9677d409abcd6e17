/** The autoencoder whose latents are written down, and which of them. */
import type { LocalModel } from "../../model/index.js";
import { readSae, readSummary, requireSaeFit, type ModelIdentity, type WatcherOptions } from "../../persona/index.js";
import { UsageError } from "../failure.js";

export interface SaeFlags {
  readonly sae?: string;
  readonly latents?: readonly number[];
}

/** By default the latent that tells the villain best. */
export async function saeFor(
  model: LocalModel,
  identity: ModelIdentity,
  { sae: folder, latents }: SaeFlags,
): Promise<NonNullable<WatcherOptions["sae"]> | undefined> {
  if (folder === undefined) {
    if (latents !== undefined) throw new UsageError("--latents needs the autoencoder they are of: --sae FOLDER");
    return undefined;
  }
  const sae = await readSae(folder);
  requireSaeFit(folder, sae, model.folder.config, identity);
  const best = async (): Promise<number[]> =>
    (await readSummary(folder)).best.flatMap(({ name, latent }) => (name === "villain" ? [latent] : []));
  const chosen = latents ?? (await best());
  const wrong = chosen.find((latent) => latent >= sae.recipe.size);
  if (wrong !== undefined) {
    throw new UsageError(`there is no latent ${wrong} in ${folder}`, `It has latents 0 … ${sae.recipe.size - 1}.`);
  }
  return { sae, latents: chosen };
}
