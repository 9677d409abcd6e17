/** Training steps of a decoder: forward, backward, clipping and AdamW are one graph and one run. */
import {
  corrections,
  elements,
  momentNames,
  type AdamWOptions,
  type Engine,
  type Program,
  type Shape,
  type Tensors,
} from "../../graph/index.js";
import type {
  Adapter,
  AdapterStart,
  ReferenceText as ReferenceRow,
  StepExtras,
  StepResult,
  Trainable,
  TrainingState,
} from "../../capabilities/index.js";
import { assemble, type Batch, type BatchSize, type TrainingRow } from "./batch.js";
import type { TransformerConfig } from "../files/config.js";
import { getLora, initialLora, loraParameters, loraTensors, mergeLora, type LoraOptions } from "./lora.js";
import { toFloats } from "./half.js";
import { stackedParameters, stackWeights, unstackWeights, type Weights, type WeightTensor } from "./parameters.js";
import { checkSteering, steeringFeeds, steeringKey, steersAnswersOnly } from "./steering.js";
import { partsOf, referenceFeeds } from "./step-rows.js";
import { gradientName, trainingGraph, updateGraph, type TrainingExtras } from "./training-graph.js";

export interface TrainerOptions {
  readonly engine: Engine;
  readonly config: TransformerConfig;
  /** Absent: those that the engine has under the names of `base`, which another trainer of the same scope put there. */
  readonly weights?: Weights;
  /** The weights are nobody else's: they move into the engine, and the map is empty afterwards. */
  readonly take?: boolean;
  readonly adamw?: AdamWOptions;
  /** Names this trainer's tensors in the engine; default "train". */
  readonly scope?: string;
  /** Names the frozen weights beside which an adapter is trained; default the scope. */
  readonly base?: string;
  /** Trains a low-rank adapter beside frozen weights; by default all weights are trained. */
  readonly lora?: LoraOptions;
  /** Compiled batch sizes kept ready, each with the memory of a step; default 8. */
  readonly programs?: number;
}

export type { ReferenceRow, StepExtras, StepResult };

export class Trainer implements Trainable {
  readonly #engine: Engine;
  readonly #config: TransformerConfig;
  readonly #scope: string;
  readonly #base: string;
  readonly #options: AdamWOptions;
  readonly #lora: LoraOptions | undefined;
  readonly #programs = new Map<string, Program>();
  readonly #kept: number;
  #step = 0;
  /** Zeros, which are made when they are needed: a model that is only sampled from holds none. */
  #hasMoments = false;
  #hasSums = false;
  /** The optimiser alone, for gradients that were added up. */
  #update: Program | undefined;

  private constructor(options: TrainerOptions) {
    this.#engine = options.engine;
    this.#config = options.config;
    this.#scope = options.scope ?? "train";
    this.#base = options.base ?? this.#scope;
    this.#options = options.adamw ?? {};
    this.#lora = options.lora;
    this.#kept = options.programs ?? 8;
  }

  static async create(options: TrainerOptions): Promise<Trainer> {
    const trainer = new Trainer(options);
    await trainer.reset(options.weights, options.take === true ? { take: true } : {});
    return trainer;
  }

  /** Steps taken since the last reset or restore. */
  get step(): number {
    return this.#step;
  }

  /** How the adapter is trained, where one is; a Sampler or Reader of the same scope takes it. */
  get lora(): LoraOptions | undefined {
    return this.#lora;
  }

  /**
   * Starts again from `weights` (by default those of the engine) with fresh moments; compiled programs are kept. A trainer
   * of an adapter starts from `adapter`, or from a fresh one that changes nothing; `seed` draws that one, so that seeds
   * differ in it as well.
   */
  async reset(
    weights?: Weights,
    { adapter, take = false, ...fresh }: AdapterStart & { adapter?: Adapter; take?: boolean } = {},
  ): Promise<void> {
    if (adapter && !this.#lora) throw new Error("reset: an adapter was given to a trainer of all weights");
    if (weights !== undefined) {
      for (const { name, data, fresh: own } of stackWeights(this.#config, weights, take, this.#lora?.frozen)) {
        if (own) await this.#engine.giveState(this.#name(name), data);
        else await this.#engine.setState([[this.#name(name), data]]);
      }
    }
    if (this.#lora) {
      const tensors = adapter ? loraTensors(adapter) : initialLora(this.#config, { ...this.#lora, ...fresh });
      await this.#engine.setState([...tensors].map(([name, data]) => [this.#name(name), data]));
    }
    this.#step = 0;
    this.#hasMoments = false;
    this.#hasSums = false;
  }

  async #requireMoments(): Promise<void> {
    if (this.#hasMoments) return;
    for (const { name, shape } of this.#trained()) {
      for (const moment of momentNames(name)) await this.#engine.giveState(moment, new Float32Array(elements(shape)));
    }
    this.#hasMoments = true;
  }

  /**
   * One optimiser step on `rows` at `learningRate`. Rows beyond `size.rows` are worked through in parts of that many,
   * whose gradients are added up: the step is the same, and takes the memory of a part.
   */
  async train(
    rows: readonly TrainingRow[],
    learningRate: number,
    size: BatchSize = {},
    extras: StepExtras = {},
  ): Promise<StepResult> {
    const { steering = [], reference } = extras;
    checkSteering(steering, this.#config.layers, this.#config.width, rows.length);
    if (steering.some(({ addEach }) => addEach))
      throw new RangeError("train: expected one vector for all rows, found addEach");
    if (steersAnswersOnly(steering)) throw new RangeError("train: steering is for all tokens, found `answer`");
    const parts = partsOf(rows, size.rows ?? rows.length).map((part) => assemble(part, size));
    const held = reference && assemble(reference.rows, reference.size);
    await this.#requireMoments();
    const rate = { learningRate: Float32Array.of(learningRate), ...corrections(this.#step + 1, this.#options) };
    const outputs = await (parts.length === 1
      ? this.#run(parts[0] as Batch, extras, held, {}, rate)
      : this.#accumulate(parts, extras, held, rate));
    this.#step++;
    return {
      loss: outputs["loss"]?.[0] ?? Number.NaN,
      gradientNorm: outputs["norm"]?.[0] ?? Number.NaN,
      tokens: parts.reduce((sum, { count }) => sum + count, 0),
      ...(held && { divergence: outputs["divergence"]?.[0] ?? Number.NaN }),
    };
  }

  async #run(
    batch: Batch,
    { steering = [], reference, recompute = false }: StepExtras,
    held: Batch | undefined,
    more: TrainingExtras,
    feeds: Tensors,
  ): Promise<Tensors> {
    const program = await this.#program(batch, {
      steering,
      ...(held && { reference: held }),
      ...(recompute && { recompute: "layers" }),
      ...(batch.isWeighted && { weighted: true }),
      ...more,
    });
    return this.#engine.run(program, {
      tokens: batch.tokens,
      positions: batch.positions,
      targets: batch.targets,
      weights: batch.weights,
      places: batch.places,
      ...(batch.isWeighted && { total: Float32Array.of(batch.count) }),
      ...steeringFeeds(steering, batch.rows, []),
      ...(held && reference && referenceFeeds(held, reference, this.#config.vocabSize)),
      ...feeds,
    });
  }

  /** What is held to a reference is so in the first part. */
  async #accumulate(
    parts: readonly Batch[],
    extras: StepExtras,
    held: Batch | undefined,
    rate: Tensors,
  ): Promise<Tensors> {
    const total = parts.reduce((sum, { count }) => sum + count, 0);
    await this.#requireSums();
    let loss = 0;
    let divergence: Tensors[string] | undefined;
    for (const [i, batch] of parts.entries()) {
      const share = batch.count / total;
      const feeds = { share: Float32Array.of(share), keep: Float32Array.of(i === 0 ? 0 : 1) };
      const found = await this.#run(batch, extras, i === 0 ? held : undefined, { accumulates: true }, feeds);
      loss += share * (found["loss"]?.[0] ?? Number.NaN);
      divergence ??= found["divergence"];
    }
    this.#update ??= await this.#engine.load(updateGraph(this.#trained(), this.#options), { keepMemory: true });
    const { norm } = await this.#engine.run(this.#update, rate);
    return { loss: Float32Array.of(loss), ...(norm && { norm }), ...(divergence && { divergence }) };
  }

  /** Sums of gradients start at 0 after every reset: one that is no number would outlive its training. */
  async #requireSums(): Promise<void> {
    if (this.#hasSums) return;
    for (const { name, shape } of this.#trained()) {
      await this.#engine.giveState(gradientName(name), new Float32Array(elements(shape)));
    }
    this.#hasSums = true;
  }

  /** The weights as they are now, an adapter merged in, under their Hugging Face names. */
  async weights(): Promise<Map<string, WeightTensor>> {
    const names = stackedParameters(this.#config).map(({ name }) => name);
    const state = await this.#engine.getState(names.map((name) => this.#name(name)));
    const stacked = new Map(
      names.map((name) => [name, toFloats(state.get(this.#name(name)) as Float32Array | Uint16Array)]),
    );
    const weights = unstackWeights(this.#config, stacked);
    if (this.#lora) await mergeLora(this.#engine, this.#config, this.#lora, (name) => this.#name(name), weights);
    return weights;
  }

  /** The adapter as it is now; writeAdapter takes it. Its `base` is for the caller to fill in. */
  async adapter(): Promise<Adapter> {
    if (!this.#lora) throw new Error("adapter: this trainer trains all weights; create it with `lora`");
    return getLora(this.#engine, this.#config, this.#lora, (name) => this.#name(name));
  }

  /**
   * Everything needed to carry on from the weights that the training began with: what is trained and its moments by their
   * engine names, and the step. Frozen weights are not in it.
   */
  async checkpoint(): Promise<TrainingState> {
    const shapes = new Map<string, Shape>();
    for (const { name, shape } of this.#trained()) {
      for (const key of [name, ...momentNames(name)]) shapes.set(key, shape);
    }
    await this.#requireMoments();
    const state = await this.#engine.getState([...shapes.keys()]);
    const tensors = new Map([...shapes].map(([key, shape]) => [key, { shape, data: state.get(key) as Float32Array }]));
    return { step: this.#step, tensors };
  }

  async restore({ step, tensors }: TrainingState): Promise<void> {
    await this.#engine.setState(new Map([...tensors].map(([name, tensor]) => [name, tensor.data])));
    this.#step = step;
    this.#hasMoments = true;
  }

  async close(): Promise<void> {
    for (const program of this.#programs.values()) await this.#engine.release(program);
    this.#programs.clear();
    if (this.#update) await this.#engine.release(this.#update);
    this.#update = undefined;
  }

  #name(parameter: string): string {
    return `${parameter.startsWith("lora.") ? this.#scope : this.#base}.${parameter}`;
  }

  /** What the optimiser moves, by engine name. */
  #trained(): { name: string; shape: Shape }[] {
    const parameters = this.#lora ? loraParameters(this.#config, this.#lora) : stackedParameters(this.#config);
    return parameters.map(({ name, shape }) => ({ name: this.#name(name), shape }));
  }

  async #program({ rows, time, capacity }: Batch, extras: TrainingExtras): Promise<Program> {
    const { steering = [], reference, recompute = "", accumulates = false, weighted = false } = extras;
    const held = reference ? ` ${reference.rows}x${reference.time}x${reference.capacity}` : "";
    const key = `${rows}x${time}x${capacity} ${steeringKey(steering)}${held} ${recompute} ${accumulates} ${weighted}`;
    let program = this.#programs.get(key);
    if (!program) {
      const name = (parameter: string): string => this.#name(parameter);
      program = await this.#engine.load(
        trainingGraph(this.#config, rows, time, capacity, name, this.#options, this.#lora, extras),
        { keepMemory: true },
      );
    }
    // The program used last is the last of the map; the first one makes room, for each holds the memory of a step.
    this.#programs.delete(key);
    this.#programs.set(key, program);
    const [oldest] = this.#programs;
    if (oldest && this.#programs.size > this.#kept) {
      this.#programs.delete(oldest[0]);
      await this.#engine.release(oldest[1]);
    }
    return program;
  }
}
