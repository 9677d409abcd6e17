import { Engine, gatherRows, gradients, Graph, multiply, readoutCrossEntropy, takeRows, type Value } from "askew/graph";
import { scatterAddRows } from "#internal/graph";
import { Random } from "askew/statistics";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { distance, expectCentralDifferences, expectReference, filled } from "./evaluation.js";
import * as plain from "./reference.js";
import { Tape } from "./tape.js";

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

const n = fc.integer({ min: 1, max: 6 });
const ids = (graph: Graph, numbers: readonly number[], shape = [numbers.length]): Value =>
  graph.constant(BigInt64Array.from(numbers, BigInt), shape);

describe("rows by number", () => {
  const cases = n.chain((rows) =>
    fc.record({
      rows: fc.constant(rows),
      width: n,
      at: fc.array(fc.nat(rows - 1), { minLength: 1, maxLength: 8 }),
      seed: fc.nat(),
    }),
  );

  it("gatherRows: a row taken twice gets both gradients, a row not taken gets none", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ rows, width, at, seed }) => {
        const build = (table: Value): Value => gatherRows(table, ids(table.graph, at));
        await expectCentralDifferences(engine, { shapes: [[rows, width]], build }, seed);
        await expectReference(
          engine,
          { shapes: [[rows, width]], build },
          (_, x) => at.flatMap((i) => x.slice(i * width, (i + 1) * width)),
          1e-5,
          seed,
        );
      }),
      { numRuns: 20 },
    );
  });

  it("indices of any rank", async () => {
    const build = (table: Value): Value => gatherRows(table, ids(table.graph, [0, 2, 2, 1, 0, 0], [2, 3]));
    await expectCentralDifferences(engine, { shapes: [[3, 4]], build }, 1);
  });

  it("scatterAddRows adds what falls on one row", async () => {
    const graph = new Graph();
    const values = graph.feed("values", "float32", [2, 2, 2]);
    graph.fetch("y", scatterAddRows([4, 2], ids(graph, [3, 1, 3, 3], [2, 2]), values));
    const program = await engine.load(graph);
    const { y } = await engine.run(program, { values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
    expect([...(y as Float32Array)]).toEqual([0, 0, 3, 4, 0, 0, 13, 16]);
  });

  it("loses none of many rows on one index, on two threads", async () => {
    const two = Engine.start({ threads: 2 });
    const [count, width] = [20_000, 64];
    const graph = new Graph();
    const values = graph.feed("values", "float32", [count, width]);
    const index = Array.from({ length: count }, (_, i) => (i % 3 === 0 ? 1 : 0));
    graph.fetch("y", scatterAddRows([2, width], ids(graph, index), values));
    const program = await two.load(graph);
    const ones = new Float32Array(count * width).fill(1);
    for (let run = 0; run < 5; run++) {
      const { y } = await two.run(program, { values: ones });
      expect((y as Float32Array).every((found, i) => found === (i < width ? 13_333 : 6_667))).toBe(true);
    }
    await two.close();
  });

  it("takeRows moves each row's gradient back to where it came from", async () => {
    const takings = fc.integer({ min: 1, max: 9 }).chain((rows) =>
      fc.record({
        rows: fc.constant(rows),
        at: fc.shuffledSubarray(
          Array.from({ length: rows }, (_, i) => i),
          { minLength: 1 },
        ),
        squared: fc.boolean(),
        seed: fc.nat(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(takings, async ({ rows, at, squared, seed }) => {
        const build = (x: Value): Value => {
          const places = Array.from({ length: rows }, (_, i) => (at.includes(i) ? at.indexOf(i) : at.length));
          const taken = takeRows(x, ids(x.graph, at), ids(x.graph, places));
          return squared ? multiply(taken, taken) : taken;
        };
        await expectCentralDifferences(engine, { shapes: [[rows, 3]], build }, seed);
      }),
      { numRuns: 15 },
    );
  });
});

describe("readoutCrossEntropy", () => {
  const cases = fc.record({
    count: n,
    rows: n,
    width: n,
    vocabulary: fc.integer({ min: 2, max: 9 }),
    seed: fc.nat(),
    scale: fc.constantFrom(0.5, 1, 2),
  });

  it("loss, log-probabilities and both gradients agree with float64 to 1e-4; padded positions count for nothing", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ count, rows, width, vocabulary, seed, scale }) => {
        const random = Random.of("readout", seed);
        const hidden = filled(count * width, () => scale * random.normal());
        const table = filled(vocabulary * width, () => scale * random.normal());
        const targets = Array.from({ length: count }, () => random.integer(vocabulary));
        const weights = targets.map((_, i) => (i === 0 ? 1 : random.integer(3)));
        const graph = new Graph();
        const h = graph.feed("hidden", "float32", [count, width]);
        const e = graph.feed("table", "float32", [vocabulary, width]);
        const w = graph.feed("weights", "float32", [count]);
        const { loss, logProbabilities } = readoutCrossEntropy(h, e, ids(graph, targets), w, { rows });
        const [toHidden, toTable] = gradients(loss, [h, e]) as [Value, Value];
        for (const [name, value] of Object.entries({ loss, logProbabilities, toHidden, toTable }))
          graph.fetch(name, value);
        const found = await engine.run(await engine.load(graph), {
          hidden,
          table,
          weights: Float32Array.from(weights),
        });

        const t = new Tape();
        const [hs, es] = [t.numbers(hidden), t.numbers(table)];
        const expected = plain.readoutCrossEntropy(
          t,
          plain.matrix(hs, width),
          plain.matrix(es, width),
          targets,
          weights,
        );
        const gradient = t.gradient(expected);
        const logs = plain
          .product(t, plain.matrix(hs, width), plain.matrix(es, width))
          .map((row, i) => t.value(plain.logSoftmax(t, row)[targets[i] as number] as (typeof hs)[number]));
        expect(distance(found["loss"] as Float32Array, [t.value(expected)])).toBeLessThan(1e-4);
        expect(distance(found["logProbabilities"] as Float32Array, logs)).toBeLessThan(1e-4);
        const of = (xs: typeof hs): number[] => xs.map((x) => gradient[x] as number);
        expect(distance(found["toHidden"] as Float32Array, of(hs))).toBeLessThan(1e-4);
        expect(distance(found["toTable"] as Float32Array, of(es))).toBeLessThan(1e-4);
      }),
      { numRuns: 25 },
    );
  });

  it("moves as its gradients say", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ count, width, vocabulary, seed }) => {
        const build = (h: Value, e: Value): Value => {
          const targets = Array.from({ length: count }, (_, i) => (3 * i) % vocabulary);
          const weights = h.graph.constant(
            filled(count, () => 1),
            [count],
          );
          return readoutCrossEntropy(h, e, ids(h.graph, targets), weights).loss;
        };
        await expectCentralDifferences(
          engine,
          {
            shapes: [
              [count, width],
              [vocabulary, width],
            ],
            build,
          },
          seed,
        );
      }),
      { numRuns: 15 },
    );
  });
});
