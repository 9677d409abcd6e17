/**
 * Requests that come at about the same time are answered in one batch: a batch of 64 costs little more than one answer
 * alone. The first request waits a few milliseconds for others; while a batch runs, the next one gathers. A batch of
 * long answers then takes turns with those that came after it, so that short answers need not wait for its end. Every
 * answer has a random stream of its own, so it does not depend on its company.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { AnswerPiece, Model, SampledAnswer, SampleOptions, SampleRequest } from "../model/index.js";
import { ApiError } from "./api-error.js";

/** Milliseconds. */
const GATHERING = 3;
/** Answers in a batch. */
const MOST = 64;
/** Milliseconds that a batch has the model to itself; most have ended by then, and batches pay by being few. */
const ALONE = 300;
/** Batches at a time. */
const MOST_BATCHES = 4;
/** Answers that may wait; beyond it clients are told to come back. */
const LONGEST_QUEUE = 16_384;

export type BatchOptions = Omit<SampleOptions, "signal" | "maxTokens">;

interface Waiting {
  readonly request: SampleRequest;
  readonly options: BatchOptions;
  /** Requests with one key can go together. */
  readonly key: string;
  readonly signal: AbortSignal;
  readonly onPiece: ((piece: AnswerPiece) => void) | undefined;
  readonly resolve: (answer: SampledAnswer) => void;
  readonly reject: (error: unknown) => void;
}

export class Batcher {
  #waiting: Waiting[] = [];
  #running = false;
  readonly #batches = new Set<Promise<void>>();

  constructor(private readonly model: Pick<Model, "sample">) {}

  /** `onPiece` hears of the text as it comes about; the answer is whole all the same. */
  async sample(
    request: SampleRequest,
    options: BatchOptions,
    signal: AbortSignal,
    onPiece?: (piece: AnswerPiece) => void,
  ): Promise<SampledAnswer> {
    if (this.#waiting.length >= LONGEST_QUEUE) {
      throw new ApiError(429, `${LONGEST_QUEUE} answers are waiting for this model already: try again later.`);
    }
    const answer = new Promise<SampledAnswer>((resolve, reject) => {
      this.#waiting.push({ request, options, key: JSON.stringify(options), signal, onPiece, resolve, reject });
    });
    if (!this.#running) {
      this.#running = true;
      setTimeout(() => void this.#work(), GATHERING);
    }
    return answer;
  }

  async #work(): Promise<void> {
    for (;;) {
      while (this.#batches.size >= MOST_BATCHES) await Promise.race(this.#batches);
      const batch = this.#next();
      if (batch.length === 0) break;
      const run = this.#run(batch).finally(() => this.#batches.delete(run));
      this.#batches.add(run);
      const pause = new AbortController();
      await Promise.race([run, sleep(ALONE, undefined, { signal: pause.signal }).catch(() => undefined)]);
      pause.abort();
    }
    this.#running = false;
  }

  /** The request that has waited longest, with those that can go along. */
  #next(): Waiting[] {
    for (const { signal, reject } of this.#waiting) if (signal.aborted) reject(signal.reason);
    this.#waiting = this.#waiting.filter(({ signal }) => !signal.aborted);
    const key = this.#waiting[0]?.key;
    const batch = this.#waiting.filter((one) => one.key === key).slice(0, MOST);
    const taken = new Set(batch);
    this.#waiting = this.#waiting.filter((one) => !taken.has(one));
    return batch;
  }

  async #run(batch: readonly Waiting[]): Promise<void> {
    const [first] = batch as [Waiting];
    try {
      await this.model.sample(
        batch.map(({ request }) => request),
        {
          ...first.options,
          onText: (index, piece) => {
            const { signal, onPiece } = batch[index] as Waiting;
            if (!signal.aborted) onPiece?.(piece);
            return signal.aborted;
          },
        },
        (index, answer) => {
          const { signal, resolve, reject } = batch[index] as Waiting;
          if (signal.aborted) reject(signal.reason);
          else resolve(answer);
        },
      );
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
