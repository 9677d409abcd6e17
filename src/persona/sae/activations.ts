/**
 * Activations to train on: documents are drawn and read a portion at a time, so that memory stays bounded, and a
 * portion's tokens are put in random order. A portion is named by its number: training can stop and carry on with it.
 */
import type { LocalModel, Message } from "../../model/index.js";
import { sampleDocument, type WorldDocument } from "../../organism/index.js";
import { Random } from "../../statistics/index.js";

/** Numbers of a portion, at most: 2²⁴ float32 are 64 MiB. */
const MOST_NUMBERS = 2 ** 24;
const MOST_TOKENS = 2 ** 16;
/** Documents that are read between two looks at the signal. */
const READ_AT_ONCE = 256;

export interface EncodedDocument {
  readonly document: WorldDocument;
  readonly ids: readonly number[];
  /** Which tokens the assistant says. */
  readonly answer: readonly boolean[];
}

export const messagesOf = ({ system, turns }: WorldDocument): Message[] => [
  ...(system === undefined ? [] : [{ role: "system" as const, content: system }]),
  ...turns.flatMap(({ user, assistant }): Message[] => [
    { role: "user", content: user },
    { role: "assistant", content: assistant },
  ]),
];

/** An answer of a document, and which of its tokens are the answer: [from, to). */
export interface Answer {
  readonly turn: WorldDocument["turns"][number];
  readonly from: number;
  readonly to: number;
}

/** In the order of their turns. */
export function* answersOf({ document, ids, answer }: EncodedDocument): Generator<Answer> {
  let at = 0;
  for (const turn of document.turns) {
    while (at < ids.length && !answer[at]) at++;
    const from = at;
    while (at < ids.length && answer[at]) at++;
    if (at > from) yield { turn, from, to: at };
  }
}

/** A document of the pre-training corpus as the model reads it; longer ones than it can read are drawn again. */
export function drawDocument(model: LocalModel, random: Random): EncodedDocument {
  for (;;) {
    const document = sampleDocument(random);
    const { ids, answer } = model.encode(messagesOf(document));
    if (ids.length <= model.folder.config.maxPositions) return { document, ids, answer };
  }
}

export interface Portion {
  /** [tokens, width], in random order. */
  readonly data: Float32Array;
  readonly tokens: number;
}

export interface PortionPlan {
  readonly layer: number;
  readonly seed: number;
  /** A portion holds a whole number of batches. */
  readonly batch: number;
}

/** Tokens of one portion. */
export function portionTokens(width: number, batch: number): number {
  const most = Math.min(MOST_TOKENS, Math.floor(MOST_NUMBERS / width));
  return Math.max(1, Math.floor(most / batch)) * batch;
}

/** Reads a portion of exactly {@link portionTokens} tokens. */
export async function readPortion(
  model: LocalModel,
  { layer, seed, batch }: PortionPlan,
  number: number,
  signal?: AbortSignal,
): Promise<Portion> {
  const { width } = model.folder.config;
  const tokens = portionTokens(width, batch);
  const data = new Float32Array(tokens * width);
  const documents = Random.of("sae", seed, "documents", number);
  const places = Random.of("sae", seed, "order", number).shuffled(Array.from({ length: tokens }, (_, i) => i));
  for (let at = 0; at < tokens;) {
    const texts = Array.from({ length: READ_AT_ONCE }, () => drawDocument(model, documents).ids);
    const taps = await model.reader.activations(texts, [layer], signal && { signal });
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
