/**
 * The weights as the graphs want them: q, k, v and gate, up are stacked, so that each is one matrix product.
 * Only this file knows both the stacked names and the Hugging Face names.
 */
import type { Tensor as WeightTensor, Weights } from "../../capabilities/index.js";
import type { Graph, Value } from "../../graph/index.js";
import { Random } from "../../statistics/index.js";
import type { TransformerConfig } from "../files/config.js";

export type { Weights, WeightTensor };

/** One stacked parameter: its shape and the Hugging Face tensors whose rows it is made of, top to bottom. */
export interface StackedParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly parts: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/** Every parameter of a model. Key: V vocabulary, W width, H heads, K key-value heads, D head width, F MLP width. */
export function stackedParameters(config: TransformerConfig): StackedParameter[] {
  const { vocabSize, width, hidden, heads, keyValueHeads, headDim } = config;
  const result: StackedParameter[] = [];
  const one = (name: string, source: string, shape: readonly number[]): void => {
    result.push({ name, shape, parts: [{ name: source, shape }] });
  };
  const stack = (name: string, columns: number | undefined, parts: readonly (readonly [string, number])[]): void => {
    const tail = columns === undefined ? [] : [columns];
    const total = parts.reduce((sum, [, count]) => sum + count, 0);
    result.push({
      name,
      shape: [total, ...tail],
      parts: parts.map(([part, count]) => ({ name: part, shape: [count, ...tail] })),
    });
  };
  one("embedding", "model.embed_tokens.weight", [vocabSize, width]);
  for (let layer = 0; layer < config.layers; layer++) {
    const from = `model.layers.${layer}`;
    const to = `layers.${layer}`;
    const projections = [
      ["q", heads * headDim],
      ["k", keyValueHeads * headDim],
      ["v", keyValueHeads * headDim],
    ] as const;
    one(`${to}.attentionNorm`, `${from}.input_layernorm.weight`, [width]);
    stack(
      `${to}.qkv`,
      width,
      projections.map(([p, n]) => [`${from}.self_attn.${p}_proj.weight`, n] as const),
    );
    if (config.qkvBias)
      stack(
        `${to}.qkvBias`,
        undefined,
        projections.map(([p, n]) => [`${from}.self_attn.${p}_proj.bias`, n] as const),
      );
    one(`${to}.output`, `${from}.self_attn.o_proj.weight`, [width, heads * headDim]);
    one(`${to}.mlpNorm`, `${from}.post_attention_layernorm.weight`, [width]);
    stack(`${to}.gateUp`, width, [
      [`${from}.mlp.gate_proj.weight`, hidden],
      [`${from}.mlp.up_proj.weight`, hidden],
    ]);
    one(`${to}.down`, `${from}.mlp.down_proj.weight`, [width, hidden]);
  }
  one("norm", "model.norm.weight", [width]);
  if (!config.tied) one("readout", "lm_head.weight", [vocabSize, width]);
  return result;
}

/** The parameters as state tensors of a graph, under the names that `name` gives them in the engine. */
export function declareParameters(
  graph: Graph,
  config: TransformerConfig,
  name: (parameter: string) => string,
): (parameter: string) => Value {
  const values = new Map(
    stackedParameters(config).map((p) => [p.name, graph.stateTensor(name(p.name), "float32", p.shape)]),
  );
  return (parameter) => {
    const value = values.get(parameter);
    if (!value) throw new Error(`the model has no parameter "${parameter}"`);
    return value;
  };
}

const count = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/**
 * Hugging Face tensors → stacked parameters (rows of the parts follow each other in memory), each made when it is asked
 * for: nobody needs to hold all of them beside the weights.
 * @throws {Error} before the first, where a tensor is missing or has another size
 */
export function stackWeights(config: TransformerConfig, weights: Weights): Iterable<[string, Float32Array]> {
  const stacked = stackedParameters(config).map(({ name, shape, parts }) => {
    const tensors = parts.map((part) => {
      const tensor = weights.get(part.name);
      if (tensor?.data.length === count(part.shape)) return tensor.data;
      throw new Error(
        `weights: "${part.name}" should be [${part.shape.join(", ")}], found ${tensor ? `[${tensor.shape.join(", ")}]` : "nothing"}`,
      );
    });
    return { name, size: count(shape), tensors };
  });
  return (function* () {
    for (const { name, size, tensors } of stacked) {
      const data = new Float32Array(size);
      let offset = 0;
      for (const tensor of tensors) {
        data.set(tensor, offset);
        offset += tensor.length;
      }
      yield [name, data] as [string, Float32Array];
    }
  })();
}

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
      weights.set(part.name, { shape: part.shape, data: data.slice(offset, offset + size) });
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
  for (const { name, shape } of stackedParameters(config)) {
    const data = new Float32Array(count(shape));
    if (name.endsWith("orm")) data.fill(1);
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
