// Few of many: which numbers are kept, by sorting, and where the gradient goes.
import {
  batchThreshold,
  detached,
  Engine,
  exceeds,
  gradients,
  Graph,
  isNonZero,
  keepAtLeast,
  keepLargest,
  kthLargest,
  sum,
} from "askew/graph";
import { Random } from "askew/statistics";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { evaluate, expectCentralDifferences } from "./evaluation.js";

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

const shapes = fc
  .record({ rows: fc.integer({ min: 1, max: 6 }), width: fc.integer({ min: 1, max: 12 }), seed: fc.nat() })
  .chain((shape) => fc.record({ ...mapped(shape), k: fc.integer({ min: 1, max: shape.width }) }));

function mapped<T extends object>(values: T): { [K in keyof T]: fc.Arbitrary<T[K]> } {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fc.constant(value)])) as never;
}

/** Numbers that lie 0.1 apart, so that no small move changes their order. */
const apart = (random: Random): number => (random.integer(2 ** 20) - 2 ** 19 + 0.5) / 10;

describe("keepLargest", () => {
  it("keeps the positive ones among the k largest of every row, and their gradients alone", async () => {
    await fc.assert(
      fc.asyncProperty(shapes, async ({ rows, width, k, seed }) => {
        const expression = {
          shapes: [[rows, width]],
          build: (x: Parameters<typeof keepLargest>[0]) => keepLargest(x, k),
          draw: apart,
        };
        const found = await evaluate(engine, expression, seed);
        const [x] = found.inputs as [Float32Array];
        for (let row = 0; row < rows; row++) {
          const numbers = [...x.subarray(row * width, (row + 1) * width)];
          const least = numbers.toSorted((a, b) => b - a)[k - 1] as number;
          numbers.forEach((value, i) => {
            const kept = value >= least && value > 0;
            expect(0 + (found.output[row * width + i] as number)).toBe(kept ? value : 0);
            expect(0 + (found.gradients[0]?.[row * width + i] as number)).toBe(
              kept ? found.weights[row * width + i] : 0,
            );
          });
        }
      }),
      { numRuns: 25 },
    );
  });

  it("finds the k-th largest of wide rows, which are bounded by groups first, to the bit: equals, zeros and negatives", async () => {
    const draws: readonly ((random: Random) => number)[] = [
      (random) => random.normal(),
      (random) => random.integer(5) - 2,
      (random) => -random.uniform() - 1e-3,
      (random) => (random.uniform() < 0.05 ? 1e30 * random.normal() : 0),
    ];
    for (const [width, k] of [
      [1024, 32],
      [256, 32],
      [96, 3],
      [1024, 1],
      [1000, 7],
    ] as const) {
      const rows = 8;
      const graph = new Graph();
      graph.fetch("least", kthLargest(graph.feed("x", "float32", [rows, width]), k));
      const program = await engine.load(graph);
      for (const [at, draw] of draws.entries()) {
        const random = Random.of("k-th largest", width, at);
        const x = Float32Array.from({ length: rows * width }, () => draw(random));
        const found = (await engine.run(program, { x }))["least"] as Float32Array;
        for (let row = 0; row < rows; row++) {
          const numbers = x.slice(row * width, (row + 1) * width).toSorted((a, b) => b - a);
          expect(0 + (found[row] as number)).toBe(0 + (numbers[k - 1] as number));
        }
      }
      await engine.release(program);
    }
  });

  it("its gradient is what central differences say, also through a product", async () => {
    await expectCentralDifferences(engine, { shapes: [[5, 9]], build: (x) => keepLargest(x, 3), draw: apart }, 1);
    await expectCentralDifferences(
      engine,
      { shapes: [[5, 9]], build: (x) => keepAtLeast(x, x.graph.scalar(1)), draw: apart },
      2,
    );
  });

  it("k out of range is a mistake that names both", () => {
    const x = new Graph().feed("x", "float32", [2, 4]);
    expect(() => keepLargest(x, 5)).toThrow("k must be a whole number from 1 to 4 for [2, 4], found 5");
    expect(() => keepLargest(x, 0)).toThrow("found 0");
  });
});

describe("batchThreshold", () => {
  it("leaves k a row on average, and as many in each row as it needs", async () => {
    const [rows, width, k] = [40, 16, 3];
    const graph = new Graph();
    graph.fetch("least", batchThreshold(graph.feed("x", "float32", [rows, width]), k));
    const random = Random.of("batch threshold");
    // Rows of unlike size: the largest numbers crowd in some of them.
    const x = Float32Array.from({ length: rows * width }, (_, i) => random.normal() * (1 + Math.floor(i / width)));
    const least = (await engine.run(await engine.load(graph), { x }))["least"]?.[0] as number;
    expect(Math.abs(x.filter((value) => value >= least).length - rows * k)).toBeLessThanOrEqual(1);
  });

  it("counts the first rows of a large batch, and never falls below 0", async () => {
    const [rows, width] = [4096, 64];
    const graph = new Graph();
    const x = graph.feed("x", "float32", [rows, width]);
    graph.fetch("few", batchThreshold(x, 3));
    graph.fetch("many", batchThreshold(x, 60));
    const random = Random.of("large batch threshold");
    const numbers = Float32Array.from({ length: rows * width }, () => random.normal());
    const found = await engine.run(await engine.load(graph), { x: numbers });
    const few = found["few"]?.[0] as number;
    const kept = numbers.filter((value) => value >= few).length / rows;
    expect(Math.abs(kept - 3)).toBeLessThan(0.1);
    // Fewer than 60 of 64 are positive.
    expect(found["many"]?.[0]).toBeGreaterThanOrEqual(0);
    expect(found["many"]?.[0]).toBeLessThan(1e-3);
  });
});

it("exceeds, isNonZero and detached let no gradient through", async () => {
  const graph = new Graph();
  const x = graph.feed("x", "float32", [3]);
  graph.fetch("over", exceeds(x, 1));
  graph.fetch("there", isNonZero(x));
  expect(() => gradients(sum(detached(x)), [x])).toThrow("does not depend");
  const found = await engine.run(await engine.load(graph), { x: Float32Array.of(0, 1, 1.5) });
  expect([...(found["over"] as Float32Array)]).toEqual([0, 0, 1]);
  const there = await engine.run(await engine.load(graph), { x: Float32Array.of(-1e-30, 0, -0) });
  expect([...(there["there"] as Float32Array)]).toEqual([1, 0, 0]);
});
