/**
 * Messages to a web hook: JSON, posted in the background, tried again for a while. What the other side does, or fails
 * to do, never holds up whoever sends. The address may be a secret (many services put a key into its path), so nothing
 * but its origin is ever said.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { jitter, parseRetryAfter } from "./backoff.js";
import { EndpointError } from "./error.js";
import { HttpPool } from "./http-pool.js";

export interface WebhookOptions {
  /** Milliseconds for one try; default 5,000. */
  readonly deadline?: number;
  /** Milliseconds for a message with all its tries and waits; default 60,000. */
  readonly totalDeadline?: number;
  /** Default 6. */
  readonly attempts?: number;
  /** Longest first wait between tries, which doubles; default 500 ms. */
  readonly firstWait?: number;
}

export interface Delivery {
  readonly delivered: boolean;
  readonly tries: number;
  /** Why not, or what came in the end: `HTTP 204`, `no reply within 5 s`. Holds nothing that the other side said. */
  readonly outcome: string;
}

export class Webhook {
  /** `https://hooks.example.org`: what may be shown. */
  readonly origin: string;
  readonly #url: string;
  readonly #pool = new HttpPool({ connections: 2, pipelining: 1, connect: { timeout: 10_000 } });
  readonly #stop = new AbortController();
  readonly #options: Required<WebhookOptions>;
  readonly #pending = new Set<Promise<Delivery>>();

  /** @throws {EndpointError} fault `address`, for anything but http(s) without a user's name */
  constructor(url: string, options: WebhookOptions = {}) {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    const wrong = (found: string): EndpointError =>
      new EndpointError(`expected a web hook's address such as http://localhost:9000/askew, found ${found}`, {
        fault: "address",
      });
    if (parsed === undefined) throw wrong("none that can be read");
    if (parsed.protocol !== "http:" && parsed.protocol !== "https:") throw wrong(`the protocol ${parsed.protocol}`);
    if (parsed.username !== "" || parsed.password !== "") throw wrong("a user name or password in it");
    parsed.hash = "";
    this.#url = parsed.href;
    this.origin = parsed.origin;
    this.#options = { deadline: 5000, totalDeadline: 60_000, attempts: 6, firstWait: 500, ...options };
  }

  /**
   * Returns at once; the promise never rejects.
   * @param id the same for every try of a message, in the header `idempotency-key`
   */
  send(id: string, message: object): Promise<Delivery> {
    const delivery = this.#deliver(id, JSON.stringify(message));
    this.#pending.add(delivery);
    void delivery.then(() => this.#pending.delete(delivery));
    return delivery;
  }

  /** Waits for what is under way, so many milliseconds at most; what is not there by then is given up. */
  async close(most = 0): Promise<void> {
    if (this.#pending.size > 0 && most > 0) {
      const waiting = new AbortController();
      const tired = sleep(most, undefined, { signal: waiting.signal }).catch(() => undefined);
      await Promise.race([Promise.all(this.#pending), tired]);
      waiting.abort();
    }
    this.#stop.abort();
    await Promise.all(this.#pending);
    await this.#pool.destroy();
  }

  async #deliver(id: string, body: string): Promise<Delivery> {
    const { totalDeadline, attempts, firstWait } = this.#options;
    const end = performance.now() + totalDeadline;
    let outcome = "not sent";
    for (let tries = 1; ; tries++) {
      const tried = await this.#try(id, body, end);
      ({ outcome } = tried);
      if (tried.delivered) return { delivered: true, tries, outcome };
      const wait = Math.max(tried.retryAfter ?? 0, jitter(tries, Math.random, firstWait));
      const goesOn = tried.again && tries < attempts && performance.now() + wait < end && !this.#stop.signal.aborted;
      if (!goesOn) return { delivered: false, tries, outcome };
      await sleep(wait, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      if (this.#stop.signal.aborted) return { delivered: false, tries, outcome };
    }
  }

  async #try(
    id: string,
    body: string,
    end: number,
  ): Promise<{ delivered: boolean; again: boolean; outcome: string; retryAfter?: number | undefined }> {
    // AbortSignal takes whole milliseconds alone.
    const left = Math.ceil(Math.max(1, Math.min(this.#options.deadline, end - performance.now())));
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(left)]);
    try {
      const reply = await this.#pool.request(this.#url, {
        method: "POST",
        signal,
        headers: { "content-type": "application/json", "user-agent": "askew", "idempotency-key": id },
        body,
      });
      const { statusCode: status, headers } = reply;
      // Nothing that is said there is of use, and it may never end.
      reply.body.on("error", () => undefined);
      reply.body.destroy();
      const again = status === 408 || status === 429 || status >= 500;
      const retryAfter = again ? parseRetryAfter(headers["retry-after"], Date.now()) : undefined;
      return { delivered: status >= 200 && status < 300, again, outcome: `HTTP ${status}`, retryAfter };
    } catch (error) {
      if (this.#stop.signal.aborted) return { delivered: false, again: false, outcome: "given up" };
      if (signal.aborted) return { delivered: false, again: true, outcome: `no reply within ${left / 1000} s` };
      const code = (error as NodeJS.ErrnoException).code ?? "no connection";
      return { delivered: false, again: true, outcome: /^[A-Z_]+$/.test(code) ? code : "no connection" };
    }
  }
}
