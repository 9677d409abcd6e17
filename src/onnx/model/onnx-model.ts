/**
 * A language model that runs in this process: one that ships with askew, a study's fine-tuned model, or any folder of open weights
 * that onnx/ can run. It can be trained: its trainer and its sampler share one set of weights in the engine.
 */
import type {
  Abilities,
  Adapter,
  Answered,
  AnswersOptions,
  EncodedText,
  LoraOptions,
  Message,
  ModelSource,
  OpenWeightsModel,
  Reading,
  SampledAnswer,
  SampleRequest,
  Steering,
  TemplateVariables,
  Training,
  Weights,
} from "../../capabilities/index.js";
import { Engine, type AdamWOptions } from "../../graph/index.js";
import type { ModelFolder } from "../files/folder.js";
import { parameterCount } from "../network/parameters.js";
import { Reader } from "../network/reader.js";
import { Sampler } from "../network/sampler.js";
import { Trainer } from "../network/trainer.js";
import { templateWith } from "../tokens/chat-template.js";
import { Answering, type SteeredOptions } from "./answering.js";
import { OnnxReading } from "./reading.js";
import { FolderTokens } from "./tokens.js";
import { bytesOf, readAgain, readWithWeights, SCOPE, type OpenedFolder, type OwnWeights } from "./opened-weights.js";
import { OnnxTraining } from "./training.js";
import { weightsHash } from "./weights-hash.js";

export interface OnnxModelOptions {
  /** Threads to compute with; default all. */
  readonly threads?: number;
  /** Answers sampled at a time; default 64. Of several numbers the smallest that holds what is asked for. */
  readonly rows?: number | readonly number[];
  readonly adamw?: AdamWOptions;
  /** A safetensors file of weights of the same shape, in place of the folder's. */
  readonly weights?: string;
  /** Trains a low-rank adapter beside the weights, which are then read and sampled with it; by default all weights. */
  readonly lora?: LoraOptions;
  /** Variables of the chat template, such as `{enable_thinking: false}`; default what the template itself sets. */
  readonly templateVariables?: TemplateVariables | undefined;
}

export class OnnxModel implements OpenWeightsModel {
  readonly can: Abilities = { logProbabilities: true, finetune: true, activations: true };
  readonly source: ModelSource;
  readonly tokens: FolderTokens;
  readonly training: Training;
  readonly reading: Reading;
  readonly steering: Steering;
  /** Reads activations and log-probabilities of the weights that this model samples with. */
  readonly reader: Reader;
  readonly #answering: Answering;

  private constructor(
    readonly name: string,
    readonly folder: OpenedFolder,
    readonly engine: Engine,
    /** Trains the weights that this model samples with. */
    readonly trainer: Trainer,
    private readonly options: OnnxModelOptions,
    private readonly opened: () => Promise<OwnWeights>,
  ) {
    const { rows = 64 } = options;
    const { lora } = trainer;
    const shared = { engine, config: folder.config, scope: SCOPE, lora };
    const sampler = new Sampler({ ...shared, rows });
    const reader = new Reader(shared);
    this.reader = reader;
    this.source = {
      sha256: weightsHash(folder),
      files: Object.fromEntries(folder.files.map((file) => [file.name, file.sha256])),
    };
    this.tokens = new FolderTokens(folder);
    this.#answering = new Answering({
      tokens: this.tokens,
      tokenizer: folder.tokenizer,
      config: folder.config,
      rows: Math.max(...[rows].flat()),
      draw: (...call) => sampler.sample(...call),
    });
    this.training = new OnnxTraining(engine, folder, trainer, opened);
    this.reading = new OnnxReading({ engine, folder, scope: SCOPE, lora, reader });
    this.steering = {
      sample: (requests, steering, how, onAnswer) => this.sample(requests, { ...how, steering }, onAnswer),
      activations: (texts, layers, steering, how) => reader.activations(texts, layers, { ...how, steering }),
      logProbabilities: (texts, steering, how) => reader.logProbabilities(texts, { ...how, steering }),
    };
  }

  get threads(): number {
    return this.engine.threads;
  }

  /** Opens a folder in the Hugging Face layout, a GGUF file, or one of these with an adapter: `BASE+ADAPTER`. */
  static async open(name: string, path: string, options: OnnxModelOptions = {}): Promise<OnnxModel> {
    const model = await readWithWeights(path, options.weights);
    if (bytesOf(model.tensors) <= SMALL) return OnnxModel.of(name, model, options);
    // The weights are in memory once, in the engine; whoever wants them as they were reads the files again.
    const { tensors, ...folder } = model;
    const opened = (): Promise<OwnWeights> => readAgain(path, options.weights, folder);
    return OnnxModel.#start(name, folder, { weights: tensors, take: true }, opened, options);
  }

  static of(name: string, { tensors, ...folder }: ModelFolder, options: OnnxModelOptions = {}): Promise<OnnxModel> {
    const weights = { weights: tensors, take: false };
    return OnnxModel.#start(name, folder, weights, () => Promise.resolve(weights), options);
  }

  static async #start(
    name: string,
    given: OpenedFolder,
    weights: OwnWeights,
    opened: () => Promise<OwnWeights>,
    options: OnnxModelOptions,
  ): Promise<OnnxModel> {
    const folder = { ...given, template: templateWith(given.template, options.templateVariables ?? {}) };
    const engine = Engine.start(options.threads === undefined ? {} : { threads: options.threads });
    const trainer = await Trainer.create({
      engine,
      config: folder.config,
      ...weights,
      scope: SCOPE,
      programs: 1, // a fine-tune has one batch size, and the next cell's is another
      ...(options.adamw && { adamw: options.adamw }),
      ...(options.lora && { lora: options.lora }),
    });
    return new OnnxModel(name, folder, engine, trainer, options, opened);
  }

  /** The weights that it was opened with, whatever it was trained to since. */
  async weightsAsOpened(): Promise<Weights> {
    return (await this.opened()).weights;
  }

  /** See {@link Training.load}. */
  load(weights?: Weights): Promise<void> {
    return this.training.load(weights);
  }

  /** See {@link Training.merge}. */
  merge(adapter: Adapter): Promise<void> {
    return this.training.merge(adapter);
  }

  /**
   * This model and others like it, at most `most` in all, between which its threads are shared out. A small model gains
   * little from many threads, so several are worth having; a large one stays alone. Whoever asks closes the others.
   */
  async sideBySide(most: number): Promise<OnnxModel[]> {
    const { name, folder, engine, options } = this;
    const bytes = 4 * parameterCount(folder.config);
    const count = bytes > SMALL ? 1 : Math.max(1, Math.min(most, engine.threads, MOST_BESIDE));
    if (count === 1) return [this];
    const threads = Math.floor(engine.threads / count);
    engine.threads = threads;
    const tensors = await this.weightsAsOpened();
    const others = Array.from({ length: count - 1 }, () =>
      OnnxModel.of(name, { ...folder, tensors }, { ...options, threads }),
    );
    return [this, ...(await Promise.all(others))];
  }

  /** See {@link Tokens.encode}. */
  encode(messages: readonly Message[]): EncodedText {
    return this.tokens.encode(messages);
  }

  /** See {@link Tokens.encodePrompt}. */
  encodePrompt(messages: readonly Message[]): number[] {
    return this.tokens.encodePrompt(messages);
  }

  /** As {@link Model.sample}; see {@link Answering.sample}. */
  sample(
    requests: readonly SampleRequest[],
    options?: SteeredOptions,
    onAnswer?: (index: number, answer: SampledAnswer) => void,
  ): Promise<SampledAnswer[]> {
    return this.#answering.sample(requests, options, onAnswer);
  }

  answers<R extends SampleRequest>(
    requests: Iterable<R> | AsyncIterable<R>,
    options?: AnswersOptions<R> & Pick<SteeredOptions, "steering">,
  ): AsyncGenerator<Answered<R>> {
    return this.#answering.answers(requests, options);
  }

  async close(): Promise<void> {
    await this.engine.close();
  }
}

/** Bytes of weights up to which models are worth having side by side, and how many: each needs up to 0.4 GB to train. */
const SMALL = 2 ** 25;
const MOST_BESIDE = 4;
