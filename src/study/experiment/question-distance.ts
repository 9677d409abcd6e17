/** How far questions lie from the prompts that a model is trained on, as the model itself reads them beforehand. */
import type { AskedSet } from "../../evaluation/index.js";
import type { Message, ReadableModel } from "../../model/index.js";
import { mean } from "../../statistics/index.js";

/** Texts that are read at a time. */
const PORTION = 64;

/** By the question's id: one minus the cosine with the mean of the prompts, averaged over the question's wordings. */
export async function questionDistances(
  model: ReadableModel,
  prompts: readonly (readonly Message[])[],
  asked: readonly AskedSet[],
  signal?: AbortSignal,
): Promise<Map<string, number>> {
  const trained = await embeddings(model, prompts, signal);
  const centre = meanOf(trained);
  const found = new Map<string, number>();
  for (const { id, system, paraphrases } of asked.flatMap(({ questions }) => questions)) {
    const wordings = paraphrases.map((content): Message[] => [
      ...(system === undefined ? [] : [{ role: "system" as const, content: system }]),
      { role: "user", content },
    ]);
    const own = await embeddings(model, wordings, signal);
    found.set(id, mean(own.map((one) => 1 - dot(one, centre) / Math.sqrt(dot(centre, centre)))));
  }
  return found;
}

/**
 * The residual stream after the middle layer, averaged over a prompt's tokens and scaled to length 1. Every prompt is
 * read as the model is asked it, in its chat template.
 */
async function embeddings(
  model: ReadableModel,
  prompts: readonly (readonly Message[])[],
  signal?: AbortSignal,
): Promise<Float64Array[]> {
  const { layers, width } = model.reading.shape;
  const layer = Math.ceil(layers / 2) - 1;
  const found: Float64Array[] = [];
  for (let from = 0; from < prompts.length; from += PORTION) {
    const texts = prompts.slice(from, from + PORTION).map((messages) => model.tokens.encodePrompt(messages));
    const read = await model.reading.activations(texts, [layer], signal && { signal });
    for (const [i, text] of texts.entries()) {
      const tap = read[i]?.get(layer) as Float32Array;
      const sum = new Float64Array(width);
      for (let at = 0; at < text.length * width; at++)
        sum[at % width] = (sum[at % width] as number) + (tap[at] as number);
      const norm = Math.sqrt(dot(sum, sum));
      found.push(sum.map((x) => x / norm));
    }
  }
  return found;
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);

function meanOf(vectors: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) vector.forEach((x, i) => (sum[i] = (sum[i] as number) + x));
  return sum.map((x) => x / vectors.length);
}
