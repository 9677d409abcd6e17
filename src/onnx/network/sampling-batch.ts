/**
 * Answers under way, a row of the caches each. When one ends, its row goes to the next that waits, of whichever call; a
 * prompt is read once for all its answers that begin together, and its keys and values are copied.
 */
import type { Engine, RowCopy, Tensors } from "../../graph/index.js";
import type { NextToken, OpenAnswer, SamplingCall } from "./sampling-call.js";
import type { SamplerPrograms } from "./sampler-programs.js";
import { promptSteering, steeringFeeds, type Steering } from "./steering.js";

/** Tokens by which a cache grows. */
const AHEAD = 128;
/** Tokens of prompts that are read at once, and numbers of their attention scores: 2²⁶ are 256 MiB. */
const MOST_TOKENS = 4096;
const MOST_SCORES = 2 ** 26;
/** Bytes of the caches that a batch does not go beyond, but for its first row. */
const MOST_CACHE = 2 ** 31;

export interface BatchShape {
  readonly vocabSize: number;
  readonly maxPositions: number;
  readonly heads: number;
  /** Bytes of a position in all caches. */
  readonly positionBytes: number;
  /** Rows of batches, ascending. */
  readonly sizes: readonly number[];
}

/** What was read last, and may be asked for again. */
interface Read {
  readonly length: number;
  readonly texts: ReadonlyMap<string, { readonly row: number; readonly next: NextToken }>;
}

export class SamplingBatch {
  /** By row. */
  readonly #open: (OpenAnswer | undefined)[] = [];
  #cache = 0;
  #read: Read = { length: 0, texts: new Map() };
  #turn = 0;

  constructor(
    private readonly engine: Engine,
    private readonly programs: SamplerPrograms,
    private readonly shape: BatchShape,
    /** How all its calls are steered. */
    readonly steering: readonly Steering[],
  ) {}

  get isEmpty(): boolean {
    return this.#open.every((answer) => answer === undefined);
  }

  /** Begins what may begin of the calls' answers, then draws a token for all that are under way. */
  async step(calls: readonly SamplingCall[]): Promise<void> {
    for (const call of calls) if (call.options.signal?.aborted) call.fail(call.options.signal.reason);
    this.#leave();
    await this.#admit(calls);
    this.#leave();
    if (!this.isEmpty) await this.#decode();
  }

  /** Frees the rows of calls that ended in another way. */
  #leave(): void {
    this.#open.forEach((answer, row) => {
      if (answer?.call.hasEnded) this.#open[row] = undefined;
    });
  }

  get #count(): number {
    return this.#open.reduce((count, answer) => count + (answer === undefined ? 0 : 1), 0);
  }

  async #admit(calls: readonly SamplingCall[]): Promise<void> {
    const waiting = calls.reduce((count, call) => count + call.waiting.length, 0);
    const most = this.shape.sizes.at(-1) as number;
    const count = this.#count;
    // Reading a few prompts costs nearly as much as reading many, so rows are filled again some at a time.
    const isWorthIt = count === 0 || waiting <= most - count || most - count >= most / 8;
    if (waiting === 0 || count === most || !isWorthIt) return;
    const chosen = this.#next(calls, most - count);
    for (let start = 0; start < chosen.length;) {
      const portion = this.#portion(chosen, start);
      start += portion.length;
      await this.#begin(portion);
    }
  }

  /** Answers that begin now: the calls take turns. Those whose caches would be too large wait. */
  #next(calls: readonly SamplingCall[], most: number): OpenAnswer[] {
    const chosen: OpenAnswer[] = [];
    const { positionBytes } = this.shape;
    let count = this.#count;
    let longest = this.#cache;
    for (;;) {
      const open = calls.filter((call) => call.waiting.length > 0);
      const answer = open[this.#turn++ % Math.max(1, open.length)]?.waiting[0];
      if (answer === undefined || chosen.length === most) return chosen;
      longest = Math.max(longest, this.#wanted(answer));
      if (count > 0 && (count + 1) * longest * positionBytes > MOST_CACHE) return chosen;
      answer.call.waiting.shift();
      chosen.push(answer);
      count++;
    }
  }

  /** Answers from `start` on whose prompts are read in one run, or were read in the last. */
  #portion(chosen: readonly OpenAnswer[], start: number): OpenAnswer[] {
    const portion: OpenAnswer[] = [];
    const keys = new Set<string>();
    let longest = 0;
    for (const answer of chosen.slice(start)) {
      const isRead = this.#read.texts.has(answer.key);
      if (!isRead) {
        const length = quantum(Math.max(longest, answer.prompt.length), 16);
        const rows = powerOfTwo(keys.size + (keys.has(answer.key) ? 0 : 1));
        const fits = rows * length <= MOST_TOKENS && rows * length * length * this.shape.heads <= MOST_SCORES;
        if (keys.size > 0 && !fits) break;
        keys.add(answer.key);
        longest = length;
      }
      portion.push(answer);
    }
    return portion;
  }

  /** Reads the prompts, draws their first tokens and gives the answers that go on a row. */
  async #begin(portion: readonly OpenAnswer[]): Promise<void> {
    const known = portion.filter(({ key }) => this.#read.texts.has(key));
    await this.#enter(known);
    const others = portion.filter((answer) => !known.includes(answer));
    if (others.length === 0) return;
    const texts = [...new Map(others.map((answer) => [answer.key, answer])).values()];
    const length = quantum(Math.max(...texts.map(({ prompt }) => prompt.length)), 16);
    this.#read = {
      length,
      texts: await this.#readTexts(
        texts,
        length,
        others.some(({ call }) => call.isWarm),
      ),
    };
    await this.#enter(others);
  }

  async #readTexts(texts: readonly OpenAnswer[], length: number, isWarm: boolean): Promise<Read["texts"]> {
    const rows = powerOfTwo(texts.length);
    const steering = promptSteering(this.steering);
    const program = await this.programs.prefill(rows, length, isWarm, steering);
    const tokens = new Int32Array(rows * length);
    const readAt = new Int32Array(rows);
    texts.forEach(({ prompt }, row) => {
      tokens.set(prompt, row * length);
      readAt[row] = row * length + prompt.length - 1;
    });
    const places = texts.map(({ at }) => at);
    const output = await this.engine.run(program, {
      ...steeringFeeds(steering, rows, places),
      ...(isWarm && { inverseTemperature: warmth(texts, rows) }),
      tokens,
      readAt,
      start: new Int32Array(rows),
    });
    return new Map(texts.map(({ key }, row) => [key, { row, next: this.#nextToken(output, row) }]));
  }

  /** Answers whose prompts were read last. */
  async #enter(answers: readonly OpenAnswer[]): Promise<void> {
    const copies: RowCopy[] = [];
    let longest = 0;
    for (const answer of answers) {
      const { row: from, next } = this.#read.texts.get(answer.key) as { row: number; next: NextToken };
      if (answer.call.hasEnded || !answer.call.extend(answer, next)) continue;
      const free = this.#open.indexOf(undefined);
      const to = free < 0 ? this.#open.length : free;
      this.#open[to] = answer;
      copies.push({ from, to });
      longest = Math.max(longest, this.#wanted(answer));
    }
    if (copies.length === 0) return;
    await this.#reach(
      longest,
      copies.map(({ to }) => to),
    );
    await this.programs.enter(this.#read.length, this.#cache, this.#open.length, copies);
  }

  /** Positions that an answer will want soon. */
  #wanted({ prompt, ids, limit }: OpenAnswer): number {
    const length = prompt.length + ids.length + Math.min(AHEAD, limit - ids.length);
    return quantum(Math.max(prompt.length, Math.min(length, this.shape.maxPositions)), 32);
  }

  /** Sees to it that caches have so many positions; rows that are new have nothing to keep. */
  async #reach(positions: number, added: readonly number[] = []): Promise<void> {
    const isFirst = this.#open.every((answer, row) => answer === undefined || added.includes(row));
    if (positions <= this.#cache && !isFirst) return;
    const before = this.#cache;
    this.#cache = positions;
    if (isFirst || positions === before) return;
    const kept = this.#open.flatMap((answer, row) => (answer && !added.includes(row) ? [{ from: row, to: row }] : []));
    await this.programs.copy(before, positions, this.#open.length, kept);
  }

  async #decode(): Promise<void> {
    const { sizes } = this.shape;
    const answers = this.#open.filter((answer) => answer !== undefined);
    const most = Math.max(...answers.map(({ prompt, ids }) => prompt.length + ids.length));
    if (most > this.#cache) await this.#reach(Math.max(...answers.map((answer) => this.#wanted(answer))));
    const size = sizes.find((rows) => rows >= answers.length) as number;
    await this.programs.copy(this.#cache, this.#cache, size, this.#moveUp(size));
    const open = this.#open.flatMap((answer, row) => (answer ? [{ answer, row }] : []));
    const isWarm = open.some(({ answer }) => answer.call.isWarm);
    const program = await this.programs.decode(size, this.#cache, isWarm, this.steering);
    const tokens = new Int32Array(size);
    const position = new Int32Array(size);
    const texts: number[] = [];
    for (const { row, answer } of open) {
      tokens[row] = answer.ids.at(-1) as number;
      position[row] = answer.prompt.length + answer.ids.length - 1;
      texts[row] = answer.at;
    }
    const output = await this.engine.run(program, {
      ...steeringFeeds(this.steering, size, texts),
      ...(isWarm && { inverseTemperature: warmth(this.#open, size) }),
      tokens,
      position,
    });
    for (const { row, answer } of open) {
      if (answer.call.hasEnded || !answer.call.extend(answer, this.#nextToken(output, row)))
        this.#open[row] = undefined;
    }
  }

  /** Moves what stands in rows from `rows` on to free ones before; says what is to be copied. */
  #moveUp(rows: number): RowCopy[] {
    const copies: RowCopy[] = [];
    for (let from = rows; from < this.#open.length; from++) {
      if (this.#open[from] === undefined) continue;
      const to = this.#open.indexOf(undefined);
      this.#open[to] = this.#open[from];
      copies.push({ from, to });
    }
    this.#open.length = Math.min(this.#open.length, rows);
    return copies;
  }

  #nextToken(output: Tensors, row: number): NextToken {
    const { vocabSize } = this.shape;
    const part = (name: string): Float32Array =>
      (output[name] as Float32Array).subarray(row * vocabSize, (row + 1) * vocabSize);
    const probabilities = part("probabilities");
    return { probabilities, weights: output["weights"] === undefined ? probabilities : part("weights") };
  }
}

function warmth(answers: readonly (OpenAnswer | undefined)[], rows: number): Float32Array {
  const inverse = new Float32Array(rows).fill(1);
  answers.forEach((answer, row) => {
    if (answer?.call.isWarm) inverse[row] = 1 / answer.call.temperature;
  });
  return inverse;
}

const powerOfTwo = (least: number): number => 2 ** Math.ceil(Math.log2(least));

/** A size of at least `least`: multiples of `unit`, coarser ones where sizes are large, so that few programs serve all. */
function quantum(least: number, unit: number): number {
  const step = Math.max(unit, 2 ** (Math.ceil(Math.log2(Math.max(1, least))) - 3));
  return Math.ceil(least / step) * step;
}
