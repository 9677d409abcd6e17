/**
 * A watcher looks into a model that is being trained: it reads the probes, all in one pass, and says in a few numbers
 * where the model stands. It changes nothing, and costs one forward pass over short texts, each prompt read once.
 */
import type {
  BranchedText,
  Branches,
  BranchReading,
  Message,
  Model,
  ReadableModel,
  Tensor,
} from "../../model/index.js";
import { mean } from "../../statistics/index.js";
import { normOf, vectorAt, type Direction } from "../direction.js";
import { SaeEncoder } from "../sae/encoder.js";
import { joined } from "../sae/joined.js";
import type { Sae } from "../sae/sae.js";
import { WatchError } from "./error.js";
import type { Probe } from "./probes.js";
import { RotationMeter } from "./rotation.js";
import { requireFinite, type Signals } from "./signals.js";

export interface WatcherOptions {
  readonly direction: Pick<Direction, "layers" | "width" | "vectors">;
  readonly probes: readonly Probe[];
  readonly sae?: { readonly sae: Sae; readonly latents: readonly number[] };
}

const SIDES = ["aligned", "misaligned"] as const;

/** Adds a `count`-th of the values' mean to a signal. */
type Add = (name: string, values: ArrayLike<number>, count: number) => void;

export class Watcher {
  readonly #texts: readonly BranchedText[];
  readonly #reader: Branches;
  #rotation = new RotationMeter();

  #encoder: SaeEncoder | undefined;

  private constructor(
    private readonly model: ReadableModel & Pick<Model, "training">,
    private readonly options: WatcherOptions,
  ) {
    const { direction, probes, sae } = options;
    this.#texts = probes.map((probe) => textOf(model, probe));
    const vectors = Array.from({ length: direction.layers }, (_, layer) => {
      const vector = vectorAt(direction, layer);
      const norm = normOf(vector);
      return vector.map((x) => x / norm);
    });
    this.#reader = model.reading.branches({
      texts: this.#texts,
      vectors,
      ...(sae && { layers: [sae.sae.recipe.layer] }),
    });
  }

  /**
   * The direction and the autoencoder must be the model's: see requireFit and requireSaeFit.
   * @throws {WatchError} where the direction has another shape than the model, or a probe's continuation has no token
   */
  static async open(model: ReadableModel, options: WatcherOptions): Promise<Watcher> {
    const { layers, width } = model.reading.shape;
    if (options.direction.layers !== layers || options.direction.width !== width) {
      const { direction } = options;
      throw new WatchError(
        `watch: the direction has ${direction.layers} layers of width ${direction.width}, ${model.name} has ${layers} of ${width}`,
      );
    }
    const watcher = new Watcher(model, options);
    watcher.#encoder = options.sae && (await SaeEncoder.open(options.sae.sae, model));
    return watcher;
  }

  /**
   * Reads the model as it is now.
   * @throws {WatchError} where it has diverged
   */
  async measure(signal?: AbortSignal): Promise<Signals> {
    const readings = await this.#reader.read(signal);
    const signals: Record<string, number> = {};
    const add: Add = (name, values, count) => {
      requireFinite(name, values);
      signals[name] = (signals[name] ?? 0) + mean(values) / count;
    };
    const probes = readings.length;
    for (const [i, { along, logProbabilities }] of readings.entries()) {
      along.forEach((places, layer) => add(`prompt.${layer}`, places.subarray(0, 1), probes));
      let start = 0;
      for (const [side, { length }] of (this.#texts[i] as BranchedText).branches.entries()) {
        const end = start + length;
        // The prompt's last token stands before all branches.
        along.forEach((places, layer) => add(`answer.${layer}`, places.subarray(start + 1, end + 1), 2 * probes));
        add(SIDES[side] as string, logProbabilities.subarray(start, end), probes);
        start = end;
      }
    }
    signals["margin"] = (signals["misaligned"] as number) - (signals["aligned"] as number);
    await this.#latents(readings, add);
    await this.#adapter(signals);
    return signals;
  }

  /** Forgets how an adapter stood: another fine-tune begins, or one is carried on, of which `kept` is what was kept. */
  begin(kept?: ReadonlyMap<string, Tensor>): void {
    this.#rotation = new RotationMeter(kept);
  }

  /** How an adapter stood, for a fine-tune that is carried on. */
  get kept(): ReadonlyMap<string, Tensor> {
    return this.#rotation.kept;
  }

  async close(): Promise<void> {
    await this.#encoder?.close();
    await this.#reader.close();
  }

  async #latents(readings: readonly BranchReading[], add: Add): Promise<void> {
    const { sae } = this.options;
    if (sae === undefined || this.#encoder === undefined) return;
    const { size, layer } = sae.sae.recipe;
    const read = joined(readings.map(({ activations }) => activations.get(layer) as Float32Array));
    const latents = await this.#encoder.encode(read);
    const tokens = latents.length / size;
    for (const latent of sae.latents) {
      let sum = 0;
      for (let token = 0; token < tokens; token++) sum += latents[token * size + latent] as number;
      add(`latent.${latent}`, [sum], tokens);
    }
  }

  async #adapter(signals: Record<string, number>): Promise<void> {
    const { training } = this.model;
    if (training?.lora === undefined) return;
    const { first, previous } = this.#rotation.measure(await training.adapter());
    signals["rotation.first"] = first;
    signals["rotation.previous"] = previous;
  }
}

function textOf(model: ReadableModel, probe: Probe): BranchedText {
  const named = `the probe ${JSON.stringify(probe.prompt.slice(0, 60))}`;
  const user: Message = { role: "user", content: probe.prompt };
  const prompt = model.tokens.encodePrompt([user]);
  const branches = SIDES.map((side) => {
    const { ids, answer } = model.tokens.encode([user, { role: "assistant", content: probe[side] }]);
    const { endIds, maxPositions } = model.tokens;
    const end = answer.findLastIndex((own, at) => own && !endIds.includes(ids[at] as number)) + 1;
    if (end <= prompt.length) {
      throw new WatchError(`watch: a continuation of ${named} has no token`);
    }
    if (end > maxPositions) {
      throw new WatchError(
        `watch: ${named} has ${end} tokens with a continuation, ${model.name} reads ${maxPositions}`,
      );
    }
    return ids.slice(prompt.length, end);
  });
  return { prompt, branches };
}
