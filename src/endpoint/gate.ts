/**
 * The one door to a server: it lets in as many requests as the adaptive limit allows, first come first served, and
 * closes for good when a reason turns up that would fail them all.
 */
import type { Clock } from "./clock.js";
import type { AdaptiveLimit, Flight, FlightEnd } from "./limit.js";

export interface Pass {
  readonly flight: Flight;
  /** Aborted when the door is closed at once. */
  readonly controller: AbortController;
}

interface Waiting {
  readonly enter: (pass: Pass) => void;
  readonly refuse: (reason: unknown) => void;
}

export class Gate {
  readonly #waiting = new Set<Waiting>();
  /** Those that were in before and try again: their total deadline is running. */
  readonly #returning = new Set<Waiting>();
  readonly #inside = new Set<Pass>();
  readonly #sleeping = new Set<(reason: unknown) => void>();
  #closed: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(
    readonly limit: AdaptiveLimit,
    readonly clock: Clock,
  ) {}

  /** Why the door is closed for good. */
  get closed(): { readonly reason: unknown } | undefined {
    return this.#closed;
  }

  /** Waits for a place. Rejects with the reason why the door is closed, or with `signal`'s. */
  enter(signal: AbortSignal | undefined, returning: boolean): Promise<Pass> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(asError(this.#closed.reason));
      if (signal?.aborted) return reject(asError(signal.reason));
      const queue = returning ? this.#returning : this.#waiting;
      const stop = (): void => waiting.refuse(signal?.reason);
      const done = (): void => {
        queue.delete(waiting);
        signal?.removeEventListener("abort", stop);
      };
      const waiting: Waiting = {
        enter: (pass) => {
          done();
          resolve(pass);
        },
        refuse: (reason) => {
          done();
          reject(asError(reason));
        },
      };
      queue.add(waiting);
      signal?.addEventListener("abort", stop);
      this.#admit();
    });
  }

  leave(pass: Pass, how: FlightEnd, retryAfter = 0): void {
    this.#inside.delete(pass);
    this.limit.end(pass.flight, how, this.clock.now(), retryAfter);
    this.#admit();
  }

  /** Waits outside the door. Rejects as `enter` does. */
  sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(asError(this.#closed.reason));
      if (signal?.aborted) return reject(asError(signal.reason));
      const stop = (): void => refuse(signal?.reason);
      const done = (): void => {
        cancel();
        this.#sleeping.delete(refuse);
        signal?.removeEventListener("abort", stop);
      };
      const refuse = (reason: unknown): void => {
        done();
        reject(asError(reason));
      };
      const cancel = this.clock.after(milliseconds, () => {
        done();
        resolve();
      });
      this.#sleeping.add(refuse);
      signal?.addEventListener("abort", stop);
    });
  }

  /** Nothing enters any more; with `atOnce`, what is inside is aborted too. The first reason stays. */
  close(reason: unknown, atOnce: boolean): void {
    this.#closed ??= { reason };
    this.#wake?.();
    for (const { refuse } of [...this.#returning, ...this.#waiting]) refuse(this.#closed.reason);
    for (const refuse of this.#sleeping) refuse(this.#closed.reason);
    if (atOnce) for (const { controller } of this.#inside) controller.abort(this.#closed.reason);
  }

  #admit(): void {
    // One look at the clock: a pause that ends between two would leave nobody to wake those who wait.
    const now = this.clock.now();
    for (const queue of [this.#returning, this.#waiting]) {
      for (const waiting of queue) {
        if (!this.limit.mayStart(now)) return this.#admitAfterPause(now);
        const pass: Pass = { flight: this.limit.start(), controller: new AbortController() };
        this.#inside.add(pass);
        waiting.enter(pass);
      }
    }
  }

  #admitAfterPause(now: number): void {
    const pause = this.limit.pause(now);
    if (pause === 0 || this.#wake !== undefined) return;
    const cancel = this.clock.after(pause, () => {
      this.#wake = undefined;
      this.#admit();
    });
    this.#wake = () => {
      cancel();
      this.#wake = undefined;
    };
  }
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
