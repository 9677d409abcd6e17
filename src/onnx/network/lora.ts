/**
 * Low-rank adapters (Hu et al. 2021) beside frozen weights: y = W x + scale · B (A x), with PEFT's names, shapes and
 * scale. A and B are state tensors of the engine, under `lora.<module>.a` and `.b` in the scope of the model.
 */
import { gemm, Graph, linear, multiply, type Engine, type Value } from "../../graph/index.js";
import { Random } from "../../statistics/index.js";
import type { Adapter, AdapterModule, LoraOptions, LoraTarget } from "../../capabilities/index.js";
import { architectureOf, type TransformerConfig } from "../architectures/index.js";
import { adapterScale, adapterShapes, moduleName } from "../files/adapter-shapes.js";
import type { Adapt } from "./forward.js";
import type { Weights, WeightTensor } from "./parameters.js";

const SEPARATE: readonly LoraTarget[] = ["q", "k", "v", "o", "gate", "up", "down"];
const FUSED: readonly LoraTarget[] = ["qkv", "o", "gate_up", "down"];

/** The linear layers of a model. */
const targetsOf = ({ modelType }: TransformerConfig): readonly LoraTarget[] =>
  architectureOf(modelType).fused ? FUSED : SEPARATE;

export type { LoraOptions };

/** What the options mean for this model. */
interface Plan {
  readonly rank: number;
  readonly scale: number;
  /** Module → [outputs, inputs]. */
  readonly modules: ReadonlyMap<string, readonly [number, number]>;
}

/** @throws {RangeError} when the options do not fit the model. */
function planOf(config: TransformerConfig, lora: LoraOptions): Plan {
  const { rank, alpha, rankStabilized = false, targets = targetsOf(config), layers } = lora;
  if (!Number.isInteger(rank) || rank < 1)
    throw new RangeError(`lora: rank must be a whole number >= 1, found ${rank}`);
  if (!(alpha > 0)) throw new RangeError(`lora: alpha must be above 0, found ${alpha}`);
  if (targets.length === 0 || layers?.length === 0) throw new RangeError("lora: there is nothing to train");
  const known = targetsOf(config);
  const wrong = targets.find((target) => !known.includes(target));
  if (wrong) throw new RangeError(`lora: there is no target "${wrong}", expected ${known.join(", ")}`);
  const bad = layers?.find((layer) => !Number.isInteger(layer) || layer < 0);
  if (bad !== undefined) throw new RangeError(`lora: layer ${bad} is not one of 0 … ${config.layers - 1}`);
  const modules = adapterShapes(
    { targets: targets.map((target) => `${target}_proj` as const), ...(layers && { layers }) },
    config,
  );
  return { rank, scale: adapterScale({ rank, alpha, rankStabilized }), modules };
}

export interface LoraParameter {
  /** Without the scope. */
  readonly name: string;
  readonly shape: readonly number[];
}

const nameA = (module: string): string => `lora.${module}.a`;
const nameB = (module: string): string => `lora.${module}.b`;

/** Every A [rank, inputs] and B [outputs, rank]. */
export function loraParameters(config: TransformerConfig, lora: LoraOptions): LoraParameter[] {
  const { rank, modules } = planOf(config, lora);
  return [...modules].flatMap(([module, [outputs, inputs]]) => [
    { name: nameA(module), shape: [rank, inputs] },
    { name: nameB(module), shape: [outputs, rank] },
  ]);
}

/** A fresh adapter's tensors: A uniform in ±1/√inputs as PEFT draws it (Kaiming with a = √5), B zero. */
export function initialLora(config: TransformerConfig, lora: LoraOptions): Map<string, Float32Array> {
  const tensors = new Map<string, Float32Array>();
  for (const { name, shape } of loraParameters(config, lora)) {
    const [rows, columns] = shape as [number, number];
    tensors.set(
      name,
      name.endsWith(".a") ? uniformA(name, rows, columns, lora.seed) : new Float32Array(rows * columns),
    );
  }
  return tensors;
}

function uniformA(name: string, rank: number, inputs: number, seed: string | number = 0): Float32Array {
  const data = new Float32Array(rank * inputs);
  const random = Random.of("lora", seed, name);
  for (let i = 0; i < data.length; i++) data[i] = (2 * random.uniform() - 1) / Math.sqrt(inputs);
  return data;
}

/** A fresh adapter's A [rank, inputs] for one module: the same in every engine. */
export const drawA = (
  module: string,
  inputs: number,
  { rank, seed }: Pick<LoraOptions, "rank" | "seed">,
): Float32Array => uniformA(nameA(module), rank, inputs, seed);

/** The low-rank term of every adapted layer; `parameter` finds A and B in the graph. */
export function loraAdapt(config: TransformerConfig, lora: LoraOptions, parameter: (name: string) => Value): Adapt {
  const { scale, modules } = planOf(config, lora);
  return (layer, projection, { x, gain }, y) => {
    const module = moduleName(layer, `${projection}_proj`);
    if (!modules.has(module)) return y;
    // What x still needs (the norm's gain) and the scale go onto A, which is small: x̂ ⊙ g · Aᵀ = x̂ · (A ⊙ g)ᵀ.
    const a = parameter(nameA(module));
    const down = multiply(gain ? multiply(a, gain) : a, y.graph.scalar(scale));
    return linear(linear(x, down), parameter(nameB(module)), y);
  };
}

/** The adapter's tensors as state of a graph; `name` gives their names in the engine. */
export function declareLora(
  graph: Graph,
  config: TransformerConfig,
  lora: LoraOptions,
  name: (parameter: string) => string,
): { readonly values: readonly Value[]; readonly adapt: Adapt } {
  const values = new Map(
    loraParameters(config, lora).map((p) => [p.name, graph.stateTensor(name(p.name), "float32", p.shape)]),
  );
  return { values: [...values.values()], adapt: loraAdapt(config, lora, (key) => values.get(key) as Value) };
}

/**
 * Adds scale · B A to every adapted weight, in its own memory, one layer after the other: what the model with its adapter
 * is as plain weights.
 * @param weights are changed
 */
export async function mergeLora(
  engine: Engine,
  config: TransformerConfig,
  lora: LoraOptions,
  name: (parameter: string) => string,
  weights: Weights,
): Promise<void> {
  const { scale, modules } = planOf(config, lora);
  for (let layer = 0; layer < config.layers; layer++) {
    const graph = new Graph();
    for (const [module, [outputs, inputs]] of modules) {
      if (!module.startsWith(`model.layers.${layer}.`)) continue;
      const a = graph.stateTensor(name(nameA(module)), "float32", [lora.rank, inputs]);
      const b = graph.stateTensor(name(nameB(module)), "float32", [outputs, lora.rank]);
      graph.fetch(module, multiply(gemm(b, a), graph.scalar(scale)));
    }
    if (graph.fetches.size === 0) continue;
    const program = await engine.load(graph);
    const terms = await engine.run(program);
    await engine.release(program);
    for (const [module, term] of Object.entries(terms)) {
      const { data } = weights.get(`${module}.weight`) as WeightTensor;
      for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) + (term[i] as number);
    }
  }
}

/** The adapter that is in the engine, as PEFT has it on disk. */
export async function getLora(
  engine: Engine,
  config: TransformerConfig,
  lora: LoraOptions,
  name: (parameter: string) => string,
): Promise<Adapter> {
  const parameters = loraParameters(config, lora);
  const state = await engine.getState(parameters.map((p) => name(p.name)));
  const shapes = new Map(parameters.map((p) => [p.name, p.shape]));
  const tensor = (key: string): WeightTensor => ({
    shape: shapes.get(key) as readonly number[],
    data: state.get(name(key)) as Float32Array,
  });
  const modules = new Map<string, AdapterModule>();
  for (const module of planOf(config, lora).modules.keys()) {
    modules.set(module, { a: tensor(nameA(module)), b: tensor(nameB(module)) });
  }
  const { rank, alpha, rankStabilized = false, targets = targetsOf(config), layers } = lora;
  return {
    rank,
    alpha,
    rankStabilized,
    targets: targets.map((target) => `${target}_proj` as const),
    ...(layers && { layers }),
    base: "",
    modules,
  };
}

/** Puts an adapter into the engine beside the weights of `scope`, and says how to use it there. */
export async function setLora(engine: Engine, scope: string, adapter: Adapter): Promise<LoraOptions> {
  await engine.setState(new Map([...loraTensors(adapter)].map(([name, data]) => [`${scope}.${name}`, data])));
  const { rank, alpha, rankStabilized, targets, layers } = adapter;
  return {
    rank,
    alpha,
    rankStabilized,
    targets: targets.map((target) => target.replace("_proj", "") as LoraTarget),
    ...(layers && { layers }),
  };
}

/** The tensors of an adapter under the names they have in the engine, without the scope. */
export function loraTensors({ modules }: Pick<Adapter, "modules">): Map<string, Float32Array> {
  return new Map(
    [...modules].flatMap(([module, { a, b }]) => [[nameA(module), a.data] as const, [nameB(module), b.data] as const]),
  );
}
