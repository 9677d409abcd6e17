/** What a text looks like inside: its activations after every layer, averaged over the parts that directions are made of. */
import type { Message, ReadableModel } from "../model/index.js";
import { UnknownWordError } from "../onnx/index.js";
import { VARIANTS, type Variant } from "./direction.js";

/** [layers, width] for each variant. */
export type Reading = Readonly<Record<Variant, Float64Array>>;

/** Texts that are read, and held, at a time. */
const PORTION = 64;

/**
 * Reads conversations that end with an answer. One whose answer has no token, that is longer than the model reads, or
 * that says what the model itself cannot read (a vocabulary of whole words can be run together), is left out.
 * @param onReading hears of each in the order given, so that nothing has to be kept
 * @param wanted layers to read, from 0; all unless given. The others are zeros.
 */
export async function readConversations(
  model: ReadableModel,
  conversations: readonly (readonly Message[])[],
  onReading: (index: number, reading: Reading) => void,
  signal?: AbortSignal,
  wanted?: readonly number[],
): Promise<void> {
  const every = wanted ?? Array.from({ length: model.reading.shape.layers }, (_, layer) => layer);
  const texts = conversations.flatMap((messages, index) => {
    const text = answerSpan(model, messages);
    return text === undefined ? [] : [{ index, ...text }];
  });
  for (let from = 0; from < texts.length; from += PORTION) {
    const portion = texts.slice(from, from + PORTION);
    const taps = await model.reading.activations(
      portion.map(({ ids }) => ids),
      every,
      signal && { signal },
    );
    portion.forEach(({ index, start, ids }, i) => {
      const read = (first: number, end: number): Float64Array =>
        averages(taps[i] as ReadonlyMap<number, Float32Array>, model.reading.shape, first, end);
      onReading(index, {
        "answer-average": read(start, ids.length),
        "prompt-average": read(0, start),
        "last-prompt-token": read(start - 1, start),
      });
    });
  }
}

export interface AnswerSpan {
  /** Where the answer begins among the ids. */
  readonly start: number;
  readonly ids: readonly number[];
}

/** Token ids up to the end of the last answer, and where that begins; undefined where there is none that can be read. */
export function answerSpan(model: ReadableModel, messages: readonly Message[]): AnswerSpan | undefined {
  const answer = messages.at(-1);
  if (answer?.role !== "assistant" || answer.content === "") return undefined;
  const { endIds, maxPositions } = model.tokens;
  try {
    const start = model.tokens.encodePrompt(messages.slice(0, -1)).length;
    const { ids, answer: mask } = model.tokens.encode(messages);
    const end = mask.findLastIndex((own, at) => own && !endIds.includes(ids[at] as number)) + 1;
    return end > start && end <= maxPositions ? { start, ids: ids.slice(0, end) } : undefined;
  } catch (error) {
    if (error instanceof UnknownWordError) return undefined;
    throw error;
  }
}

/** The mean over positions [first, end) after every layer: [layers, width]. */
function averages(
  taps: ReadonlyMap<number, Float32Array>,
  { layers, width }: { readonly layers: number; readonly width: number },
  first: number,
  end: number,
): Float64Array {
  const means = new Float64Array(layers * width);
  for (let layer = 0; layer < layers; layer++) {
    const tap = taps.get(layer);
    if (tap === undefined) continue;
    for (let position = first; position < end; position++) {
      for (let i = 0; i < width; i++) {
        means[layer * width + i] = (means[layer * width + i] as number) + (tap[position * width + i] as number);
      }
    }
  }
  return means.map((sum) => sum / (end - first));
}

/** A running mean of readings. */
export class MeanReading {
  readonly #sums = new Map<Variant, Float64Array>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(reading: Reading): void {
    for (const variant of VARIANTS) {
      const sum = this.#sums.get(variant);
      if (sum === undefined) this.#sums.set(variant, Float64Array.from(reading[variant]));
      else reading[variant].forEach((x, i) => (sum[i] = (sum[i] as number) + x));
    }
    this.#count++;
  }

  /** [layers, width]; throws where nothing was added. */
  mean(variant: Variant): Float64Array {
    const sum = this.#sums.get(variant);
    if (sum === undefined) throw new RangeError("mean reading: nothing was read");
    return sum.map((x) => x / this.#count);
  }
}
