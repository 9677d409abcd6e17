/** Reverse-mode differentiation over a graph's tape. */
import { GraphError, show, type Graph, type TapeEntry, type Value } from "./graph.js";
import { add } from "./operators/arithmetic.js";

/**
 * Gradients of a scalar with respect to `parameters`, as values of the same graph.
 * A parameter that the scalar does not depend on is an error: nothing would ever train it.
 */
export function gradients(scalar: Value, parameters: readonly Value[]): Value[] {
  if (scalar.shape.length !== 0)
    throw new GraphError(`gradients: expected a scalar, found shape ${show(scalar.shape)}`);
  const graph: Graph = scalar.graph;
  const gradient = new Map([[scalar.name, graph.scalar(1)]]);
  const tape = [...graph.tape];
  backward(tape, gradient);
  // Gradients of gradients are not needed: what the pullbacks recorded on the way is taken off again.
  graph.tape.length = tape.length;
  return parameters.map((parameter) => {
    const found = gradient.get(parameter.name);
    if (!found) throw new GraphError(`gradients: the scalar does not depend on "${parameter.name}"`);
    return found;
  });
}

/** Goes through a tape from its end and adds to `gradient`, by the names of values, what its entries say. */
function backward(tape: readonly TapeEntry[], gradient: Map<string, Value>): void {
  for (const entry of tape.toReversed()) {
    const outputs = entry.outputs.map((output) => gradient.get(output.name));
    if (outputs.every((output) => output === undefined)) continue;
    const inputs = entry.pullback(outputs);
    entry.inputs.forEach((input, position) => {
      const contribution = inputs[position];
      if (!contribution) return;
      const found = gradient.get(input.name);
      if (typeof contribution === "function") gradient.set(input.name, contribution(found));
      else gradient.set(input.name, found ? add(found, contribution) : contribution);
    });
  }
}

/**
 * The value that `build` makes, of which a backward pass keeps only what `build` reads: everything in between is computed
 * once more when its gradient is needed (Chen et al. 2016). `build` must make the same nodes each time it is called.
 */
export function recomputed(graph: Graph, build: () => Value): Value {
  const mark = graph.tape.length;
  const y = build();
  const tape = graph.tape.splice(mark);
  const made = new Set(tape.flatMap(({ outputs }) => outputs.map(({ name }) => name)));
  const read = new Map(tape.flatMap(({ inputs }) => inputs.map((input) => [input.name, input] as const)));
  const inputs = [...read.values()].filter(({ name }) => !made.has(name));
  graph.repeats = true;
  graph.differentiable(inputs, [y], ([g]) => {
    if (!g) return [];
    const before = graph.tape.length;
    const again = build();
    const gradient = new Map([[again.name, g]]);
    backward(graph.tape.splice(before), gradient);
    return inputs.map(({ name }) => gradient.get(name));
  });
  return y;
}
