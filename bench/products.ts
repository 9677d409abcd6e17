/** The matrix products of a graph: how much arithmetic they are, and a graph of them alone. */
import { concatenate, elements, Graph, reshape, type Shape, type Value } from "askew/graph";

type Node = Graph["nodes"][number];

const OPERATORS = new Set(["Gemm", "FusedMatMul", "MatMul"]);

/** The products that a graph's outputs need. */
export function productsOf(graph: Graph): Node[] {
  const wanted = new Set([...graph.fetches.values(), ...graph.updates.values()].map((value) => value.name));
  const products: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => wanted.has(output.name))) continue;
    for (const input of node.inputs) if (input) wanted.add(input.name);
    if (OPERATORS.has(node.operator)) products.push(node);
  }
  return products.toReversed();
}

/** Multiplications and additions: two for every element of the output and every step along the inner axis. */
export function operationsOf(products: readonly Node[]): number {
  let total = 0;
  for (const { inputs, outputs, attributes } of products) {
    const a = (inputs[0] as Value).shape;
    const inner = a[a.length - (attributes["transA"] === 1 ? 2 : 1)] as number;
    total += 2 * elements((outputs[0] as Value).shape) * inner;
  }
  return total;
}

/**
 * The same products on the same shapes and nothing else (what a Gemm adds to its product is left out too). One
 * element of each result is fetched, or the runtime would not compute them; each has a scale of its own, or the
 * runtime would compute those of one shape once (eliminating common subexpressions).
 */
export function productsAlone(products: readonly Node[]): { graph: Graph; state: Map<string, Float32Array> } {
  const graph = new Graph();
  const state = new Map<string, Float32Array>();
  const operands = new Map<string, Value>();
  const operand = (shape: Shape): Value => {
    const name = `operand ${shape.join("x")}`;
    let value = operands.get(name);
    if (!value) {
      operands.set(name, (value = graph.stateTensor(name, "float32", shape)));
      state.set(
        name,
        Float32Array.from({ length: elements(shape) }, (_, i) => Math.sin(i)),
      );
    }
    return value;
  };
  const first = graph.constant(BigInt64Array.of(0n), [1]);
  const touched = products.map(({ operator, domain, inputs, outputs, attributes }, at) => {
    const { shape } = outputs[0] as Value;
    const factors = inputs.slice(0, 2).map((input) => operand((input as Value).shape));
    const y = graph.node(
      operator,
      factors,
      [{ shape }],
      { ...attributes, alpha: { float: 1 + at / 1024 } },
      domain,
    )[0] as Value;
    return graph.node("Gather", [reshape(y, [elements(shape)]), first], [{ shape: [1] }], { axis: 0 })[0] as Value;
  });
  graph.fetch("touched", concatenate(touched, 0));
  return { graph, state };
}
