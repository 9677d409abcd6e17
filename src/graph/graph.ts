/**
 * A graph of ONNX operators under construction. Shapes are static, so every mistake is found while the graph is
 * built, with the operator's name and both shapes, and the runtime can plan its memory once.
 *
 * Each operator leaves a *pullback* on the tape: given the gradients of its outputs it builds the gradients of its
 * inputs (reverse-mode differentiation). Pullbacks build freely; whatever nobody asks for is dropped when the graph
 * is serialised, so a frozen parameter costs no gradient.
 */

/** float16 is for state alone: what reads it makes it float32 first. */
export type DataType = "float32" | "float16" | "int32" | "int64" | "bool";
export type Shape = readonly number[];
export type AttributeValue = number | string | readonly number[] | { readonly float: number };

/** A mistake in how a graph is put together. The message names the operator and the shapes it found. */
export class GraphError extends Error {
  override readonly name = "GraphError";
}

export interface Value {
  readonly graph: Graph;
  readonly name: string;
  readonly type: DataType;
  readonly shape: Shape;
}

export interface Node {
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export interface Constant {
  readonly value: Value;
  readonly data: Float32Array | Int32Array | BigInt64Array;
}

/** A term of a gradient, or a way to build the sum of such a term and what has been found so far at less cost. */
export type Contribution = Value | ((found: Value | undefined) => Value) | undefined;

type Pullback = (gradients: readonly (Value | undefined)[]) => readonly Contribution[];

export interface TapeEntry {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly pullback: Pullback;
}

export class Graph {
  readonly nodes: Node[] = [];
  readonly tape: TapeEntry[] = [];
  readonly constants: Constant[] = [];
  /** Tensors handed in with every run. */
  readonly feeds = new Map<string, Value>();
  /** Tensors that stay with the engine between runs: weights, optimiser moments, caches. */
  readonly state = new Map<string, Value>();
  /** Tensors handed back after every run. */
  readonly fetches = new Map<string, Value>();
  /** What a state tensor becomes after a run. */
  readonly updates = new Map<string, Value>();
  /** What a run writes into a part of a state tensor. */
  readonly appends = new Map<string, { readonly value: Value; readonly at: Value }>();
  /** Whether some nodes are there twice on purpose, so that the engine must not make one of the two. */
  repeats = false;
  #count = 0;
  readonly #scalars = new Map<number, Value>();

  value(type: DataType, shape: Shape, name = `v${this.#count++}`): Value {
    for (const size of shape) {
      if (!Number.isSafeInteger(size) || size < 0) throw new GraphError(`${name}: bad shape ${show(shape)}`);
    }
    return { graph: this, name, type, shape };
  }

  feed(name: string, type: DataType, shape: Shape): Value {
    return this.#register(this.feeds, name, type, shape);
  }

  /** A tensor that lives in the engine under `name`, shared by every program that uses that name. */
  stateTensor(name: string, type: DataType, shape: Shape): Value {
    return this.#register(this.state, name, type, shape);
  }

  fetch(name: string, value: Value): void {
    this.fetches.set(name, value);
  }

  update(state: Value, next: Value): void {
    if (!this.state.has(state.name)) throw new GraphError(`update: ${state.name} is not a state tensor of this graph`);
    if (!sameShape(state.shape, next.shape)) {
      throw new GraphError(`update: ${state.name} is ${show(state.shape)}, its next value is ${show(next.shape)}`);
    }
    this.updates.set(state.name, next);
  }

  /**
   * After a run, `value` [B, K, S, D] is written into `state` [B, K, C, D] at positions at[b] … at[b]+S−1 of each row b.
   * The engine writes in place: a cache grows by what is new, and nothing of the rest is copied.
   */
  append(state: Value, value: Value, at: Value): void {
    const [rows, groups, , width] = value.shape;
    if (state.shape.length !== 4 || rows !== state.shape[0] || groups !== state.shape[1] || width !== state.shape[3]) {
      throw new GraphError(`append: ${show(value.shape)} does not fit into ${state.name} ${show(state.shape)}`);
    }
    if (!this.feeds.has(at.name) || at.type !== "int32" || at.shape[0] !== rows) {
      throw new GraphError(`append: the positions must be an int32 feed of shape [${rows}]`);
    }
    this.appends.set(state.name, { value, at });
  }

  constant(data: Float32Array | Int32Array | BigInt64Array, shape: Shape): Value {
    const type = data instanceof Float32Array ? "float32" : data instanceof Int32Array ? "int32" : "int64";
    if (data.length !== elements(shape)) {
      throw new GraphError(`constant: shape ${show(shape)} needs ${elements(shape)} elements, found ${data.length}`);
    }
    const value = this.value(type, shape);
    this.constants.push({ value, data });
    return value;
  }

  scalar(number: number): Value {
    let value = this.#scalars.get(number);
    if (!value) this.#scalars.set(number, (value = this.constant(Float32Array.of(number), [])));
    return value;
  }

  integers(numbers: readonly number[]): Value {
    return this.constant(BigInt64Array.from(numbers, BigInt), [numbers.length]);
  }

  /** Adds one ONNX operator and returns its outputs. */
  node(
    operator: string,
    inputs: readonly (Value | undefined)[],
    outputs: readonly { type?: DataType; shape: Shape }[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    domain = "",
  ): Value[] {
    for (const input of inputs) {
      if (input && input.graph !== this) throw new GraphError(`${operator}: ${input.name} belongs to another graph`);
    }
    const values = outputs.map((output) => this.value(output.type ?? "float32", output.shape));
    this.nodes.push({ operator, domain, inputs, outputs: values, attributes });
    return values;
  }

  /** Says how gradients flow through an operator, or through several taken as one. */
  differentiable(inputs: readonly Value[], outputs: readonly Value[], pullback: Pullback): void {
    this.tape.push({ inputs, outputs, pullback });
  }

  #register(table: Map<string, Value>, name: string, type: DataType, shape: Shape): Value {
    if (this.feeds.has(name) || this.state.has(name)) throw new GraphError(`the graph already has a tensor "${name}"`);
    const value = this.value(type, shape, name);
    table.set(name, value);
    return value;
  }
}

/** The one output of a single-output operator. */
export function single(
  operator: string,
  inputs: readonly (Value | undefined)[],
  shape: Shape,
  attributes: Readonly<Record<string, AttributeValue>> = {},
  domain = "",
  type: DataType = "float32",
): Value {
  const graph = inputs.find((input) => input !== undefined)?.graph;
  if (!graph) throw new GraphError(`${operator}: needs at least one input`);
  return graph.node(operator, inputs, [{ shape, type }], attributes, domain)[0] as Value;
}

export const elements = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);
export const show = (shape: Shape): string => `[${shape.join(", ")}]`;
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((size, i) => size === b[i]);
export const rows = (shape: Shape): number => elements(shape.slice(0, -1));
export const last = (shape: Shape): number => shape[shape.length - 1] ?? 1;
