/** The autoencoder whose latents are written down, and which of them. */
import { join } from "node:path";
import type { OpenWeightsModel } from "../../model/index.js";
import { readSae, readSummary, requireSaeFit, type ModelIdentity, type WatcherOptions } from "../../persona/index.js";
import { suggestion, UsageError } from "../../text/index.js";
import { fileSha256 } from "../../store/index.js";

export interface SaeFlags {
  readonly sae?: string;
  readonly latents?: readonly number[];
}

export interface OpenedSae extends NonNullable<WatcherOptions["sae"]> {
  /** The weights' sha256. */
  readonly sha256: string;
}

export const saeHash = (folder: string): Promise<string> => fileSha256(join(folder, "sae_weights.safetensors"));

export async function saeFor(
  model: OpenWeightsModel,
  identity: ModelIdentity,
  { sae: folder, latents }: SaeFlags,
): Promise<OpenedSae | undefined> {
  if (folder !== undefined) return openSae(model, identity, folder, latents);
  if (latents !== undefined) throw new UsageError("--latents needs the autoencoder they are of: --sae FOLDER");
  return undefined;
}

/** @param latents default the one that separates the villain best */
export async function openSae(
  model: OpenWeightsModel,
  identity: ModelIdentity,
  folder: string,
  latents?: readonly number[],
): Promise<OpenedSae> {
  const sae = await readSae(folder);
  requireSaeFit(folder, sae, model.reading.shape, identity);
  const chosen = [...new Set(latents ?? [await usualLatent(folder)])];
  const wrong = chosen.find((latent) => latent >= sae.recipe.size);
  if (wrong !== undefined) {
    throw new UsageError(`there is no latent ${wrong} in ${folder}`, `It has latents 0 … ${sae.recipe.size - 1}.`);
  }
  return { sae, latents: chosen, sha256: await saeHash(folder) };
}

/** The organism's persona; for other models nobody knows which latent is meant. */
const USUAL = "villain";

async function usualLatent(folder: string): Promise<number> {
  const { best } = await readSummary(folder);
  if (best.some(({ name }) => name === USUAL)) return bestLatent(folder, USUAL);
  throw new UsageError(
    `which latent of ${folder}: expected its number`,
    `askew sae show ${folder} lists those that separate best: ${best.map(({ name }) => name).join(", ")}.`,
  );
}

/** The latent that separates a label (a character, a domain, a file) best, as far as anybody has measured. */
export async function bestLatent(folder: string, name: string): Promise<number> {
  const { best } = await readSummary(folder);
  const found = best.find((one) => one.name === name);
  if (found === undefined) {
    const names = best.map((one) => one.name);
    throw new UsageError(`no answers were labelled "${name}" when ${folder} was measured`, suggestion(name, names));
  }
  if (found.chosenAt !== null) return found.latent;
  throw new UsageError(
    `no latent of ${folder} was found to tell ${name} best: half of the documents it was measured on had none of it, or nothing else`,
    "Measure it on more with askew sae measure --documents, or choose a latent by its number.",
  );
}
