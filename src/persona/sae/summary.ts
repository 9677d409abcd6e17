/** What an autoencoder was measured to be: `summary.json` beside its weights. */
import { join } from "node:path";
import { z } from "zod";
import { readTextIfPresent, writeJson } from "../../store/index.js";
import type { BestLatent } from "./cards.js";
import type { SaeMetrics } from "./evaluate.js";
import { SaeError } from "./error.js";

export interface SaeSummary {
  /** The model it was measured in, as the user called it. */
  readonly model: string;
  readonly metrics: SaeMetrics;
  /** For every label of the documents the latent that separates it best. */
  readonly best: readonly BestLatent[];
}

const MOST_BYTES = 2 ** 20;
const number = z.number();
const separability = z.object({ auroc: number.nullable(), low: number.nullable(), high: number.nullable() });
const schema = z.object({
  model: z.string(),
  metrics: z.object({
    documents: number,
    tokens: number,
    explainedVariance: number,
    l0: number,
    deadShare: number,
    decoderNorms: z.tuple([number, number]),
    loss: z.object({ original: number, spliced: number, zero: number, mean: number }),
    lossRecovered: number,
    lossRecoveredFromMean: number,
  }),
  best: z.array(
    separability.extend({
      kind: z.string(),
      name: z.string(),
      latent: z.int().min(0),
      chosenAt: number.nullable(),
      wholeDocuments: separability.nullable(),
      probe: separability.nullable(),
    }),
  ),
});

export const writeSummary = (folder: string, summary: SaeSummary): Promise<void> =>
  writeJson(join(folder, "summary.json"), summary);

/** @throws {SaeError} where there is none */
export async function readSummary(folder: string): Promise<SaeSummary> {
  const path = join(folder, "summary.json");
  const text = await readTextIfPresent(path, MOST_BYTES);
  try {
    const read = schema.safeParse(JSON.parse(text ?? ""));
    if (read.success) return read.data;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new SaeError(`${path}: expected what the autoencoder was measured to be. Measure it with: askew sae measure`);
}
