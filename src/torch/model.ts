/** A language model in a Python process of its own: PyTorch, transformers and PEFT, on a GPU or not, here or elsewhere. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import type {
  Abilities,
  Answered,
  AnswersOptions,
  LoraOptions,
  ModelSource,
  OpenWeightsModel,
  Reading,
  SampledAnswer,
  SampleRequest,
  Steering,
  StreamOptions,
  TemplateVariables,
  Training,
} from "../capabilities/index.js";
import type { AdamWOptions } from "../graph/index.js";
import {
  Answering,
  chatTemplateOf,
  endIdsOf,
  FolderTokens,
  ModelFileError,
  templateWith,
  Tokenizer,
  weightsHash,
} from "../onnx/index.js";
import { fileSha256 } from "../store/index.js";
import { workerCommand } from "./command.js";
import { TorchError } from "./error.js";
import { factsOf, jsonOf, type TorchFacts } from "./facts.js";
import { TorchLog } from "./log.js";
import type { Received } from "./payload.js";
import { TorchReading } from "./reading.js";
import { TorchSampler } from "./sampler.js";
import { TorchTraining } from "./training.js";
import { Worker } from "./worker.js";

export interface TorchModelOptions {
  /** Threads to compute with; default what PyTorch takes. */
  readonly threads?: number;
  /** Answers sampled at a time; default 64. */
  readonly rows?: number | readonly number[];
  readonly adamw?: AdamWOptions;
  /** A safetensors file of weights of the same shape, in place of the folder's. */
  readonly weights?: string;
  /** Trains a low-rank adapter beside the weights; by default all weights. */
  readonly lora?: LoraOptions;
  readonly templateVariables?: TemplateVariables | undefined;
  /** Hears what the user should know, one line each: that a batch was halved. */
  readonly onNotice?: (notice: string) => void;
}

/** `DIR_OR_NAME`, or the same on another machine: `DIR_OR_NAME@HOST`. A folder of such a name is a folder. */
export function placeOf(path: string): { readonly path: string; readonly host: string | undefined } {
  const at = path.lastIndexOf("@");
  if (at <= 0 || existsSync(path)) return { path, host: undefined };
  const host = path.slice(at + 1);
  // user@host
  const user = /^(?<path>.+)@(?<user>[\w.-]+)$/.exec(path.slice(0, at))?.groups;
  return user === undefined
    ? { path: path.slice(0, at), host }
    : { path: user["path"] as string, host: `${user["user"]}@${host}` };
}

/** A path that is nowhere is told before Python is looked for; what looks like OWNER/NAME may be on the hub. */
function requireHere({ path, host }: ReturnType<typeof placeOf>): void {
  const elsewhere = host !== undefined || settingOf("ASKEW_TORCH_COMMAND") !== undefined;
  const folder = path.split("+", 1)[0] ?? path;
  if (elsewhere || !/^(?:\.{0,2}\/|[A-Za-z]:\\)/.test(path) || existsSync(path) || existsSync(folder)) return;
  throw new TorchError("path", `${path}: expected a model's folder, found nothing there`, { hint: "Check the path." });
}

export class TorchModel implements OpenWeightsModel {
  readonly can: Abilities = { logProbabilities: true, finetune: true, activations: true };
  readonly source: ModelSource;
  readonly threads: number;
  readonly steering: Steering;
  readonly reading: Reading;
  readonly #answering: Answering;

  private constructor(
    readonly name: string,
    private readonly worker: Worker,
    facts: TorchFacts,
    files: ModelSource["files"],
    readonly tokens: FolderTokens,
    tokenizer: Tokenizer,
    readonly training: Training,
    rows: number,
  ) {
    const named = Object.entries(files).map(([file, sha256]) => ({ name: file, sha256 }));
    this.source = { sha256: weightsHash({ files: named }), files };
    this.threads = facts.threads;
    const sampler = new TorchSampler(worker, facts, rows);
    this.#answering = new Answering({
      tokens,
      tokenizer,
      config: { eosIds: tokens.endIds, maxPositions: facts.maxPositions },
      rows,
      draw: (...call) => sampler.sample(...call),
    });
    const { layers, width, vocabSize, maxPositions } = facts;
    const reading = new TorchReading(worker, { layers, width, vocabSize }, maxPositions);
    this.reading = reading;
    this.steering = {
      sample: (requests, steering, how, onAnswer) => this.#answering.sample(requests, { ...how, steering }, onAnswer),
      activations: (texts, wanted, steering, how) => reading.activations(texts, wanted, { ...how, steering }),
      logProbabilities: (texts, steering, how) => reading.logProbabilities(texts, { ...how, steering }),
    };
  }

  /**
   * @param path a folder, a name on the Hugging Face hub, one of these with an adapter (`BASE+ADAPTER`), each with @HOST
   *   on another machine
   * @throws {TorchError}
   */
  static async open(name: string, path: string, options: TorchModelOptions = {}): Promise<TorchModel> {
    const place = placeOf(path);
    requireHere(place);
    const log = await TorchLog.open();
    const say = options.onNotice ?? ((notice: string) => void process.stderr.write(`${notice}\n`));
    const silence = secondsOf("ASKEW_TORCH_SILENCE");
    const worker = await Worker.start(workerCommand(place.host), {
      onLine: (line) => log?.append(line),
      onNotice: say,
      ...(silence !== undefined && { silence: 1000 * silence }),
    });
    try {
      return await TorchModel.#with(worker, name, place.path, options);
    } catch (error) {
      await worker.close();
      throw error;
    }
  }

  static async #with(worker: Worker, name: string, path: string, options: TorchModelOptions): Promise<TorchModel> {
    const { threads, rows = 64, adamw = {}, weights, lora, templateVariables = {} } = options;
    let sent: Received | undefined;
    const said = await worker.call(
      "open",
      {
        model: path,
        device: settingOf("ASKEW_TORCH_DEVICE") ?? "auto",
        dtype: settingOf("ASKEW_TORCH_DTYPE") ?? "auto",
        fourBit: settingOf("ASKEW_TORCH_4BIT") === "1",
        threads: threads ?? null,
        adamw,
      },
      {},
      { onEvent: (_event, tensors) => (sent = tensors) },
    );
    if (sent === undefined) throw new TorchError("protocol", `the worker sent no files of ${path}`);
    const facts = factsOf(path, said, sent);
    const { tokens, tokenizer } = languageOf(facts, templateVariables);
    const training = await TorchTraining.create(worker, facts, lora, weights);
    const files = weights === undefined ? facts.hashes : await replaced(facts.hashes, weights);
    return new TorchModel(name, worker, facts, files, tokens, tokenizer, training, Math.max(...[rows].flat()));
  }

  sample(
    requests: readonly SampleRequest[],
    options?: StreamOptions,
    onAnswer?: (index: number, answer: SampledAnswer) => void,
  ): Promise<SampledAnswer[]> {
    return this.#answering.sample(requests, options, onAnswer);
  }

  answers<R extends SampleRequest>(
    requests: Iterable<R> | AsyncIterable<R>,
    options?: AnswersOptions<R>,
  ): AsyncGenerator<Answered<R>> {
    return this.#answering.answers(requests, options);
  }

  async close(): Promise<void> {
    await this.worker.close();
  }
}

/** The files of a model whose weights are others than its folder's. */
async function replaced(hashes: ModelSource["files"], weights: string): Promise<ModelSource["files"]> {
  const others = Object.entries(hashes).filter(([name]) => !name.endsWith(".safetensors"));
  return { ...Object.fromEntries(others), [basename(weights)]: await fileSha256(weights) };
}

/** Texts become token ids in this process, as for every model: the same text is the same tokens in every engine. */
function languageOf(facts: TorchFacts, variables: TemplateVariables) {
  const { title, texts, vocabSize, maxPositions } = facts;
  const json = jsonOf(facts, "tokenizer.json");
  if (json === undefined) {
    throw new ModelFileError({
      file: title,
      expected: "a tokenizer.json",
      found: "none",
      cure: "Save the tokenizer in the fast format (save_pretrained of transformers writes it).",
    });
  }
  const config = (jsonOf(facts, "tokenizer_config.json") ?? {}) as Record<string, unknown>;
  const tokenizer = Tokenizer.fromJson(json, config, `${title}/tokenizer.json`);
  const template = templateWith(chatTemplateOf(texts["chat_template.jinja"], tokenizer, title), variables);
  const generation = jsonOf(facts, "generation_config.json");
  const own = { eosIds: facts.endIds, vocabSize };
  const eosIds = endIdsOf(generation, own, tokenizer, `${title}/generation_config.json`);
  return { tokenizer, tokens: new FolderTokens({ config: { eosIds, vocabSize, maxPositions }, tokenizer, template }) };
}

function settingOf(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === "" ? undefined : value;
}

function secondsOf(name: string): number | undefined {
  const value = settingOf(name);
  if (value === undefined) return undefined;
  const seconds = Number(value);
  if (seconds > 0) return seconds;
  throw new TorchError("fault", `${name}: expected seconds above 0, found ${JSON.stringify(value)}`);
}
