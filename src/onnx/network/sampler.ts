/** Batched sampling from a decoder: prompts in, answers out, each from a random stream of its own. */
import type { Engine } from "../../graph/index.js";
import type { TransformerConfig } from "../files/config.js";
import type { LoraOptions } from "./lora.js";
import { checkSampling } from "./check-sampling.js";
import { SamplerPrograms } from "./sampler-programs.js";
import { SamplingBatch, type BatchShape } from "./sampling-batch.js";
import { SamplingCall, type PromptRow, type SampledRow, type SamplingOptions } from "./sampling-call.js";
import { checkSteering } from "./steering.js";

export type { PromptRow, SampledRow, SampledToken, SamplingOptions } from "./sampling-call.js";

/** Rows of the smallest batch, unless another is asked for: a product with one row adds up in another order. */
const SMALLEST = 8;
/** Widest model for which programs cost so little that batches shrink in eighths. */
const NARROW = 256;

export class Sampler {
  readonly #config: TransformerConfig;
  readonly #engine: Engine;
  readonly #programs: SamplerPrograms;
  readonly #shape: BatchShape;
  /** In the order in which they came. */
  #calls: SamplingCall[] = [];
  #isRunning = false;

  /**
   * `scope` names the weights in the engine (a Trainer's scope works: the two share them);
   * at most `rows` answers are under way at a time, default 64. Several numbers are the sizes of batches themselves; a
   * row alone is fastest and may round otherwise. With `lora` the adapter of that scope is applied, unmerged.
   */
  constructor(options: {
    engine: Engine;
    config: TransformerConfig;
    scope: string;
    rows?: number | readonly number[];
    lora?: LoraOptions | undefined;
  }) {
    const { engine, config, scope, rows = 64, lora } = options;
    this.#config = config;
    this.#engine = engine;
    this.#programs = new SamplerPrograms(engine, config, scope, lora);
    this.#shape = {
      vocabSize: config.vocabSize,
      maxPositions: config.maxPositions,
      heads: config.heads,
      positionBytes: 8 * config.layers * config.keyValueHeads * config.headDim,
      sizes: typeof rows === "number" ? ladder(rows, config.width) : rows.toSorted((a, b) => a - b),
    };
  }

  /**
   * Samples one answer for every prompt. Calls may overlap: their answers share batches where nothing is steered, and
   * else take turns. `onRow` is called as each is finished. Results are in the prompts' order.
   */
  async sample(
    prompts: readonly PromptRow[],
    options: SamplingOptions,
    onRow?: (index: number, row: SampledRow) => void,
  ): Promise<SampledRow[]> {
    checkSteering(options.steering ?? [], this.#config.layers, this.#config.width, prompts.length);
    checkSampling(prompts, options, this.#config);
    const call = new SamplingCall(prompts, options, onRow);
    this.#calls.push(call);
    if (!this.#isRunning) void this.#run();
    return call.done;
  }

  async close(): Promise<void> {
    await this.#programs.close();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (this.#calls.length > 0) await this.#runBatch();
    } finally {
      this.#isRunning = false;
    }
  }

  /** From the first call's first answer until no answer is under way. */
  async #runBatch(): Promise<void> {
    const [head] = this.#calls as [SamplingCall];
    const batch = new SamplingBatch(this.#engine, this.#programs, this.#shape, head.steering);
    const together: SamplingCall[] = [];
    try {
      do {
        // Who came first is served first: nobody overtakes a call that must wait for another batch.
        const present = this.#calls.findIndex((call) => call !== head && (isSteered(call) || isSteered(head)));
        together.splice(0, together.length, ...this.#calls.slice(0, present < 0 ? undefined : present));
        await batch.step(together);
        this.#calls = this.#calls.filter((call) => !call.hasEnded);
      } while (!batch.isEmpty || together.some((call) => !call.hasEnded));
    } catch (error) {
      for (const call of together) call.fail(error);
      this.#calls = this.#calls.filter((call) => !call.hasEnded);
    }
  }
}

const isSteered = ({ steering }: SamplingCall): boolean => steering.length > 0;

/** Sizes of batch up to `rows` that are worth a program of their own. */
function ladder(rows: number, width: number): number[] {
  const sizes = [rows];
  const step = Math.max(SMALLEST, Math.ceil(rows / SMALLEST));
  const next = (size: number): number => (width > NARROW ? Math.ceil(size / 2) : (Math.ceil(size / step) - 1) * step);
  for (let size = next(rows); size >= SMALLEST; size = next(size)) sizes.unshift(size);
  return sizes;
}
