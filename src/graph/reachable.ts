/** The nodes of a graph that its outputs need. */
import type { Graph, Node, Value } from "./graph.js";

/** All that a run must make. */
export const outputsOf = (graph: Graph): Value[] => [
  ...graph.fetches.values(),
  ...graph.updates.values(),
  ...[...graph.appends.values()].map((append) => append.value),
];

/** Nodes in building order that lead to an output, and the names of all values these nodes read. */
export function reachable(graph: Graph, outputs: readonly Value[]): { nodes: Node[]; used: Set<string> } {
  const wanted = new Set(outputs.map((output) => output.name));
  const nodes: Node[] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i] as Node;
    if (!node.outputs.some((output) => wanted.has(output.name))) continue;
    nodes.push(node);
    for (const input of node.inputs) if (input) wanted.add(input.name);
  }
  return { nodes: nodes.toReversed(), used: wanted };
}
