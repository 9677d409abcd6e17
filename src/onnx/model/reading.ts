/** Reading of the weights that a model samples with. */
import type {
  BranchOptions,
  Branches,
  EncodedText,
  ModelShape,
  Reading,
  ReadingOptions,
} from "../../capabilities/index.js";
import type { Engine } from "../../graph/index.js";
import type { ModelFolder } from "../files/folder.js";
import { architectureOf } from "../architectures/index.js";
import { BranchReader } from "../network/branch-reader.js";
import type { LoraOptions } from "../network/lora.js";
import type { Reader } from "../network/reader.js";

export interface ReadingParts {
  readonly engine: Engine;
  readonly folder: ModelFolder;
  readonly scope: string;
  readonly lora: LoraOptions | undefined;
  readonly reader: Reader;
}

export class OnnxReading implements Reading {
  readonly shape: ModelShape;
  readonly #parts: ReadingParts;

  constructor(parts: ReadingParts) {
    const { layers, width, vocabSize } = parts.folder.config;
    this.shape = { layers, width, vocabSize };
    this.#parts = parts;
  }

  activations(
    texts: readonly (readonly number[])[],
    layers: readonly number[],
    options?: ReadingOptions,
  ): Promise<Map<number, Float32Array>[]> {
    return this.#parts.reader.activations(texts, layers, options);
  }

  logProbabilities(texts: readonly (readonly number[])[], options?: ReadingOptions): Promise<Float32Array[]> {
    return this.#parts.reader.logProbabilities(texts, options);
  }

  distributions(texts: readonly EncodedText[], options?: Pick<ReadingOptions, "signal">): Promise<Float32Array[]> {
    return this.#parts.reader.distributions(texts, options);
  }

  branches(options: BranchOptions): Branches {
    const { engine, folder, scope, lora } = this.#parts;
    return new BranchReader({ engine, config: folder.config, scope, lora, ...options });
  }

  logitEffect(vector: Float32Array): Float32Array {
    const { config, tensors } = this.#parts.folder;
    const { width, vocabSize, tied } = config;
    const gain = tensors.get("model.norm.weight")?.data;
    const table = tensors.get(tied ? "model.embed_tokens.weight" : "lm_head.weight")?.data;
    if (vector.length !== width) {
      throw new RangeError(`logit effect: the vector has ${vector.length} elements, the model's width is ${width}`);
    }
    if (!gain || !table) throw new Error("logit effect: the model's folder has no final norm or no read-out");
    const more = architectureOf(config.modelType).norms.gain === "one more" ? 1 : 0;
    const read = vector.map((x, i) => x * ((gain[i] as number) + more));
    return Float32Array.from({ length: vocabSize }, (_, token) => {
      let total = 0;
      for (let i = 0; i < width; i++) total += (read[i] as number) * (table[token * width + i] as number);
      return total;
    });
  }
}
