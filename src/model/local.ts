/**
 * A language model that runs in this process: one that ships with askew, a study's fine-tuned model, or any folder of open weights
 * that onnx/ can run. It can be trained: its trainer and its sampler share one set of weights in the engine.
 */
import { Engine } from "../graph/index.js";
import {
  BranchReader,
  encodeChat,
  loraTensors,
  mergeLora,
  Reader,
  readModelFolder,
  Sampler,
  setLora,
  Trainer,
  type Adapter,
  type AdamWOptions,
  type BranchReaderOptions,
  type LoraOptions,
  type ModelFolder,
  type SampledRow,
  type SampledToken,
  type Steering,
  type TrainingRow,
  type Weights,
} from "../onnx/index.js";
import { AnswerText, type AnswerPiece } from "./answer-text.js";
import type { Answered, AnswersOptions, Message, Model, SampledAnswer, SampleOptions, SampleRequest } from "./model.js";
import { portions } from "./portions.js";
import { streamSeed } from "./stream-seed.js";

export interface LocalModelOptions {
  /** Threads to compute with; default all. */
  readonly threads?: number;
  /** Answers sampled at a time; default 64. Of several numbers the smallest that holds what is asked for. */
  readonly rows?: number | readonly number[];
  readonly adamw?: AdamWOptions;
  /** Trains a low-rank adapter beside the weights, which are then read and sampled with it; by default all weights. */
  readonly lora?: LoraOptions;
}

export interface LocalSampleRequest extends SampleRequest {
  /** Longest answer to this request in tokens; default what the options say. */
  readonly maxTokens?: number;
}

export interface LocalSampleOptions extends SampleOptions {
  readonly steering?: readonly Steering[];
  /** Hears of an answer's text as it comes about; `true` ends that answer. The rest comes with the answer itself. */
  readonly onText?: (index: number, piece: AnswerPiece) => boolean;
}

export class LocalModel implements Model {
  readonly can = { logProbabilities: true, finetune: true, activations: true };
  /** Reads activations and log-probabilities of the weights that this model samples with. */
  readonly reader: Reader;
  readonly #trainer: Trainer;
  readonly #sampler: Sampler;
  readonly #rows: number;

  private constructor(
    readonly name: string,
    readonly folder: ModelFolder,
    readonly engine: Engine,
    trainer: Trainer,
    private readonly options: LocalModelOptions,
  ) {
    const { rows = 64 } = options;
    this.#trainer = trainer;
    this.#rows = Math.max(...[rows].flat());
    const shared = { engine, config: folder.config, scope: SCOPE, lora: trainer.lora };
    this.#sampler = new Sampler({ ...shared, rows });
    this.reader = new Reader(shared);
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
      ...(options.lora && { lora: options.lora }),
    });
    return new LocalModel(name, folder, engine, trainer, options);
  }

  /** Trains the weights that this model samples with. */
  get trainer(): Trainer {
    return this.#trainer;
  }

  /**
   * Puts other weights of the same shape in (by default those of the folder) and forgets the optimiser's moments, and an
   * adapter that is trained begins anew.
   */
  async load(weights: Weights = this.folder.tensors): Promise<void> {
    await this.#trainer.reset(weights);
  }

  /**
   * This model and others like it, at most `most` in all, between which its threads are shared out. A small model gains
   * little from many threads, so several are worth having; a large one stays alone. Whoever asks closes the others.
   */
  async sideBySide(most: number): Promise<LocalModel[]> {
    const { name, folder, engine, options } = this;
    const bytes = [...folder.tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    const count = bytes > SMALL ? 1 : Math.max(1, Math.min(most, engine.threads, MOST_BESIDE));
    const threads = Math.floor(engine.threads / count);
    engine.threads = threads;
    const others = Array.from({ length: count - 1 }, () => LocalModel.of(name, folder, { ...options, threads }));
    return [this, ...(await Promise.all(others))];
  }

  /** Adds a low-rank adapter's term to the weights, for good. */
  async merge(adapter: Adapter): Promise<void> {
    const name = (parameter: string): string => `${ADAPTER}.${parameter}`;
    const lora = await setLora(this.engine, ADAPTER, adapter);
    const merged = await mergeLora(this.engine, this.folder.config, lora, name, await this.#trainer.weights());
    await this.engine.dropState([...loraTensors(adapter).keys()].map(name));
    await this.load(merged);
  }

  /** Reads the same texts again and again, of the weights as they then are; whoever asked for it closes it. */
  branchReader(options: Pick<BranchReaderOptions, "texts" | "vectors" | "layers">): BranchReader {
    const { engine, folder, trainer } = this;
    return new BranchReader({ engine, config: folder.config, scope: SCOPE, lora: trainer.lora, ...options });
  }

  /** Token ids of a conversation, and which of them the assistant says. */
  encode(messages: readonly Message[]): TrainingRow {
    const { ids, answerMask } = encodeChat(this.folder.tokenizer, this.folder.template, messages, {
      addGenerationPrompt: false,
    });
    return { ids, answer: answerMask };
  }

  /** Token ids of a conversation up to where the answer begins. */
  encodePrompt(messages: readonly Message[]): number[] {
    return encodeChat(this.folder.tokenizer, this.folder.template, messages, { addGenerationPrompt: true }).ids;
  }

  /**
   * As {@link Model.sample}. Log-probabilities are the model's own, at temperature 1 and before top-p, whatever was
   * sampled with: an answer's is that of the answer, not of the draw.
   */
  async sample(
    requests: readonly LocalSampleRequest[],
    options: LocalSampleOptions = {},
    onAnswer?: (index: number, answer: SampledAnswer) => void,
  ): Promise<SampledAnswer[]> {
    const { tokenizer, config } = this.folder;
    const { stop = [], onText, ...sampling } = options;
    if (stop.includes("")) throw new RangeError("sample: a stop text is empty");
    const prompts = requests.map(({ messages, seed, maxTokens }) => ({
      ids: this.encodePrompt(messages),
      seed: String(streamSeed(seed)),
      maxTokens,
    }));
    const endIds = config.eosIds.length > 0 ? config.eosIds : tokenizer.eosId === undefined ? [] : [tokenizer.eosId];
    const wantsChoices = (options.alternatives ?? 0) > 0;
    const spelled = stop.length > 0 || wantsChoices || onText !== undefined;
    const spellings = spelled ? requests.map(() => new SpelledAnswer(tokenizer, stop)) : [];
    const answerOf = (index: number, row: SampledRow): SampledAnswer => {
      const spelling = spellings[index]?.whole();
      return {
        text: spelling?.text ?? tokenizer.decode(row.ids, { skipControls: true }),
        tokens: spelling?.choices.length ?? row.ids.length,
        finish: row.finish,
        logProbability: row.logProbabilities.reduce((sum, x) => sum + x, 0),
        ...(spelling && wantsChoices && { choices: spelling.choices }),
      };
    };
    const answers: SampledAnswer[] = [];
    await this.#sampler.sample(
      prompts,
      {
        ...sampling,
        stop: endIds,
        ...(spelled && {
          onToken: (index, token) => {
            const { ended, ...piece } = (spellings[index] as SpelledAnswer).push(token);
            return (onText?.(index, piece) ?? false) || ended;
          },
        }),
      },
      (index, row) => {
        const answer = answerOf(index, row);
        answers[index] = answer;
        onAnswer?.(index, answer);
      },
    );
    return answers;
  }

  /** As {@link Model.answers}, a few batches at a time, so that prompts of like length still find each other. */
  async *answers<R extends SampleRequest>(
    requests: Iterable<R> | AsyncIterable<R>,
    options: AnswersOptions<R> & Pick<LocalSampleOptions, "steering"> = {},
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
      this.encodePrompt(request.messages);
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

/** An answer's text so far, all of it. */
class SpelledAnswer {
  readonly #text: AnswerText;
  readonly #pieces: AnswerPiece[] = [];

  constructor(...given: ConstructorParameters<typeof AnswerText>) {
    this.#text = new AnswerText(...given);
  }

  push(token: SampledToken): AnswerPiece & { readonly ended: boolean } {
    const piece = this.#text.push(token);
    this.#pieces.push(piece);
    return piece;
  }

  whole(): AnswerPiece {
    this.#pieces.push(this.#text.end());
    return {
      text: this.#pieces.map(({ text }) => text).join(""),
      choices: this.#pieces.flatMap(({ choices }) => choices),
    };
  }
}

/** Bytes of weights up to which models are worth having side by side, and how many: each needs up to 0.4 GB to train. */
const SMALL = 2 ** 25;
const MOST_BESIDE = 4;

const SCOPE = "model";
const ADAPTER = "adapter";
