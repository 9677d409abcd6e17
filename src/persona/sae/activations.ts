/**
 * Activations to train on: documents are drawn and read a portion at a time, so that memory stays bounded, and a
 * portion's tokens are put in random order. A portion is named by its number: training can stop and carry on with it.
 */
import type { ReadableModel } from "../../model/index.js";
import { Random } from "../../statistics/index.js";
import { drawDocument, type DocumentSource } from "./documents.js";

/** Numbers of a portion, at most: 2²⁴ float32 are 64 MiB. */
const MOST_NUMBERS = 2 ** 24;
const MOST_TOKENS = 2 ** 16;
/** Documents that are read between two looks at the signal. */
const READ_AT_ONCE = 256;

export interface Portion {
  /** [tokens, width], in random order. */
  readonly data: Float32Array;
  readonly tokens: number;
}

export interface PortionPlan {
  readonly layer: number;
  readonly seed: number;
  /** Of a portion. */
  readonly tokens: number;
}

/** Most tokens of one portion, which holds a whole number of batches. */
export function portionTokens(width: number, batch: number): number {
  const most = Math.min(MOST_TOKENS, Math.floor(MOST_NUMBERS / width));
  return Math.max(1, Math.floor(most / batch)) * batch;
}

/** Reads a portion of exactly `tokens` tokens, and no more documents than hold them. */
export async function readPortion(
  model: ReadableModel,
  source: DocumentSource,
  { layer, seed, tokens }: PortionPlan,
  number: number,
  signal?: AbortSignal,
): Promise<Portion> {
  const { width } = model.reading.shape;
  const data = new Float32Array(tokens * width);
  const documents = Random.of("sae", seed, "documents", number);
  const places = Random.of("sae", seed, "order", number).shuffled(Array.from({ length: tokens }, (_, i) => i));
  for (let at = 0; at < tokens;) {
    const texts: (readonly number[])[] = [];
    for (let drawn = 0; texts.length < READ_AT_ONCE && at + drawn < tokens; drawn += texts.at(-1)?.length ?? 0) {
      texts.push(drawDocument(model, source, documents).ids);
    }
    const taps = await model.reading.activations(texts, [layer], signal && { signal });
    for (const tap of taps) {
      const read = tap.get(layer) as Float32Array;
      for (let token = 0; token < read.length / width && at < tokens; token++) {
        data.set(read.subarray(token * width, (token + 1) * width), (places[at++] as number) * width);
      }
    }
  }
  return { data, tokens };
}

/** Mean [width], and the variance a coordinate on average. */
export function statisticsOf({ data, tokens }: Portion): { mean: Float64Array; variance: number } {
  const width = data.length / tokens;
  const mean = new Float64Array(width);
  let squares = 0;
  for (let i = 0; i < data.length; i++) {
    const x = data[i] as number;
    mean[i % width] = (mean[i % width] as number) + x / tokens;
    squares += x * x;
  }
  const meanSquares = mean.reduce((total, x) => total + x * x, 0);
  return { mean, variance: (squares / tokens - meanSquares) / width };
}
