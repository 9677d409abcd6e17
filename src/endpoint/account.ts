/**
 * Tokens and money. A request reserves the most it can cost before it is sent, so a limit is never passed, not even with
 * hundreds in flight; when it is done, what it did cost takes the reservation's place. Near the limit requests wait for
 * each other's reservations, and the first that would not fit with nothing in flight ends the run.
 */
import { EndpointError } from "./error.js";

/** US dollars per million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
  /** For input tokens that the server had cached; default `input`. */
  readonly cachedInput?: number;
}

/** Prices by the name the model is asked for; `*` is for every other. */
export type PriceTable = Readonly<Record<string, Price>>;

export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Of the prompt's tokens, those the server had cached. */
  readonly cachedTokens: number;
}

export interface Spending {
  /** Requests that were answered by a server. */
  readonly requests: number;
  /** Requests that were answered from the cache on disk: they cost nothing. */
  readonly cached: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** US dollars, by the servers' own counts. */
  readonly cost: number;
  /** US dollars at most for tries whose reply was lost or told no counts; part of the limit, not of `cost`. */
  readonly uncertain: number;
  /** Answered requests to models without a price. */
  readonly unpriced: number;
  /** Answered requests whose server told no counts of tokens. */
  readonly uncounted: number;
}

export interface AccountOptions {
  readonly prices?: PriceTable;
  /** US dollars. Every model that is asked needs a price then. */
  readonly maxCost?: number;
}

/** Tokens that servers put around each message, generously. */
const TOKENS_AROUND_MESSAGE = 16;

/** One for all servers of a run. */
export class Account {
  readonly maxCost: number;
  readonly #prices: PriceTable;
  #reserved = 0;
  #settled: (() => void)[] = [];
  #requests = 0;
  #cached = 0;
  #promptTokens = 0;
  #completionTokens = 0;
  #cost = 0;
  #uncertain = 0;
  #unpriced = 0;
  #uncounted = 0;

  constructor({ prices = {}, maxCost = Infinity }: AccountOptions = {}) {
    if (!(maxCost >= 0)) throw new RangeError(`Account: expected maxCost >= 0 dollars, found ${maxCost}`);
    for (const [model, price] of Object.entries(prices)) {
      if (![price.input, price.output, price.cachedInput ?? 0].every((x) => Number.isFinite(x) && x >= 0)) {
        throw new RangeError(
          `Account: the price of ${model}: expected dollars per million tokens, found ${JSON.stringify(price)}`,
        );
      }
    }
    this.#prices = prices;
    this.maxCost = maxCost;
  }

  get spending(): Spending {
    return {
      requests: this.#requests,
      cached: this.#cached,
      promptTokens: this.#promptTokens,
      completionTokens: this.#completionTokens,
      cost: this.#cost,
      uncertain: this.#uncertain,
      unpriced: this.#unpriced,
      uncounted: this.#uncounted,
    };
  }

  /** Counts what an earlier call of the same work has spent, so that the limit is that of the work as a whole. */
  carryOn(earlier: Spending): void {
    this.#requests += earlier.requests;
    this.#cached += earlier.cached;
    this.#promptTokens += earlier.promptTokens;
    this.#completionTokens += earlier.completionTokens;
    this.#cost += earlier.cost;
    this.#uncertain += earlier.uncertain;
    this.#unpriced += earlier.unpriced;
    this.#uncounted += earlier.uncounted;
  }

  priceOf(model: string): Price | undefined {
    return this.#prices[model] ?? this.#prices["*"];
  }

  countCached(): void {
    this.#cached++;
  }

  /**
   * Waits until the most that a request can cost fits under the limit.
   * @param promptBytes UTF-8 bytes of the messages: no tokenizer makes more tokens than bytes
   * @throws {EndpointError} fault `cost`: it does not fit, and nothing is in flight that could free some
   */
  async reserve(
    model: string,
    prompt: { readonly bytes: number; readonly messages: number },
    maxTokens: number | undefined,
  ): Promise<Reservation> {
    const price = this.priceOf(model);
    if (this.maxCost < Infinity) {
      if (price === undefined) {
        throw new EndpointError(
          `a cost limit needs a price for ${model}: dollars per million input and output tokens`,
          {
            fault: "cost",
          },
        );
      }
      if (maxTokens === undefined) {
        throw new EndpointError(`a cost limit needs the longest answer in tokens (${model})`, { fault: "cost" });
      }
    }
    const tokens = prompt.bytes + TOKENS_AROUND_MESSAGE * (prompt.messages + 1);
    const most =
      price === undefined
        ? 0
        : (tokens * Math.max(price.input, price.cachedInput ?? 0) + (maxTokens ?? 0) * price.output) / 1e6;
    await this.#fit(most, model);
    return new Reservation(most, {
      settle: (usage) => this.#settle(most, price, usage),
      release: () => this.#release(most),
      lost: async () => {
        this.#uncertain += most;
        this.#release(most);
        await this.#fit(most, model);
      },
    });
  }

  async #fit(most: number, model: string): Promise<void> {
    while (this.#cost + this.#uncertain + this.#reserved + most > this.maxCost) {
      if (this.#reserved === 0) {
        const spent = dollars(this.#cost + this.#uncertain);
        throw new EndpointError(
          `the cost limit of ${dollars(this.maxCost)} is reached: ${spent} are spent, and the next request to ${model} could cost ${dollars(most)}. Raise --max-cost to go on`,
          { fault: "cost" },
        );
      }
      await new Promise<void>((resolve) => this.#settled.push(resolve));
    }
    this.#reserved += most;
  }

  #settle(most: number, price: Price | undefined, usage: Usage | undefined): void {
    this.#requests++;
    if (price === undefined) this.#unpriced++;
    if (usage === undefined) {
      this.#uncertain += most;
      this.#uncounted++;
    } else {
      const { promptTokens, completionTokens, cachedTokens } = usage;
      this.#promptTokens += promptTokens;
      this.#completionTokens += completionTokens;
      if (price !== undefined) {
        const { input, output, cachedInput = input } = price;
        this.#cost +=
          ((promptTokens - cachedTokens) * input + cachedTokens * cachedInput + completionTokens * output) / 1e6;
      }
    }
    this.#release(most);
  }

  #release(most: number): void {
    this.#reserved -= most;
    if (this.#reserved < 1e-12) this.#reserved = 0;
    const waiting = this.#settled;
    this.#settled = [];
    for (const resolve of waiting) resolve();
  }
}

/** The most that one request can cost, set aside until it is done. */
export class Reservation {
  #open = true;

  constructor(
    /** US dollars. */
    readonly most: number,
    private readonly account: {
      settle(usage: Usage | undefined): void;
      release(): void;
      lost(): Promise<void>;
    },
  ) {}

  /** The request is answered. Without counts the most it can have cost is counted as uncertain. */
  settle(usage: Usage | undefined): void {
    if (!this.#open) return;
    this.#open = false;
    this.account.settle(usage);
  }

  /** The request is over and cost nothing more. */
  release(): void {
    if (!this.#open) return;
    this.#open = false;
    this.account.release();
  }

  /** A try may have been charged for; another one is set aside. */
  async lost(): Promise<void> {
    if (!this.#open) return;
    this.#open = false; // stays closed when the next try does not fit
    await this.account.lost();
    this.#open = true;
  }
}

const dollars = (amount: number): string =>
  `$${amount < 0.01 && amount > 0 ? amount.toPrecision(2) : amount.toFixed(2)}`;
