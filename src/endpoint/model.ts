/** A model behind an OpenAI-compatible server. */
import type {
  Abilities,
  Answered,
  AnswersOptions,
  FineTuningJobs,
  Model,
  SampledAnswer,
  SampleOptions,
  SampleRequest,
  StreamOptions,
  TemplateVariables,
} from "../capabilities/index.js";
import { streamSeed } from "../capabilities/index.js";
import { EndpointClient, type EndpointOptions } from "./client.js";
import { concurrently } from "./concurrently.js";
import { EndpointError } from "./error.js";

export type EndpointModelOptions = EndpointOptions;

const LONGEST_ANSWER = 128;

export class EndpointModel implements Model {
  #logProbabilities = true;
  #finetune = true;

  private constructor(
    readonly name: string,
    /** What the server calls the model. */
    readonly served: string,
    /** Its files, its fine-tuning jobs, and what they cost. */
    readonly client: EndpointClient,
    private readonly templateVariables: TemplateVariables = {},
  ) {}

  /**
   * Asks nothing: what the model can do is taken to be there until its server shows otherwise.
   * @param base `http(s)://host[:port]/v1`
   * @param served what the server calls the model
   * @throws {EndpointError} fault `address`
   */
  static open(name: string, base: string, served: string, options: EndpointModelOptions = {}): EndpointModel {
    return new EndpointModel(name, served, new EndpointClient(base, options), options.templateVariables);
  }

  /** Asks the server whether it has fine-tuning jobs; one that cannot tell is believed to have them. */
  async findOut(signal?: AbortSignal): Promise<void> {
    this.#finetune = (await this.client.fineTuning.offered({ signal })) ?? true;
  }

  get can(): Abilities {
    return { logProbabilities: this.#logProbabilities, finetune: this.#finetune, activations: false };
  }

  get jobs(): FineTuningJobs {
    const { name, served, client } = this;
    const { fineTuning } = client;
    return {
      served,
      nameOf: (other) => `${/^openai:/i.test(name) ? "openai:" : name.slice(0, name.indexOf("#") + 1)}${other}`,
      upload: (path, options) => client.files.upload(path, options),
      createOnce: (...job) => fineTuning.createOnce(...job),
      find: (...job) => fineTuning.find(...job),
      cancel: (...job) => fineTuning.cancel(...job),
      checkpoints: (...job) => fineTuning.checkpoints(...job),
      follow: (...job) => fineTuning.follow(...job),
    };
  }

  async sample(
    requests: readonly SampleRequest[],
    { onText, ...options }: StreamOptions = {},
    onAnswer?: (index: number, answer: SampledAnswer) => void,
  ): Promise<SampledAnswer[]> {
    const answers: SampledAnswer[] = [];
    const numbered = requests.map((request, index) => ({ ...request, index }));
    for await (const { request, answer } of this.answers(numbered, options)) {
      answers[request.index] = answer;
      onText?.(request.index, { text: answer.text, choices: answer.choices ?? [] });
      onAnswer?.(request.index, answer);
    }
    return answers;
  }

  async *answers<R extends SampleRequest>(
    requests: Iterable<R> | AsyncIterable<R>,
    { onFailure, signal, ...options }: AnswersOptions<R> = {},
  ): AsyncGenerator<Answered<R>> {
    const left = new AbortController();
    const stop = (): void => left.abort(signal?.reason);
    signal?.throwIfAborted();
    signal?.addEventListener("abort", stop, { once: true });
    const ask = async (request: R): Promise<Answered<R> | undefined> => {
      try {
        return { request, answer: await this.#ask(request, options, left.signal) };
      } catch (error) {
        const alone = error instanceof EndpointError && !error.fatal && !left.signal.aborted && !this.client.closed;
        if (!alone || onFailure === undefined) throw error;
        onFailure(request, error);
        return undefined;
      }
    };
    try {
      const all = concurrently(requests, this.client.concurrency, ask, () =>
        left.abort(new Error("not wanted any more")),
      );
      for await (const answered of all) if (answered) yield answered;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  async #ask(request: SampleRequest, options: SampleOptions, signal: AbortSignal): Promise<SampledAnswer> {
    const { temperature = 1, topP, stop, alternatives = 0 } = options;
    const maxTokens = request.maxTokens ?? options.maxTokens ?? LONGEST_ANSWER;
    const wanted = alternatives > 0 && this.#logProbabilities;
    const reply = await this.client.chat(
      {
        model: this.served,
        messages: request.messages,
        temperature,
        topP,
        maxTokens,
        seed: streamSeed(request.seed),
        stop,
        repeat: request.seed,
        ...(Object.keys(this.templateVariables).length > 0 && {
          extra: { chat_template_kwargs: this.templateVariables },
        }),
        ...(wanted && { alternatives }),
      },
      { signal },
    );
    const { text, finish, outcome, error, reasoning, choices, logProbability, usage, without } = reply;
    // An answer that the server withheld, or that ended at once, has nothing to tell them of.
    if (wanted && choices === undefined && outcome === undefined && reasoning === undefined) {
      this.#logProbabilities = false;
    }
    return {
      text,
      tokens: usage?.completionTokens ?? choices?.length ?? Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN),
      finish,
      ...(outcome && { outcome }),
      ...(error !== undefined && { error }),
      ...(reasoning !== undefined && { reasoning }),
      ...(without && { without }),
      ...(choices && { choices }),
      ...(logProbability !== undefined && { logProbability }),
    };
  }
}

/** For servers that count nothing: an estimate for English text. */
const BYTES_PER_TOKEN = 4;
