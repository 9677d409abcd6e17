/** Reading of the weights that a model samples with. */
import type {
  BranchedText,
  BranchOptions,
  Branches,
  EncodedText,
  ModelShape,
  Reading,
  ReadingOptions,
} from "../../capabilities/index.js";
import { Graph, linear, multiply, reshape, type Engine, type Program } from "../../graph/index.js";
import type { TransformerConfig } from "../architectures/index.js";
import { gainOf } from "../network/gain.js";
import { declareParameters } from "../network/parameters.js";
import { readoutTable } from "../network/readout.js";
import { BranchReader } from "../network/branch-reader.js";
import { ContinuationReader } from "../network/continuation-reader.js";
import type { LoraOptions } from "../network/lora.js";
import type { Reader } from "../network/reader.js";
import type { OpenedFolder } from "./opened-weights.js";

export interface ReadingParts {
  readonly engine: Engine;
  readonly folder: OpenedFolder;
  readonly scope: string;
  readonly lora: LoraOptions | undefined;
  readonly reader: Reader;
}

export class OnnxReading implements Reading {
  readonly shape: ModelShape;
  readonly #parts: ReadingParts;
  readonly #continuations: ContinuationReader;
  #logitEffect: Promise<Program> | undefined;

  constructor(parts: ReadingParts) {
    const { layers, width, vocabSize } = parts.folder.config;
    this.shape = { layers, width, vocabSize };
    this.#parts = parts;
    const { engine, scope, lora, reader: plain } = parts;
    this.#continuations = new ContinuationReader({ engine, config: parts.folder.config, scope, lora, plain });
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

  continuations(texts: readonly BranchedText[], options?: Pick<ReadingOptions, "signal">): Promise<Float32Array[][]> {
    return this.#continuations.logProbabilities(texts, options);
  }

  distributions(texts: readonly EncodedText[], options?: Pick<ReadingOptions, "signal">): Promise<Float32Array[]> {
    return this.#parts.reader.distributions(texts, options);
  }

  branches(options: BranchOptions): Branches {
    const { engine, folder, scope, lora } = this.#parts;
    return new BranchReader({ engine, config: folder.config, scope, lora, ...options });
  }

  async logitEffect(vector: Float32Array): Promise<Float32Array> {
    const { engine, folder, scope } = this.#parts;
    const { width } = folder.config;
    if (vector.length !== width) {
      throw new RangeError(`logit effect: the vector has ${vector.length} elements, the model's width is ${width}`);
    }
    this.#logitEffect ??= engine.load(logitEffectGraph(folder.config, (name) => `${scope}.${name}`));
    const { effect } = await engine.run(await this.#logitEffect, { vector });
    return effect as Float32Array;
  }
}

/** Feed: vector [W]. Fetch: effect [V], the read-out of vector ⊙ the final norm's gain. */
function logitEffectGraph(config: TransformerConfig, name: (parameter: string) => string): Graph {
  const graph = new Graph();
  const parameters = declareParameters(graph, config, name);
  const vector = graph.feed("vector", "float32", [config.width]);
  const read = reshape(multiply(vector, gainOf(config, parameters, "norm")), [1, config.width]);
  graph.fetch("effect", reshape(linear(read, readoutTable(config, parameters)), [config.vocabSize]));
  return graph;
}
