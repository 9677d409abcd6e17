/** The inside of a model in the worker. */
import { checkSteering, steersAnswersOnly } from "../onnx/index.js";
import type {
  BranchedText,
  BranchOptions,
  Branches,
  BranchReading,
  EncodedText,
  Intervention,
  ModelShape,
  Patch,
  Reading,
  ReadingOptions,
  SteeredReadingOptions,
} from "../capabilities/index.js";
import { encodeSteering, encodedTensors, textTensors, vector } from "./encode.js";
import { TorchError } from "./error.js";
import type { Header } from "./frames.js";
import type { Received, SentTensors } from "./payload.js";
import type { Worker } from "./worker.js";

interface Steered extends SteeredReadingOptions {
  readonly steering?: readonly Intervention[];
}

interface Wanted {
  readonly layers: readonly number[];
  readonly wants: "none" | "next" | "all";
}

type Texts = readonly (readonly number[])[];

export class TorchReading implements Reading {
  constructor(
    private readonly worker: Worker,
    readonly shape: ModelShape,
    private readonly maxPositions: number,
  ) {}

  async activations(
    texts: Texts,
    layers: readonly number[],
    options: Steered = {},
  ): Promise<Map<number, Float32Array>[]> {
    for (const layer of layers) this.#requireLayer("activations", layer);
    const results: Map<number, Float32Array>[] = [];
    const { width } = this.shape;
    await this.#read(texts, {}, { layers, wants: "none" }, options, (batch, tensors) => {
      for (const layer of layers) {
        const sizes = batch.map((index) => width * lengthOf(texts, index));
        partsOf(tensors, `after.${layer}`, sizes).forEach((part, row) => {
          const index = batch[row] as number;
          (results[index] ??= new Map()).set(layer, part);
        });
      }
    });
    return layers.length === 0 ? texts.map(() => new Map()) : results;
  }

  async logProbabilities(texts: Texts, options: Steered = {}): Promise<Float32Array[]> {
    const results: Float32Array[] = [];
    await this.#read(texts, {}, { layers: [], wants: "next" }, options, (batch, tensors) => {
      const sizes = batch.map((index) => lengthOf(texts, index) - 1);
      partsOf(tensors, "next", sizes).forEach((part, row) => (results[batch[row] as number] = part));
    });
    return results;
  }

  async continuations(
    texts: readonly BranchedText[],
    options: Pick<ReadingOptions, "signal"> = {},
  ): Promise<Float32Array[][]> {
    const whole = texts.flatMap(({ prompt, branches }) => branches.map((branch) => [...prompt, ...branch]));
    const read = await this.logProbabilities(whole, options);
    let at = 0;
    return texts.map(({ prompt, branches }) =>
      branches.map(() => (read[at++] as Float32Array).subarray(prompt.length - 1)),
    );
  }

  async distributions(
    texts: readonly EncodedText[],
    options: Pick<ReadingOptions, "signal"> = {},
  ): Promise<Float32Array[]> {
    const { vocabSize } = this.shape;
    const results: Float32Array[] = [];
    const answered = texts.map(({ answer }) => answer.filter((own, i) => own && i > 0).length);
    const ids = texts.map((text) => text.ids);
    await this.#read(ids, encodedTensors("texts", texts), { layers: [], wants: "all" }, options, (batch, tensors) => {
      const sizes = batch.map((index) => vocabSize * (answered[index] ?? 0));
      partsOf(tensors, "all", sizes).forEach((part, row) => (results[batch[row] as number] = part));
    });
    return results;
  }

  branches(options: BranchOptions): Branches {
    return new TorchBranches(this.worker, this.shape, options, this.maxPositions);
  }

  async logitEffect(given: Float32Array): Promise<Float32Array> {
    const { width, vocabSize } = this.shape;
    if (given.length !== width) {
      throw new RangeError(`logit effect: the vector has ${given.length} elements, the model's width is ${width}`);
    }
    let effect: Float32Array | undefined;
    const onEvent = (_event: Header, tensors: Received): void => {
      effect = tensors.floats("effect", vocabSize);
    };
    await this.worker.call("logitEffect", {}, { vector: vector(given) }, { onEvent });
    if (effect === undefined) throw new TorchError("protocol", "the worker told no effect on logits");
    return effect;
  }

  async #read(
    texts: Texts,
    more: SentTensors,
    { layers, wants }: Wanted,
    { steering = [], patch, answersFrom, signal }: Steered,
    onBatch: (batch: readonly number[], tensors: Received) => void,
  ): Promise<void> {
    checkSteering(steering, this.shape.layers, this.shape.width, texts.length);
    if (steersAnswersOnly(steering) && answersFrom?.length !== texts.length) {
      throw new RangeError(
        `reading: steering of answers needs answersFrom for ${texts.length} texts, found ${answersFrom?.length ?? "none"}`,
      );
    }
    for (const ids of texts) requireText(ids, this.maxPositions);
    if (texts.length === 0) return;
    if (patch) this.#requireLayer("patch", patch.layer);
    const steered = encodeSteering(steering);
    const left = new Set(texts.keys());
    await this.worker.call(
      "read",
      { ...steered.header, layers, wants, patchLayer: patch?.layer ?? null },
      {
        ...textTensors("texts", texts),
        ...more,
        ...steered.tensors,
        ...(patch && this.#patch(patch, texts)),
        ...(answersFrom && { answersFrom: { shape: [texts.length], data: Int32Array.from(answersFrom) } }),
      },
      {
        signal,
        onEvent: (event, tensors) => {
          const batch = event["texts"];
          if (!isIndexes(batch, left)) throw new TorchError("protocol", "the worker read texts that nobody asked for");
          onBatch(batch, tensors);
        },
      },
    );
    if (left.size > 0) throw new TorchError("protocol", `the worker left ${left.size} texts unread`);
  }

  #requireLayer(what: string, layer: number): void {
    if (Number.isInteger(layer) && layer >= 0 && layer < this.shape.layers) return;
    throw new RangeError(`${what}: layer ${layer} is not one of 0 … ${this.shape.layers - 1}`);
  }

  #patch({ activations }: Patch, texts: Texts): SentTensors {
    const { width } = this.shape;
    if (activations instanceof Float32Array) {
      if (activations.length === width) return { patch: vector(activations) };
      throw new RangeError(`patch: the vector has ${activations.length} elements, the model's width is ${width}`);
    }
    const named = texts.map((ids, index) => {
      const [own, size] = [activations[index], ids.length * width];
      if (own?.length === size) return [`patch.${index}`, vector(own)] as const;
      const found = own?.length ?? "no";
      throw new RangeError(`patch: text ${index} has ${found} numbers, expected ${size} ([tokens, width])`);
    });
    return Object.fromEntries(named);
  }
}

/** Reads the same texts again and again, with the weights as they then are. */
class TorchBranches implements Branches {
  constructor(
    private readonly worker: Worker,
    private readonly shape: ModelShape,
    private readonly options: BranchOptions,
    maxPositions: number,
  ) {
    const { texts, vectors } = options;
    if (vectors.length !== shape.layers || vectors.some(({ length }) => length !== shape.width)) {
      throw new RangeError(`branches: expected a vector of ${shape.width} for each of ${shape.layers} layers`);
    }
    for (const { prompt, branches } of texts) {
      if (prompt.length === 0 || branches.length === 0 || branches.some((branch) => branch.length === 0)) {
        throw new RangeError("branches: expected a prompt and continuations of at least one token each");
      }
      for (const branch of branches) requireText([...prompt, ...branch], maxPositions);
    }
  }

  async read(signal?: AbortSignal): Promise<BranchReading[]> {
    const { texts, vectors, layers = [] } = this.options;
    const { width } = this.shape;
    if (texts.length === 0) return [];
    const all = new Float32Array(vectors.length * width);
    vectors.forEach((one, layer) => all.set(one, layer * width));
    const readings: BranchReading[] = [];
    await this.worker.call(
      "branches",
      { layers, owners: texts.flatMap(({ branches }, text) => branches.map(() => text)) },
      {
        ...textTensors(
          "prompts",
          texts.map(({ prompt }) => prompt),
        ),
        ...textTensors(
          "branches",
          texts.flatMap(({ branches }) => branches),
        ),
        vectors: { shape: [vectors.length, width], data: all },
      },
      {
        signal,
        onEvent: (event, tensors) => {
          const text = texts[event["text"] as number];
          if (text === undefined) throw new TorchError("protocol", "the worker read a text that nobody asked for");
          const said = text.branches.reduce((sum, { length }) => sum + length, 0);
          const along = tensors.floats("along", vectors.length * (said + 1));
          readings[event["text"] as number] = {
            along: vectors.map((_, layer) => along.slice(layer * (said + 1), (layer + 1) * (said + 1))),
            logProbabilities: tensors.floats("logProbabilities", said),
            activations: new Map(layers.map((layer) => [layer, tensors.floats(`after.${layer}`, (said + 1) * width)])),
          };
        },
      },
    );
    const left = texts.filter((_, i) => readings[i] === undefined).length;
    if (left > 0) throw new TorchError("protocol", `the worker left ${left} texts unread`);
    return readings;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const lengthOf = (texts: Texts, index: number): number => texts[index]?.length ?? 0;

function requireText(ids: readonly number[], maxPositions: number): void {
  if (ids.length === 0) throw new RangeError("reading: a text has no tokens");
  if (ids.length <= maxPositions) return;
  throw new RangeError(`reading: a text of ${ids.length} tokens exceeds the model's ${maxPositions} positions`);
}

/** Takes each index out of those that are left. */
function isIndexes(batch: unknown, left: Set<number>): batch is readonly number[] {
  return Array.isArray(batch) && batch.every((index: unknown) => typeof index === "number" && left.delete(index));
}

/** Parts of one tensor, each of its own memory: a caller that keeps one keeps no batch. */
function partsOf(tensors: Received, name: string, sizes: readonly number[]): Float32Array[] {
  const all = tensors.floats(
    name,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  let at = 0;
  return sizes.map((size) => all.slice(at, (at += size)));
}
