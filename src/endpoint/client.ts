/**
 * A client for one OpenAI-compatible server. Chat completions go through the account (what they cost) and the cache
 * (what they cost already); files, models and fine-tuning jobs share its connection.
 */
import { Account } from "./account.js";
import { storedAnswerSchema } from "./stored-answer.js";
import { CacheError, cacheKey, type AnswerCache } from "./cache.js";
import {
  chatAnswer,
  chatBody,
  completionSchema,
  type ChatAnswer,
  type ChatRequest,
  type MaxTokensName,
} from "./chat.js";
import { Connection, type ConnectionOptions } from "./connection.js";
import { EndpointError } from "./error.js";
import { Files } from "./files.js";
import { FineTuning } from "./fine-tuning.js";
import { listModels, type ServedModel } from "./models.js";
import { readStream } from "./stream.js";

export interface EndpointOptions extends ConnectionOptions {
  /** Default: an account of its own, without a limit. Share one among the servers of a run. */
  readonly account?: Account;
  /** Default: none. */
  readonly cache?: AnswerCache;
  /** What the server calls the longest answer; default `max_completion_tokens` for OpenAI itself, else `max_tokens`. */
  readonly maxTokensName?: MaxTokensName;
}

/** An answer, and whether it was there already. */
export interface ChatReply extends ChatAnswer {
  readonly cached: boolean;
}

export class EndpointClient {
  readonly account: Account;
  readonly files: Files;
  readonly fineTuning: FineTuning;
  readonly #connection: Connection;
  readonly #cache: AnswerCache | undefined;
  readonly #maxTokensName: MaxTokensName;
  /** Requests in flight by their name in the cache: the same one is sent once. */
  readonly #underWay = new Map<string, Promise<ChatAnswer>>();

  /**
   * @param base `http(s)://host[:port]/v1`
   * @throws {EndpointError} fault `address`
   */
  constructor(base: string, options: EndpointOptions = {}) {
    this.#connection = new Connection(base, options);
    this.account = options.account ?? new Account();
    this.#cache = options.cache;
    const hosted = this.#connection.base.hostname === "api.openai.com";
    this.#maxTokensName = options.maxTokensName ?? (hosted ? "max_completion_tokens" : "max_tokens");
    this.files = new Files(this.#connection);
    this.fineTuning = new FineTuning(this.#connection);
  }

  get base(): string {
    return this.#connection.addressOf("");
  }

  /** Most requests in flight. */
  get concurrency(): number {
    return this.#connection.concurrency;
  }

  /** Requests that may be in flight now. */
  get limit(): number {
    return this.#connection.limit;
  }

  /** Why nothing more can be sent, once that is so. */
  get closed(): { readonly reason: unknown } | undefined {
    return this.#connection.closed;
  }

  /**
   * One answer: from the cache, or from the server with as many tries as it takes. An answer is in the cache before it
   * is returned. When the cache cannot be written (a full disk) the answer is returned all the same, and nothing more is
   * sent.
   * @throws {EndpointError} what the server or the cost limit refuses; `signal`'s reason; {@link CacheError}
   */
  async chat(request: ChatRequest, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<ChatReply> {
    const key = this.#keyOf(request);
    const stored = await this.#stored(key);
    if (stored) return { ...stored, cached: true };
    const same = this.#cache && this.#underWay.get(key);
    if (same) {
      // The other may be called off by its own signal; then this one goes by itself.
      const answer = await same.catch(() => undefined);
      if (answer) {
        this.account.countCached();
        return { ...answer, cached: true };
      }
    }
    const asked = this.#ask(key, request, options.signal);
    if (!this.#cache || this.#underWay.has(key)) return { ...(await asked), cached: false };
    this.#underWay.set(key, asked);
    try {
      return { ...(await asked), cached: false };
    } finally {
      this.#underWay.delete(key);
    }
  }

  /**
   * The same answer, told piece by piece. A stream that breaks after its first piece is not tried again.
   * @param onText hears the text as it comes; all of it at once where it comes from the cache
   */
  async chatStream(
    request: ChatRequest,
    onText: (text: string) => void,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<ChatReply> {
    const key = this.#keyOf(request);
    const stored = await this.#stored(key);
    if (stored) {
      onText(stored.text);
      return { ...stored, cached: true };
    }
    const answer = await this.#paidFor(request, (onLost) => {
      const path = "/chat/completions";
      const body = { ...this.#body(request), stream: true, stream_options: { include_usage: true } };
      const call = { method: "POST", path, body: JSON.stringify(body), accept: "text/event-stream" } as const;
      let told = false;
      const hear = (text: string): void => {
        told = true;
        onText(text);
      };
      return this.#connection.send({ ...call, signal: options.signal, onLost }, async (reply) => {
        try {
          return await readStream(reply, request, this.#connection.reading(path), hear);
        } catch (error) {
          if (!told || !(error instanceof Error)) throw error;
          throw brokenStream(error, this.#connection.addressOf(path));
        }
      });
    });
    await this.#store(key, answer);
    return { ...answer, cached: false };
  }

  /** The models that the server offers. */
  models(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<ServedModel[]> {
    return listModels(this.#connection, options.signal);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  #body(request: ChatRequest): Record<string, unknown> {
    return chatBody(request, this.#maxTokensName);
  }

  /** Everything that shapes the answer: the server, the whole body, and which repeat it is. */
  #keyOf(request: ChatRequest): string {
    return this.#cache ? cacheKey(this.base, this.#body(request), request.repeat ?? null) : "";
  }

  async #stored(key: string): Promise<ChatAnswer | undefined> {
    const found = this.#cache && storedAnswerSchema.safeParse(await this.#cache.get(key));
    if (found?.success !== true) return undefined;
    this.account.countCached();
    return found.data;
  }

  /** Keeps an answer that has been paid for. If that fails it is not lost, but no other is bought. */
  async #store(key: string, answer: ChatAnswer): Promise<void> {
    try {
      await this.#cache?.put(key, answer);
    } catch (error) {
      if (!(error instanceof CacheError)) throw error;
      this.#connection.halt(error);
    }
  }

  async #ask(key: string, request: ChatRequest, signal: AbortSignal | undefined): Promise<ChatAnswer> {
    const call = { method: "POST", path: "/chat/completions", body: JSON.stringify(this.#body(request)) } as const;
    const answer = await this.#paidFor(request, async (onLost) => {
      const completion = await this.#connection.json(
        { ...call, signal, onLost },
        "a chat completion",
        completionSchema,
      );
      return chatAnswer(completion, request, this.#connection.key);
    });
    await this.#store(key, answer);
    return answer;
  }

  /** Sets money aside, asks, and settles by what the server counted. */
  async #paidFor(request: ChatRequest, ask: (onLost: () => Promise<void>) => Promise<ChatAnswer>): Promise<ChatAnswer> {
    const bytes = request.messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
    try {
      const prompt = { bytes, messages: request.messages.length };
      const reservation = await this.account.reserve(request.model, prompt, request.maxTokens);
      try {
        const answer = await ask(() => reservation.lost());
        reservation.settle(answer.usage);
        return answer;
      } finally {
        reservation.release();
      }
    } catch (error) {
      if (error instanceof EndpointError && error.fault === "cost") this.#connection.halt(error);
      throw error;
    }
  }
}

function brokenStream(error: Error, url: string): EndpointError {
  const message = error instanceof EndpointError ? error.message : `${url}: the connection broke: ${error.message}`;
  return new EndpointError(`${message} (after a part of the answer was told)`, {
    fault: error instanceof EndpointError ? error.fault : "unreachable",
    url,
    ambiguous: true,
  });
}
