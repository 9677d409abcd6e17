import {
  add,
  Engine,
  gatherRows,
  Graph,
  gradients,
  linear,
  multiply,
  recomputed,
  rmsNormalize,
  split,
  sum,
  swiglu,
  type Value,
} from "askew/graph";
import { GraphError } from "#internal/graph";
import { afterAll, describe, expect, it } from "vitest";
import { distance, evaluate, expectCentralDifferences } from "./evaluation.js";

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

/** x → x + W₂ swiglu(W₁ norm(x)), summed; the gradients of `trained` are fetched. */
async function nodes(trained: readonly ("first" | "second" | "bias")[]): Promise<number> {
  const graph = new Graph();
  const x = graph.feed("x", "float32", [3, 4]);
  const weights: Record<string, Value> = {
    first: graph.stateTensor("first", "float32", [16, 4]),
    second: graph.stateTensor("second", "float32", [4, 8]),
    bias: graph.stateTensor("bias", "float32", [4]),
  };
  const hidden = swiglu(
    ...(split(linear(rmsNormalize(x, 1e-5), weights["first"] as Value), [8, 8], 1) as [Value, Value]),
  );
  const loss = sum(add(x, linear(hidden, weights["second"] as Value, weights["bias"])));
  graph.fetch("loss", loss);
  gradients(
    loss,
    trained.map((name) => weights[name] as Value),
  ).forEach((g, i) => graph.fetch(`g${i}`, g));
  return (await engine.load(graph)).nodes;
}

describe("gradients", () => {
  it("what nothing asks for is not computed: a frozen parameter costs no nodes", async () => {
    const [none, bias, second, first, all] = await Promise.all([
      nodes([]),
      nodes(["bias"]),
      nodes(["second"]),
      nodes(["first"]),
      nodes(["first", "second", "bias"]),
    ]);
    // The last layer's parameters need nothing of the layer below them, where most of the work is.
    expect(Math.max(bias, second) - none).toBeLessThanOrEqual(4);
    expect(Math.min(bias, second)).toBeGreaterThan(none);
    expect(first - none).toBeGreaterThan(8);
    // The first needs nothing that is the last's alone.
    expect(all).toBeGreaterThan(first);
  });

  it("paths that join are added up", async () => {
    const build = (x: Value, w: Value): Value => add(linear(x, w), multiply(linear(linear(x, w), w), linear(x, w)));
    await expectCentralDifferences(
      engine,
      {
        shapes: [
          [2, 3],
          [3, 3],
        ],
        build,
      },
      1,
    );
  });

  it("a table that is both looked up and multiplied (tied read-out) gets both gradients", async () => {
    const build = (table: Value): Value =>
      linear(gatherRows(table, table.graph.constant(BigInt64Array.of(1n, 0n, 1n), [3])), table);
    await expectCentralDifferences(engine, { shapes: [[4, 3]], build }, 1);
  });

  it("refuses what is not a scalar, and parameters that nothing depends on", () => {
    const graph = new Graph();
    const x = graph.feed("x", "float32", [2, 3]);
    const lonely = graph.stateTensor("lonely", "float32", [3]);
    expect(() => gradients(x, [x])).toThrow(new GraphError("gradients: expected a scalar, found shape [2, 3]"));
    expect(() => gradients(sum(x), [lonely])).toThrow(
      new GraphError('gradients: the scalar does not depend on "lonely"'),
    );
  });
});

describe("recomputed", () => {
  /** Two layers of one weight, which a third reads too. */
  const build = (again: boolean) => (x: Value, w: Value) => {
    const layer = (y: Value): Value => {
      const inner = (): Value =>
        add(y, swiglu(...(split(linear(rmsNormalize(y, 1e-3), w), [4, 4], 1) as [Value, Value])));
      return again ? recomputed(x.graph, inner) : inner();
    };
    return multiply(layer(layer(x)), x);
  };
  const shapes = [
    [3, 4],
    [8, 4],
  ];

  it("moves as its gradients say", async () => {
    await expectCentralDifferences(engine, { shapes, build: build(true) }, 1);
  });

  it("gives the same output and gradients", async () => {
    const kept = await evaluate(engine, { shapes, build: build(false) }, 2);
    const again = await evaluate(engine, { shapes, build: build(true) }, 2);
    expect(again.output).toEqual(kept.output);
    // What one value is used for twice is added up in another order.
    again.gradients.forEach((g, i) => expect(distance(g, kept.gradients[i] as Float32Array)).toBeLessThan(1e-6));
  });
});
