/** Draws token ids in the worker. */
import { checkSampling, checkSteering, type PromptRow, type SampledRow, type SamplingOptions } from "../onnx/index.js";
import type { ModelShape } from "../capabilities/index.js";
import { Random } from "../statistics/index.js";
import { encodeSteering, textTensors } from "./encode.js";
import { TorchError } from "./error.js";
import type { Received } from "./payload.js";
import type { OpenCall, Worker } from "./worker.js";

interface Shape extends ModelShape {
  readonly maxPositions: number;
}

/** Prompts that go to the worker at once: their random numbers are sent with them. */
const AT_ONCE = 512;

export class TorchSampler {
  constructor(
    private readonly worker: Worker,
    private readonly shape: Shape,
    /** Answers that are under way at a time. */
    private readonly rows: number,
  ) {}

  async sample(
    prompts: readonly PromptRow[],
    options: SamplingOptions,
    onRow: (index: number, row: SampledRow) => void,
  ): Promise<void> {
    const { steering = [], signal } = options;
    checkSteering(steering, this.shape.layers, this.shape.width, prompts.length);
    checkSampling(prompts, options, this.shape);
    // Vectors of their own are counted over all texts, so such a call stays whole.
    const atOnce = steering.some(({ addEach }) => addEach) ? prompts.length : AT_ONCE;
    for (let start = 0; start < prompts.length; start += atOnce) {
      signal?.throwIfAborted();
      await this.#portion(prompts.slice(start, start + atOnce), start, options, onRow);
    }
  }

  async #portion(
    prompts: readonly PromptRow[],
    offset: number,
    options: SamplingOptions,
    onRow: (index: number, row: SampledRow) => void,
  ): Promise<void> {
    const { steering = [], temperature = 1, topP = 1, maxTokens = 128, alternatives = 0, stop, signal } = options;
    const limits = Int32Array.from(prompts, ({ maxTokens: own }) => own ?? maxTokens);
    const wanted = options.onToken ? alternatives : 0;
    const steered = encodeSteering(steering);
    const drawing = new Drawing(prompts.length, limits, { ...options, alternatives: wanted }, (index, row) =>
      onRow(offset + index, row),
    );
    let failure: { readonly error: unknown } | undefined;
    const call: OpenCall = this.worker.open(
      "sample",
      { ...steered.header, temperature, topP, alternatives: wanted, stop: [...stop], batch: this.rows },
      {
        ...textTensors(
          "prompts",
          prompts.map(({ ids }) => ids),
        ),
        ...steered.tensors,
        limits: { shape: [limits.length], data: limits },
        ...(temperature !== 0 && { uniforms: uniformsOf(prompts, limits) }),
      },
      {
        signal,
        onEvent: (_event, tensors) => {
          if (failure !== undefined) return;
          try {
            const ended = drawing.take(tensors, offset);
            if (ended.length > 0) call.endRows(ended);
          } catch (error) {
            // What a listener throws ends the call, not the worker.
            failure = { error };
            call.endRows([...prompts.keys()]);
          }
        },
      },
    );
    await call.done;
    if (failure !== undefined) throw failure.error;
    drawing.requireAll();
  }
}

/** Tokens of each answer as they come. */
class Drawing {
  readonly #ids: number[][];
  readonly #logs: number[][];
  readonly #ended: boolean[];

  constructor(
    count: number,
    private readonly limits: Int32Array,
    private readonly options: SamplingOptions,
    private readonly onRow: (index: number, row: SampledRow) => void,
  ) {
    this.#ids = Array.from({ length: count }, () => []);
    this.#logs = Array.from({ length: count }, () => []);
    this.#ended = Array.from({ length: count }, () => false);
  }

  /** Returns the rows that a listener ended with this token: the worker does not know of it. */
  take(tensors: Received, offset: number): number[] {
    const rows = tensors.ints("rows");
    const ids = tensors.ints("ids", rows.length);
    const logs = tensors.floats("logProbabilities", rows.length);
    const { alternatives = 0, stop, onToken } = this.options;
    const others = alternatives > 0 ? tensors.ints("others", rows.length * alternatives) : undefined;
    const otherLogs =
      alternatives > 0 ? tensors.floats("otherLogProbabilities", rows.length * alternatives) : undefined;
    const ended: number[] = [];
    rows.forEach((row, i) => {
      if (this.#ended[row] !== false) return; // it came before the worker heard that the answer is at its end
      const [id, logProbability] = [ids[i] as number, logs[i] as number];
      this.#logs[row]?.push(logProbability);
      if (stop.includes(id)) return this.#end(row, { finish: "stop", end: id });
      this.#ids[row]?.push(id);
      const told = Array.from({ length: alternatives }, (_, k) => ({
        id: others?.[i * alternatives + k] as number,
        logProbability: otherLogs?.[i * alternatives + k] as number,
      }));
      if (onToken?.(offset + row, { id, logProbability, alternatives: told }) === true) {
        ended.push(row);
        return this.#end(row, { finish: "stop" });
      }
      if (this.#ids[row]?.length === this.limits[row]) this.#end(row, { finish: "length" });
    });
    return ended;
  }

  #end(row: number, how: Pick<SampledRow, "finish" | "end">): void {
    this.#ended[row] = true;
    this.onRow(row, { ids: this.#ids[row] ?? [], logProbabilities: this.#logs[row] ?? [], ...how });
  }

  requireAll(): void {
    const left = this.#ended.filter((ended) => !ended).length;
    if (left > 0)
      throw new TorchError("protocol", `the worker left ${left} of ${this.#ended.length} answers unfinished`);
  }
}

/** One number for every token of every answer, from the stream that the onnx engine draws from, too. */
function uniformsOf(prompts: readonly PromptRow[], limits: Int32Array) {
  const most = limits.reduce((longest, limit) => Math.max(longest, limit), 0);
  const data = new Float64Array(prompts.length * most);
  prompts.forEach(({ seed }, row) => {
    const random = Random.of("answer", seed);
    for (let at = 0; at < (limits[row] as number); at++) data[row * most + at] = random.uniform();
  });
  return { shape: [prompts.length, most], data };
}
