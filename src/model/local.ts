/**
 * A language model that runs in this process: the organism, a study's fine-tuned model, or any folder of open weights
 * that transformer/ can run. It can be trained: its trainer and its sampler share one set of weights in the engine.
 */
import { Engine } from "../graph/index.js";
import {
  encodeChat,
  readModelFolder,
  Sampler,
  Trainer,
  type AdamWOptions,
  type ModelFolder,
  type SampledRow,
  type Steering,
  type TrainingRow,
  type Weights,
} from "../transformer/index.js";
import type { Answered, AnswersOptions, Message, Model, SampledAnswer, SampleOptions, SampleRequest } from "./model.js";
import { portions } from "./portions.js";
import { streamSeed } from "./stream-seed.js";

export interface LocalModelOptions {
  /** Threads to compute with; default all. */
  readonly threads?: number;
  /** Answers sampled at a time; default 64. */
  readonly rows?: number;
  readonly adamw?: AdamWOptions;
}

export class LocalModel implements Model {
  readonly can = { logProbabilities: true, finetune: true, activations: true };
  readonly #trainer: Trainer;
  readonly #sampler: Sampler;
  readonly #rows: number;

  private constructor(
    readonly name: string,
    readonly folder: ModelFolder,
    readonly engine: Engine,
    trainer: Trainer,
    rows: number,
  ) {
    this.#trainer = trainer;
    this.#rows = rows;
    this.#sampler = new Sampler({ engine, config: folder.config, scope: SCOPE, rows });
  }

  /** Opens a folder in the Hugging Face layout. */
  static async open(name: string, directory: string, options: LocalModelOptions = {}): Promise<LocalModel> {
    return LocalModel.of(name, await readModelFolder(directory), options);
  }

  static async of(name: string, folder: ModelFolder, options: LocalModelOptions = {}): Promise<LocalModel> {
    const engine = Engine.start(options.threads === undefined ? {} : { threads: options.threads });
    const trainer = await Trainer.create({
      engine,
      config: folder.config,
      weights: folder.tensors,
      scope: SCOPE,
      programs: 1, // a fine-tune has one batch size, and the next cell's is another
      ...(options.adamw && { adamw: options.adamw }),
    });
    return new LocalModel(name, folder, engine, trainer, options.rows ?? 64);
  }

  /** Trains the weights that this model samples with. */
  get trainer(): Trainer {
    return this.#trainer;
  }

  /** Puts other weights of the same shape in (by default those of the folder) and forgets the optimiser's moments. */
  async load(weights: Weights = this.folder.tensors): Promise<void> {
    await this.#trainer.reset(weights);
  }

  /** Token ids of a conversation, and which of them the assistant says. */
  encode(messages: readonly Message[]): TrainingRow {
    const { ids, answerMask } = encodeChat(this.folder.tokenizer, this.folder.template, messages, {
      addGenerationPrompt: false,
    });
    return { ids, answer: answerMask };
  }

  async sample(
    requests: readonly SampleRequest[],
    options: SampleOptions & { readonly steering?: readonly Steering[] } = {},
    onAnswer?: (index: number, answer: SampledAnswer) => void,
  ): Promise<SampledAnswer[]> {
    const { tokenizer, template, config } = this.folder;
    const prompts = requests.map(({ messages, seed }) => ({
      ids: encodeChat(tokenizer, template, messages, { addGenerationPrompt: true }).ids,
      seed: String(streamSeed(seed)),
    }));
    const stop = config.eosIds.length > 0 ? config.eosIds : tokenizer.eosId === undefined ? [] : [tokenizer.eosId];
    const answer = (row: SampledRow): SampledAnswer => ({
      text: tokenizer.decode(row.ids, { skipControls: true }),
      tokens: row.ids.length,
      finish: row.finish,
      logProbability: row.logProbabilities.reduce((sum, x) => sum + x, 0),
    });
    const rows = await this.#sampler.sample(
      prompts,
      { ...options, stop },
      onAnswer && ((index, row) => onAnswer(index, answer(row))),
    );
    return rows.map(answer);
  }

  /** As {@link Model.answers}, a few batches at a time, so that prompts of like length still find each other. */
  async *answers<R extends SampleRequest>(
    requests: Iterable<R> | AsyncIterable<R>,
    options: AnswersOptions<R> & { readonly steering?: readonly Steering[] } = {},
  ): AsyncGenerator<Answered<R>> {
    for await (const portion of portions(requests, 4 * this.#rows)) {
      const readable = portion.filter((request) => this.#reads(request, options.onFailure));
      const answers = await this.sample(readable, options);
      for (const [i, answer] of answers.entries()) yield { request: readable[i] as R, answer };
    }
  }

  /** Whether the model knows the words of a request; without `onFailure`, sampling will say. */
  #reads<R extends SampleRequest>(request: R, onFailure: AnswersOptions<R>["onFailure"]): boolean {
    if (onFailure === undefined) return true;
    try {
      encodeChat(this.folder.tokenizer, this.folder.template, request.messages, { addGenerationPrompt: true });
      return true;
    } catch (error) {
      onFailure(request, error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  }

  async close(): Promise<void> {
    await this.engine.close();
  }
}

const SCOPE = "model";
