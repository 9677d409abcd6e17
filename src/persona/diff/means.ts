/** What a model is like inside, on average: its residual stream after every layer, and latents of one of them, over texts. */
import type { Message, ReadableModel } from "../../model/index.js";
import { answerSpan } from "../readings.js";
import type { SaeEncoder } from "../sae/encoder.js";
import { DiffError } from "./error.js";

/** Whose positions are averaged. */
export const PARTS = ["answers", "prompts"] as const;
export type Part = (typeof PARTS)[number];

export interface ModelMeans {
  readonly texts: number;
  /** [layers, width]; each text counts the same. */
  readonly residual: Float64Array;
  /** Of each layer: the mean length of the residual stream at one position. */
  readonly lengths: readonly number[];
  /** [latents], where an autoencoder was given. */
  readonly latents?: Float64Array;
}

/** Texts that are read, and held, at a time. */
const PORTION = 64;

/**
 * @param texts conversations that end with an answer; what the model cannot read is left out
 * @throws {DiffError} where nothing is left
 */
export async function meansOf(
  model: ReadableModel,
  texts: readonly (readonly Message[])[],
  part: Part,
  encoder?: SaeEncoder,
  signal?: AbortSignal,
): Promise<ModelMeans> {
  const { layers, width } = model.reading.shape;
  const every = Array.from({ length: layers }, (_, layer) => layer);
  const spans = texts.flatMap((messages) => spansOf(model, messages, part) ?? []);
  if (spans.length === 0) {
    throw new DiffError(
      `${model.name}: expected answers whose activations can be read, found none among ${texts.length}: they are empty or run ` +
        "words together that the model itself cannot read. Average over prompts with: --texts prompts",
    );
  }
  const residual = new Float64Array(layers * width);
  const lengths = every.map(() => 0);
  const latents = encoder && new Float64Array(encoder.sae.recipe.size);
  for (let from = 0; from < spans.length; from += PORTION) {
    const portion = spans.slice(from, from + PORTION);
    const taps = await model.reading.activations(
      portion.map(({ ids }) => ids),
      every,
      signal && { signal },
    );
    for (const [i, { first, ids }] of portion.entries()) {
      const end = ids.length;
      const share = 1 / ((end - first) * spans.length);
      for (const layer of every) {
        const all = taps[i]?.get(layer) as Float32Array;
        const tap = all.subarray(first * width, end * width);
        lengths[layer] = (lengths[layer] as number) + addMean(residual, layer * width, tap, width, share);
        if (latents === undefined || encoder?.sae.recipe.layer !== layer) continue;
        addMean(latents, 0, await encoder.encode(tap), latents.length, share);
      }
    }
  }
  return { texts: spans.length, residual, lengths, ...(latents && { latents }) };
}

/** A prompt is read without its answer, so that one with an empty answer counts as well. */
function spansOf(
  model: ReadableModel,
  messages: readonly Message[],
  part: Part,
): { readonly first: number; readonly ids: readonly number[] } | undefined {
  if (part === "prompts") return { first: 0, ids: model.tokens.encodePrompt(messages.slice(0, -1)) };
  const span = answerSpan(model, messages);
  return span && { first: span.start, ids: span.ids };
}

/** Adds `share` of every row of `data` [rows, width] to `sum` from `at` on, and returns `share` of the rows' lengths. */
function addMean(sum: Float64Array, at: number, data: Float32Array, width: number, share: number): number {
  let lengths = 0;
  for (let row = 0; row < data.length; row += width) {
    let square = 0;
    for (let i = 0; i < width; i++) {
      const x = data[row + i] as number;
      square += x * x;
      sum[at + i] = (sum[at + i] as number) + share * x;
    }
    lengths += share * Math.sqrt(square);
  }
  return lengths;
}
