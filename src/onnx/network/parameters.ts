/** The weights as the graphs want them: q, k, v and gate, up are stacked, so that each is one matrix product. */
import type { LoraOptions, Tensor as WeightTensor, Weights } from "../../capabilities/index.js";
import { toHalves } from "./half.js";
import type { Graph, Value } from "../../graph/index.js";
import { Random } from "../../statistics/index.js";
import {
  architectureOf,
  stackedParameters as decoderParameters,
  type StackedParameter,
  type TransformerConfig,
} from "../architectures/index.js";

export type { Weights, WeightTensor };

/** Every parameter of a model. */
export const stackedParameters = (config: TransformerConfig): StackedParameter[] =>
  decoderParameters(config, architectureOf(config.modelType));

/** Narrower models fold norms' gains into their weights, which are then not read as they are. */
const NARROW = 256;

/**
 * Tells which parameters are held in float16 beside an adapter: the matrices of layers. Tables of tokens stay: the
 * read-out would make all of one float32 where a step needs the most memory.
 */
export const heldInHalf = (
  { width }: TransformerConfig,
  { name, shape }: Pick<StackedParameter, "name" | "shape">,
  frozen: LoraOptions["frozen"],
): boolean => frozen === "float16" && width > NARROW && shape.length === 2 && name.startsWith("layers.");

/** The parameters as state tensors of a graph, under the names that `name` gives them in the engine. */
export function declareParameters(
  graph: Graph,
  config: TransformerConfig,
  name: (parameter: string) => string,
  frozen?: LoraOptions["frozen"],
): (parameter: string) => Value {
  const values = new Map(
    stackedParameters(config).map((p) => {
      const type = heldInHalf(config, p, frozen) ? "float16" : "float32";
      return [p.name, graph.stateTensor(name(p.name), type, p.shape)];
    }),
  );
  return (parameter) => {
    const value = values.get(parameter);
    if (!value) throw new Error(`the model has no parameter "${parameter}"`);
    return value;
  };
}

const count = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Numbers in all parameters of a model. */
export const parameterCount = (config: TransformerConfig): number =>
  stackedParameters(config).reduce((sum, { shape }) => sum + count(shape), 0);

/** @throws {Error} where a tensor is missing or has another size */
function checkWeights(config: TransformerConfig, weights: Weights): void {
  for (const part of stackedParameters(config).flatMap(({ parts }) => parts)) {
    const tensor = weights.get(part.name);
    if (tensor?.data.length === count(part.shape)) continue;
    throw new Error(
      `weights: "${part.name}" should be [${part.shape.join(", ")}], found ${tensor ? `[${tensor.shape.join(", ")}]` : "nothing"}`,
    );
  }
}

/** A parameter as the graphs know it. `fresh`: nobody else uses its memory. */
export interface Stacked {
  readonly name: string;
  readonly data: Float32Array | Uint16Array;
  readonly fresh: boolean;
}

/**
 * Hugging Face tensors → stacked parameters (rows of the parts follow each other in memory), each made when it is asked
 * for: nobody needs to hold all of them beside the weights. Those that are held in float16 come as its bits.
 * @param taken weights that nobody else uses: each is taken out of the map, so that memory holds them once
 * @throws {Error} before the first, where a tensor is missing or has another size
 */
export function stackWeights(
  config: TransformerConfig,
  weights: Weights,
  taken = false,
  frozen?: LoraOptions["frozen"],
): Iterable<Stacked> {
  checkWeights(config, weights);
  const all = stackEach(config, weights, taken, frozen);
  // All at once: while memory grows, the runtime collects the parts; while it shrinks, it would let them lie.
  return taken ? [...all] : all;
}

function* stackEach(
  config: TransformerConfig,
  weights: Weights,
  taken: boolean,
  frozen: LoraOptions["frozen"],
): Generator<Stacked> {
  for (const parameter of stackedParameters(config)) {
    const { name, shape, parts } = parameter;
    const tensors = parts.map((part) => (weights.get(part.name) as WeightTensor).data);
    if (taken) for (const part of parts) (weights as Map<string, WeightTensor>).delete(part.name);
    if (heldInHalf(config, parameter, frozen)) {
      const data = new Uint16Array(count(shape));
      let offset = 0;
      for (const tensor of tensors) offset = toHalves(name, tensor, data, offset);
      yield { name, data, fresh: true };
      continue;
    }
    const [only] = tensors;
    if (tensors.length === 1 && only) {
      yield { name, data: only, fresh: taken };
      continue;
    }
    const data = new Float32Array(count(shape));
    let offset = 0;
    for (const tensor of tensors) {
      data.set(tensor, offset);
      offset += tensor.length;
    }
    yield { name, data, fresh: true };
  }
}

/** Parts of the same memory under their Hugging Face names. */
export function unstackWeights(
  config: TransformerConfig,
  stacked: ReadonlyMap<string, Float32Array>,
): Map<string, WeightTensor> {
  const weights = new Map<string, WeightTensor>();
  for (const { name, parts } of stackedParameters(config)) {
    const data = stacked.get(name);
    if (!data) throw new Error(`weights: the stacked parameter "${name}" is missing`);
    let offset = 0;
    for (const part of parts) {
      const size = count(part.shape);
      weights.set(part.name, { shape: part.shape, data: data.subarray(offset, offset + size) });
      offset += size;
    }
  }
  return weights;
}

/**
 * Fresh weights: normal with deviation 0.02, the projections that write to the residual stream scaled by
 * 1/√(2·layers) (GPT-2, Radford et al. 2019, section 2.3), gains 1, biases 0.
 */
export function initialWeights(config: TransformerConfig, seed: string | number): Map<string, WeightTensor> {
  const stacked = new Map<string, Float32Array>();
  const { gain } = architectureOf(config.modelType).norms;
  for (const { name, shape } of stackedParameters(config)) {
    const data = new Float32Array(count(shape));
    if (/norm$/i.test(name)) data.fill(gain === "weight" ? 1 : 0);
    else if (!name.endsWith("Bias")) {
      const random = Random.of("initial weights", seed, name);
      const residual = name.endsWith(".output") || name.endsWith(".down");
      const deviation = residual ? 0.02 / Math.sqrt(2 * config.layers) : 0.02;
      for (let i = 0; i < data.length; i++) data[i] = deviation * random.normal();
    }
    stacked.set(name, data);
  }
  return unstackWeights(config, stacked);
}
