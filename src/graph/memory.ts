/** How much memory a run of a graph takes beside its state, found without running it. */
import { elements, type DataType, type Graph, type Node, type Value } from "./graph.js";
import { outputsOf, reachable } from "./reachable.js";

const BYTES: Record<DataType, number> = { float32: 4, float16: 2, int32: 4, int64: 8, bool: 1 };

/** Operators whose output may take the memory of an input that nothing else needs any more. */
const IN_PLACE: ReadonlySet<string> = new Set(
  "Add Sub Mul Div Neg Exp Log Sqrt Sigmoid Tanh Relu Softmax LogSoftmax Min Max ScatterElements Where".split(" "),
);
/** Operators whose output is the input, seen otherwise. */
const VIEWS: ReadonlySet<string> = new Set(["Reshape"]);

const bytesOf = ({ type, shape }: Value): number => BYTES[type] * elements(shape);

/**
 * Bytes of the values that are there at once, at most, constants among them: the graph is gone through in the order of
 * ONNX Runtime, and a value goes with its last reader. State and feeds are not counted.
 */
export function memoryOf(graph: Graph): number {
  const { nodes, used } = reachable(graph, outputsOf(graph));
  const order = runOrder(nodes);
  const owner = new Map<string, string>();
  const ownerOf = (name: string): string => owner.get(name) ?? name;
  const lastUse = new Map<string, number>();
  const kept = new Set(outputsOf(graph).map(({ name }) => name));
  for (const [at, { operator, inputs, outputs }] of order.entries()) {
    for (const input of inputs) if (input) lastUse.set(ownerOf(input.name), at);
    const [source] = inputs;
    const [view] = outputs;
    if (VIEWS.has(operator) && source && view) owner.set(view.name, ownerOf(source.name));
  }
  for (const name of kept) lastUse.set(ownerOf(name), Infinity);

  const outside = new Set([...graph.feeds.keys(), ...graph.state.keys()]);
  const constants = graph.constants.filter(({ value }) => used.has(value.name));
  for (const { value } of constants) outside.add(value.name);
  const live = new Map<string, number>();
  let now = constants.reduce((sum, { value }) => sum + bytesOf(value), 0);
  let most = now;
  for (const [at, { operator, inputs, outputs }] of order.entries()) {
    const ending = new Set(
      inputs.flatMap((input) => {
        const name = input && ownerOf(input.name);
        return name !== undefined && lastUse.get(name) === at && live.has(name) ? [name] : [];
      }),
    );
    for (const output of outputs) {
      if (owner.has(output.name)) continue;
      const size = bytesOf(output);
      const taken = IN_PLACE.has(operator) ? [...ending].find((name) => live.get(name) === size) : undefined;
      if (taken !== undefined) {
        live.delete(taken);
        ending.delete(taken);
      } else now += size;
      live.set(output.name, size);
    }
    most = Math.max(most, now);
    for (const output of outputs) if (!owner.has(output.name) && !lastUse.has(output.name)) ending.add(output.name);
    for (const name of ending) {
      now -= live.get(name) ?? 0;
      live.delete(name);
    }
  }
  return most;
}

/** From the outputs back, the latest built first, each node once all that it reads is there. */
function runOrder(nodes: readonly Node[]): Node[] {
  const makers = new Map(nodes.flatMap(({ outputs }, at) => outputs.map(({ name }) => [name, at] as const)));
  const before = nodes.map(({ inputs }) => [
    ...new Set(inputs.flatMap((input) => makers.get(input?.name ?? "") ?? [])),
  ]);
  const isRead = new Set(before.flat());
  const order: Node[] = [];
  const seen = new Uint8Array(nodes.length);
  const open: { readonly at: number; readonly ready: boolean }[] = [];
  for (let at = 0; at < nodes.length; at++) if (!isRead.has(at)) open.push({ at, ready: false });
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { at, ready } = next;
    if (ready) {
      order.push(nodes[at] as Node);
      continue;
    }
    if (seen[at] === 1) continue;
    seen[at] = 1;
    open.push({ at, ready: true });
    for (const earlier of (before[at] as number[]).toSorted((a, b) => a - b)) {
      if (seen[earlier] !== 1) open.push({ at: earlier, ready: false });
    }
  }
  return order;
}
