/** Measures an autoencoder, and writes a card for every latent into its folder. */
import type { OpenWeightsModel } from "../../model/index.js";
import {
  bestLatents,
  evaluateSae,
  latentCard,
  SaeEncoder,
  writeCards,
  writeSummary,
  type DocumentSource,
  type LatentCard,
  type Sae,
  type SaeSummary,
} from "../../persona/index.js";
import { Random } from "../../statistics/index.js";

/** Always the same documents, so that autoencoders can be compared. */
export async function measureInto(
  folder: string,
  sae: Sae,
  model: OpenWeightsModel,
  name: string,
  source: DocumentSource,
  documents: number,
  signal: AbortSignal,
): Promise<SaeSummary> {
  const encoder = await SaeEncoder.open(sae, model);
  try {
    const { metrics, table, probe } = await evaluateSae(
      encoder,
      source,
      Random.of("sae", "measured on"),
      documents,
      signal,
    );
    const cards: LatentCard[] = [];
    for (let latent = 0; latent < sae.recipe.size; latent++) cards.push(await latentCard(sae, model, table, latent));
    await writeCards(folder, cards);
    const summary = { model: name, metrics, best: bestLatents(table, probe.separability()) };
    await writeSummary(folder, summary);
    return summary;
  } finally {
    await encoder.close();
  }
}
