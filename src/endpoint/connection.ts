/**
 * A server: one pool of connections, one adaptive limit, one key. Sends requests until they succeed or it is certain
 * that they will not.
 */
import { setMaxListeners } from "node:events";
import type { z } from "zod";
import { addressOf, checkEncrypted, parseBase } from "./address.js";
import { jitter } from "./backoff.js";
import { CLOCK, type Clock } from "./clock.js";
import { EndpointError, type EndpointFault } from "./error.js";
import { exchange, seconds, type Exchange, type ExchangeContext, type Reply } from "./exchange.js";
import { Gate } from "./gate.js";
import { HttpPool } from "./http-pool.js";
import { findKey, keySources, type Key } from "./key.js";
import { AdaptiveLimit, DEFAULT_MOST, type FlightEnd } from "./limit.js";
import { readJson, type Reading } from "./reply.js";

export interface ConnectionOptions {
  /** Most requests in flight; default 256. The adaptive limit stays at or under it. */
  readonly concurrency?: number;
  /** Requests in flight at the beginning; default 16. */
  readonly startConcurrency?: number;
  /** Milliseconds for one try of a request, from sending to the last byte; default 120,000. */
  readonly deadline?: number;
  /** Milliseconds for a request with all its tries and waits; default 600,000. */
  readonly totalDeadline?: number;
  /**
   * Tries of a request whose server is broken, unreachable or late; default 8. An overloaded server is asked again
   * until the total deadline, one that has never answered three times.
   */
  readonly attempts?: number;
  /** Largest reply in bytes; default 16 MiB. */
  readonly mostBytes?: number;
  /** Default: from the environment, see `findKey`; null: none. */
  readonly key?: Key | null;
  /** Variables that could hold the key, for the message when there is none; default: those of `findKey`. */
  readonly keySources?: readonly string[];
  /** Hears, in one line each, what a user should know while it goes on: a long wait, a parameter that is left out. */
  readonly onNotice?: (notice: string) => void;
  readonly clock?: Clock;
  /** Uniform in [0, 1), for the jitter. */
  readonly random?: () => number;
}

export interface Call extends Omit<Exchange, "url"> {
  /** Under the base address: `/chat/completions`. */
  readonly path: string;
  /** `?limit=1` */
  readonly query?: string;
  readonly signal?: AbortSignal | undefined;
  /** Not tried again where the server may have done the work already. */
  readonly once?: boolean;
  /** In place of the connection's. */
  readonly deadline?: number;
  /** Ends the tries early: what could pass is left to the caller. */
  readonly stopEarly?: ((error: EndpointError, attempt: number) => boolean) | undefined;
  /** A question beside the work: asked once, and what it meets says nothing of other requests. */
  readonly aside?: boolean;
  /** Largest reply in bytes, where that is less than the connection's. */
  readonly mostBytes?: number;
  /** Hears the size of a reply that was read. */
  readonly onBytes?: (bytes: number) => void;
  /** Hears of a try after which the server may have charged for work that nobody got. */
  readonly onLost?: () => void | Promise<void>;
}

/** Milliseconds for a question beside the work. */
export const SIDE_QUESTION = 5_000;
/** Milliseconds; a shorter wait is not worth a line. */
const LONG_WAIT = 5_000;
const FIRST_CONTACT_ATTEMPTS = 3;
/** Faults of a server that does not get to the request at all. */
const SILENT: ReadonlySet<EndpointFault> = new Set(["overloaded", "unreachable", "deadline"]);

export class Connection {
  readonly base: URL;
  readonly key: Key | undefined;
  readonly concurrency: number;
  readonly mostBytes: number;
  readonly #pool: HttpPool;
  readonly #context: ExchangeContext;
  readonly #gate: Gate;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #deadline: number;
  readonly #totalDeadline: number;
  readonly #attempts: number;
  readonly #onNotice: ((notice: string) => void) | undefined;
  #answeredAt: number | undefined;
  /** Until when it has been told that everybody waits. */
  #toldUntil = -Infinity;
  /** There is a server: it has said something. */
  #reached = false;

  /** @throws {EndpointError} fault `address` */
  constructor(base: string, options: ConnectionOptions = {}) {
    this.base = parseBase(base);
    this.key = options.key === null ? undefined : (options.key ?? findKey(this.base));
    checkEncrypted(this.base, this.key);
    this.concurrency = options.concurrency ?? DEFAULT_MOST;
    this.mostBytes = options.mostBytes ?? 16 * 2 ** 20;
    this.#deadline = options.deadline ?? 120_000;
    this.#totalDeadline = options.totalDeadline ?? 600_000;
    this.#attempts = options.attempts ?? 8;
    this.#clock = options.clock ?? CLOCK;
    this.#random = options.random ?? Math.random;
    this.#onNotice = options.onNotice;
    const { startConcurrency: start } = options;
    const limit = new AdaptiveLimit({ most: this.concurrency, ...(start !== undefined && { start }) });
    this.#gate = new Gate(limit, this.#clock);
    this.#pool = new HttpPool({ connections: this.concurrency, pipelining: 1, connect: { timeout: 30_000 } });
    this.#context = {
      pool: this.#pool,
      key: this.key,
      keySources: this.key ? [] : (options.keySources ?? keySources(this.base)),
      clock: this.#clock,
    };
  }

  /** Requests that may be in flight now. */
  get limit(): number {
    return this.#gate.limit.limit;
  }

  /** Requests in flight. */
  get inFlight(): number {
    return this.#gate.limit.inFlight;
  }

  /** Why nothing more can be sent, once that is so. */
  get closed(): { readonly reason: unknown } | undefined {
    return this.#gate.closed;
  }

  /** Sends nothing more; what is in flight may finish. Everything that waits rejects with `reason`. */
  halt(reason: unknown): void {
    this.#gate.close(reason, false);
  }

  addressOf(path: string): string {
    return addressOf(this.base, path);
  }

  reading(path: string): Reading {
    const { keySources: sources } = this.#context;
    return { url: this.addressOf(path), key: this.key, keySources: sources, mostBytes: this.mostBytes };
  }

  /** Sends, and reads a JSON reply of `schema`'s shape; `what` names it in errors. */
  json<T>(call: Call, what: string, schema: z.ZodType<T>): Promise<T> {
    const { path, mostBytes = this.mostBytes, onBytes } = call;
    const from = { ...this.reading(path), mostBytes: Math.min(mostBytes, this.mostBytes), onBytes };
    return this.send(call, (reply) => readJson(reply, what, schema, from));
  }

  /**
   * Sends until a try succeeds. `read` is part of a try, and what it throws is judged like any other failure.
   * @throws {EndpointError}; `signal`'s reason; the reason why the connection was halted
   */
  async send<T>(call: Call, read: (reply: Reply) => Promise<T>): Promise<T> {
    if (call.signal) setMaxListeners(0, call.signal);
    let began: number | undefined;
    for (let attempt = 1; ; attempt++) {
      const pass = await this.#gate.enter(call.signal, attempt > 1);
      began ??= this.#clock.now();
      const left = began + this.#totalDeadline - this.#clock.now();
      const stop = (): void => pass.controller.abort(call.signal?.reason);
      call.signal?.addEventListener("abort", stop);
      let end: FlightEnd = "other";
      let failure: unknown;
      let wait = 0;
      try {
        const url = this.addressOf(call.path) + (call.query ?? "");
        const deadline = Math.max(1, Math.min(call.deadline ?? this.#deadline, left));
        const result = await exchange({ ...call, url }, this.#context, deadline, pass.controller, read);
        this.#answeredAt = this.#clock.now();
        this.#reached = true;
        end = "success";
        return result;
      } catch (thrown) {
        const error = this.#scrubbed(thrown);
        failure = error;
        if (error instanceof EndpointError) {
          if (error.status !== undefined) this.#reached = true;
          if (call.aside === true) throw error;
          if (error.fault === "overloaded" || error.fault === "deadline") end = "overload";
          wait = Math.min(error.retryAfter ?? 0, this.#totalDeadline);
          if (error.fatal) this.#gate.close(error, true);
        }
      } finally {
        call.signal?.removeEventListener("abort", stop);
        this.#gate.leave(pass, end, wait);
      }
      await this.#recover(call, failure, attempt, began);
    }
  }

  async close(): Promise<void> {
    this.#gate.close(new Error("the connection has been closed"), true);
    await this.#pool.destroy();
  }

  /** Waits until the next try, or throws what there is to say when there is none. */
  async #recover(call: Call, failure: unknown, attempt: number, began: number): Promise<void> {
    if (!(failure instanceof EndpointError)) throw failure;
    if (failure.ambiguous) await call.onLost?.();
    if (!failure.retry || (call.once === true && failure.ambiguous)) throw failure;
    if (call.stopEarly?.(failure, attempt) === true) throw failure;
    if (failure.fault !== "overloaded" && attempt >= this.#mostAttempts(failure)) this.#giveUp(failure, attempt, began);
    const pause = failure.retryAfter ?? 0;
    const delay = pause + jitter(attempt, this.#random);
    if (this.#clock.now() + delay > began + this.#totalDeadline) this.#giveUp(failure, attempt, began, pause);
    this.#tellWait(failure, delay);
    await this.#gate.sleep(delay, call.signal);
  }

  #mostAttempts({ fault, tries }: EndpointError): number {
    const most = fault === "unreachable" && !this.#reached ? FIRST_CONTACT_ATTEMPTS : this.#attempts;
    return Math.min(most, tries, this.#attempts);
  }

  /** Once for everybody who waits as long. */
  #tellWait({ message }: EndpointError, delay: number): void {
    const now = this.#clock.now();
    if (delay <= LONG_WAIT || now + delay <= this.#toldUntil + LONG_WAIT) return;
    this.#toldUntil = now + delay;
    this.#onNotice?.(`waiting ${seconds(delay)} before the next try: ${message}`);
  }

  /** The last look at what is shown: no message leaves with the key in it. */
  #scrubbed(error: unknown): unknown {
    if (this.key === undefined || !(error instanceof EndpointError)) return error;
    const message = this.key.hide(error.message);
    return message === error.message ? error : new EndpointError(message, error);
  }

  /** A server that has answered nobody since this request began will not answer the others: then all of it ends here. */
  #giveUp(failure: EndpointError, attempt: number, began: number, pause = 0): never {
    const { fault, url, status } = failure;
    const tries = attempt === 1 ? "1 try" : `${attempt} tries`;
    const asked = pause > 0 ? `; it asks to wait ${seconds(pause)}` : "";
    const error = new EndpointError(
      `${failure.message} (given up after ${tries} in ${seconds(this.#clock.now() - began)}${asked})`,
      {
        fault,
        ...(url !== undefined && { url }),
        ...(status !== undefined && { status }),
        ...(failure.said !== undefined && { said: failure.said }),
        fatal: SILENT.has(fault) && (this.#answeredAt ?? -Infinity) < began,
      },
    );
    if (error.fatal) this.#gate.close(error, false);
    throw error;
  }
}
