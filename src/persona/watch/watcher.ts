/**
 * A watcher looks into a model that is being trained: it reads the probes, all in one pass, and says in a few numbers
 * where the model stands. It changes nothing, and costs one forward pass over short texts.
 */
import type { LocalModel, Message } from "../../model/index.js";
import type { Reader } from "../../transformer/index.js";
import { normOf, vectorAt, type Direction } from "../direction.js";
import { SaeEncoder } from "../sae/encoder.js";
import type { Sae } from "../sae/sae.js";
import { WatchError } from "./error.js";
import type { Probe } from "./probes.js";
import { RotationMeter } from "./rotation.js";

/**
 * - `prompt.L`, `answer.L`: the residual stream after layer L along the direction's unit vector, at the prompt's last token and
 *   averaged over the continuations, in activations' units
 * - `aligned`, `misaligned`: mean log-probability of a continuation's token, in nats; `margin`: misaligned − aligned
 * - `latent.N`: a latent of an autoencoder, averaged over the prompt's last token and the continuations
 * - `rotation.first`, `rotation.previous`: cosines of an adapter's vectors, see {@link RotationMeter}
 */
export type Signals = Readonly<Record<string, number>>;

export interface WatcherOptions {
  readonly direction: Pick<Direction, "layers" | "width" | "vectors">;
  readonly probes: readonly Probe[];
  readonly sae?: { readonly sae: Sae; readonly latents: readonly number[] };
}

interface Text {
  readonly ids: readonly number[];
  /** Where the continuation begins. */
  readonly start: number;
  readonly side: "aligned" | "misaligned";
}

export class Watcher {
  readonly #texts: readonly Text[];
  readonly #units: readonly Float32Array[];
  readonly #reader: Reader;
  #rotation = new RotationMeter();

  private constructor(
    private readonly model: LocalModel,
    private readonly options: WatcherOptions,
    private readonly encoder: SaeEncoder | undefined,
  ) {
    this.#texts = options.probes.flatMap(({ prompt, ...said }) =>
      (["aligned", "misaligned"] as const).map((side) => textOf(model, prompt, said[side], side)),
    );
    this.#units = Array.from({ length: options.direction.layers }, (_, layer) => {
      const vector = vectorAt(options.direction, layer);
      const norm = normOf(vector);
      return vector.map((x) => x / norm);
    });
    this.#reader = model.readerOf(this.#texts.length);
  }

  /** The direction and the autoencoder must be the model's: see requireFit and requireSaeFit. */
  static async open(model: LocalModel, options: WatcherOptions): Promise<Watcher> {
    const { layers, width } = model.folder.config;
    if (options.direction.layers !== layers || options.direction.width !== width) {
      const { direction } = options;
      throw new WatchError(
        `watch: the direction has ${direction.layers} layers of width ${direction.width}, ${model.name} has ${layers} of ${width}`,
      );
    }
    return new Watcher(model, options, options.sae && (await SaeEncoder.open(options.sae.sae, model)));
  }

  /** Reads the model as it is now. */
  async measure(signal?: AbortSignal): Promise<Signals> {
    const { layers } = this.options.direction;
    const every = Array.from({ length: layers }, (_, layer) => layer);
    const readings = await this.#reader.readings(
      this.#texts.map(({ ids }) => ids),
      every,
      signal && { signal },
    );
    const signals: Record<string, number> = {};
    const add = (name: string, value: number, count: number): void => {
      signals[name] = (signals[name] ?? 0) + value / count;
    };
    const texts = this.#texts.length;
    for (const [i, { ids, start, side }] of this.#texts.entries()) {
      const { activations, logProbabilities } = readings[i] as (typeof readings)[number];
      for (const layer of every) {
        const unit = this.#units[layer] as Float32Array;
        const along = alongOf(activations.get(layer) as Float32Array, unit, start - 1);
        add(`prompt.${layer}`, along[0] as number, texts);
        add(`answer.${layer}`, meanFrom(along, 1), texts);
      }
      add(side, meanFrom(logProbabilities.subarray(0, ids.length - 1), start - 1), texts / 2);
    }
    signals["margin"] = (signals["misaligned"] as number) - (signals["aligned"] as number);
    await this.#latents(readings, add);
    await this.#adapter(signals);
    return signals;
  }

  /** Forgets how an adapter stood: another fine-tune begins. */
  begin(): void {
    this.#rotation = new RotationMeter();
  }

  async close(): Promise<void> {
    await this.encoder?.close();
    await this.#reader.close();
  }

  async #latents(
    readings: readonly { readonly activations: ReadonlyMap<number, Float32Array> }[],
    add: (name: string, value: number, count: number) => void,
  ): Promise<void> {
    const { sae } = this.options;
    if (sae === undefined || this.encoder === undefined) return;
    const { size, layer } = sae.sae.recipe;
    const { width } = this.options.direction;
    const parts = readings.map(({ activations }, i) =>
      (activations.get(layer) as Float32Array).subarray(((this.#texts[i] as Text).start - 1) * width),
    );
    const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let place = 0;
    for (const part of parts) {
      joined.set(part, place);
      place += part.length;
    }
    const latents = await this.encoder.encode(joined);
    const tokens = joined.length / width;
    for (const latent of sae.latents) {
      let sum = 0;
      for (let token = 0; token < tokens; token++) sum += latents[token * size + latent] as number;
      add(`latent.${latent}`, sum, tokens);
    }
  }

  async #adapter(signals: Record<string, number>): Promise<void> {
    if (this.model.trainer.lora === undefined) return;
    const { first, previous } = this.#rotation.measure(await this.model.trainer.adapter());
    signals["rotation.first"] = first;
    signals["rotation.previous"] = previous;
  }
}

function textOf(model: LocalModel, prompt: string, said: string, side: Text["side"]): Text {
  const user: Message = { role: "user", content: prompt };
  const start = model.encodePrompt([user]).length;
  const { ids, answer } = model.encode([user, { role: "assistant", content: said }]);
  const { eosIds } = model.folder.config;
  const end = answer.findLastIndex((own, at) => own && !eosIds.includes(ids[at] as number)) + 1;
  if (end <= start) throw new WatchError(`watch: a continuation of the probe ${JSON.stringify(prompt)} has no token`);
  return { ids: ids.slice(0, end), start, side };
}

/** Projections of positions from `first` on. */
function alongOf(tap: Float32Array, unit: Float32Array, first: number): Float64Array {
  const { length: width } = unit;
  return Float64Array.from({ length: tap.length / width - first }, (_, position) => {
    const place = (first + position) * width;
    let sum = 0;
    for (let i = 0; i < width; i++) sum += (tap[place + i] as number) * (unit[i] as number);
    return sum;
  });
}

function meanFrom(values: ArrayLike<number>, first: number): number {
  let sum = 0;
  for (let i = first; i < values.length; i++) sum += values[i] as number;
  return sum / (values.length - first);
}
