/**
 * A client for one OpenAI-compatible server. Chat completions go through the account (what they cost) and the cache
 * (what they cost already); files, models and fine-tuning jobs share its connection.
 */
import type { TemplateVariables } from "../capabilities/index.js";
import { Account } from "./account.js";
import { storedAnswerSchema } from "./stored-answer.js";
import { CacheError, cacheKey, type AnswerCache } from "./cache.js";
import type { ChatAnswer, ChatRequest } from "./chat.js";
import { Connection, type ConnectionOptions } from "./connection.js";
import { EndpointError } from "./error.js";
import type { Reply } from "./exchange.js";
import { Files } from "./files.js";
import { FineTuning } from "./fine-tuning.js";
import { chatBody, limitOf, type Manner, type MaxTokensName, type OptionalParameter } from "./manner.js";
import { unlessModerated } from "./moderation.js";
import { listModels, type ServedModel } from "./models.js";
import { readCompletion } from "./read-completion.js";
import { readStream } from "./stream.js";
import type { Reading } from "./reply.js";
import { Terms } from "./terms.js";

export interface EndpointOptions extends ConnectionOptions {
  /** Default: an account of its own, without a limit. Share one among the servers of a run. */
  readonly account?: Account;
  /** Default: none. */
  readonly cache?: AnswerCache;
  /** What the server calls the longest answer; default `max_completion_tokens` for OpenAI itself, else `max_tokens`. */
  readonly maxTokensName?: MaxTokensName;
  /** Parameters that are never sent. Those that a server refuses are found out and left out by themselves. */
  readonly without?: readonly OptionalParameter[];
  /** Variables of the model's chat template, sent as `chat_template_kwargs`; default none. */
  readonly templateVariables?: TemplateVariables | undefined;
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
  /** How models are asked until they show that they want it otherwise. */
  readonly #manner: Manner;
  readonly #terms = new Map<string, Terms>();
  readonly #onNotice: ((notice: string) => void) | undefined;
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
    this.#manner = {
      without: new Set(options.without),
      limitName: options.maxTokensName ?? (hosted ? "max_completion_tokens" : "max_tokens"),
      leastTokens: 0,
      mostAlternatives: Infinity,
    };
    this.#onNotice = options.onNotice;
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
    const answer = await this.#asked(request, "text/event-stream", options.signal, onText);
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

  /**
   * Everything that shapes the answer: the server, the whole body, and which repeat it is. What the server turns out to
   * refuse is part of it all the same, so that the next run finds the answer without being refused again.
   */
  #keyOf(request: ChatRequest): string {
    return this.#cache ? cacheKey(this.base, chatBody(request, this.#manner), request.repeat ?? null) : "";
  }

  #termsOf(model: string): Terms {
    let terms = this.#terms.get(model);
    if (terms === undefined) {
      terms = new Terms(this.#manner, (what) => this.#onNotice?.(`${this.base}#${model}: ${what}`));
      this.#terms.set(model, terms);
    }
    return terms;
  }

  async #stored(key: string): Promise<ChatAnswer | undefined> {
    const found = this.#cache && storedAnswerSchema.safeParse(await this.#cache.get(key));
    // What earlier versions stored in place of an answer is asked for again.
    if (found?.success !== true || found.data.text.trim() === "") return undefined;
    this.account.countCached();
    return found.data;
  }

  /** Keeps an answer that has been paid for. If that fails it is not lost, but no other is bought. */
  async #store(key: string, answer: ChatAnswer): Promise<void> {
    if (answer.outcome !== undefined) return;
    try {
      await this.#cache?.put(key, answer);
    } catch (error) {
      if (!(error instanceof CacheError)) throw error;
      this.#connection.halt(error);
    }
  }

  async #ask(key: string, request: ChatRequest, signal: AbortSignal | undefined): Promise<ChatAnswer> {
    const answer = await this.#asked(request, "application/json", signal);
    await this.#store(key, answer);
    return answer;
  }

  /** One answer from the server, whole or told piece by piece, in the manner that the model takes. */
  #asked(
    request: ChatRequest,
    accept: "application/json" | "text/event-stream",
    signal: AbortSignal | undefined,
    onText?: (text: string) => void,
  ): Promise<ChatAnswer> {
    const path = "/chat/completions";
    return this.#termsOf(request.model).ask(request, (manner, stopEarly) => {
      const paid = this.#paidFor(request, limitOf(request, manner), async (onLost) => {
        const body = chatBody(request, manner);
        const streamed = onText && { ...body, stream: true, stream_options: { include_usage: true } };
        const call = {
          method: "POST",
          path,
          body: JSON.stringify(streamed ?? body),
          accept,
          signal,
          onLost,
          stopEarly,
        } as const;
        const from = this.#connection.reading(path);
        let broken: ChatAnswer | undefined;
        const onBroken = (answer: ChatAnswer): void => void (broken = answer);
        try {
          return await this.#connection.send(call, (reply) =>
            onText === undefined
              ? readCompletion(reply, request, from, onBroken)
              : readTold(reply, request, from, onText),
          );
        } catch (error) {
          // A server that goes on breaking off has given all that it will: what there is, with the reason.
          const isBroken = error instanceof EndpointError && error.fault === "broken" && !error.fatal;
          if (broken === undefined || !isBroken || this.closed !== undefined) throw error;
          return broken;
        }
      });
      return unlessModerated(paid);
    });
  }

  /** Sets money aside, asks, and settles by what the server counted. */
  async #paidFor(
    request: ChatRequest,
    limit: number | undefined,
    ask: (onLost: () => Promise<void>) => Promise<ChatAnswer>,
  ): Promise<ChatAnswer> {
    const bytes = request.messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
    try {
      const prompt = { bytes, messages: request.messages.length };
      const reservation = await this.account.reserve(request.model, prompt, limit);
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

/** A stream that breaks after its first piece is not tried again. */
async function readTold(
  reply: Reply,
  request: ChatRequest,
  from: Reading,
  onText: (text: string) => void,
): Promise<ChatAnswer> {
  let told = false;
  const hear = (text: string): void => {
    told = true;
    onText(text);
  };
  try {
    return await readStream(reply, request, from, hear);
  } catch (error) {
    if (!told || !(error instanceof Error)) throw error;
    throw brokenStream(error, from.url);
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
