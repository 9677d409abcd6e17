/** What of an autoencoder's step is no product, each alone over the state tensor "latents" [batch, size]. */
import { batchThreshold, Graph, kthLargest, multiply, sum, type Value } from "askew/graph";
import type { TrainedKind } from "askew/persona";

interface Sizes {
  readonly size: number;
  readonly k: number;
  readonly batch: number;
}

function over({ batch, size }: Sizes, build: (latents: Value) => Value): Graph {
  const graph = new Graph();
  graph.fetch("sum", sum(build(graph.stateTensor("latents", "float32", [batch, size]))));
  return graph;
}

export const thresholdAlone = (kind: TrainedKind, sizes: Sizes): Graph =>
  over(sizes, (latents) => (kind === "topk" ? kthLargest(latents, sizes.k) : batchThreshold(latents, sizes.k)));

export const topKAlone = (sizes: Sizes): Graph =>
  over(sizes, (latents) => {
    const shape = [sizes.batch, sizes.k];
    const attributes = { axis: -1, largest: 1, sorted: 0 };
    const outputs = [{ shape }, { shape, type: "int64" as const }];
    return latents.graph.node("TopK", [latents, latents.graph.integers([sizes.k])], outputs, attributes)[0] as Value;
  });

/** What `keepAtLeast` does forwards and backwards, with what is kept in place of its gradient. */
export const maskAlone = (sizes: Sizes): Graph =>
  over(sizes, (latents) => {
    const { graph, shape } = latents;
    const one = (operator: string, inputs: readonly Value[], type: "float32" | "bool", attributes = {}): Value =>
      graph.node(operator, inputs, [{ shape, type }], attributes)[0] as Value;
    const share = one("Cast", [one("GreaterOrEqual", [latents, graph.scalar(1.8)], "bool")], "float32", { to: 1 });
    return multiply(multiply(latents, share), share);
  });
