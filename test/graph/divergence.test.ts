import { Engine, gradients, Graph, readoutDivergence, type Value } from "askew/graph";
import { Random } from "askew/statistics";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { distance, expectCentralDifferences, filled } from "./evaluation.js";
import * as plain from "./reference.js";
import { Tape, type Scalar } from "./tape.js";

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

/** Natural logarithms of random distributions, [count, vocabulary]. */
function distributions(count: number, vocabulary: number, random: Random): Float32Array {
  const rows = Array.from({ length: count }, () => {
    const logits = filled(vocabulary, () => 2 * random.normal());
    const total = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
    return [...logits].map((x) => x - total);
  });
  return Float32Array.from(rows.flat());
}

const cases = fc.record({
  count: fc.integer({ min: 1, max: 6 }),
  width: fc.integer({ min: 1, max: 5 }),
  vocabulary: fc.integer({ min: 2, max: 9 }),
  seed: fc.nat(1000),
});

describe("readoutDivergence", () => {
  it("agrees with Σ p (log p − log q) in float64, and so do its gradients, to 1e-4", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ count, width, vocabulary, seed }) => {
        const random = Random.of("divergence", seed);
        const hidden = filled(count * width, () => random.normal());
        const table = filled(vocabulary * width, () => random.normal());
        const reference = distributions(count, vocabulary, random);
        const weights = filled(count, (): number => 0.2 + random.uniform());
        if (count > 1) weights[count - 1] = 0; // as padding is

        const graph = new Graph();
        const feed = (name: string, shape: readonly number[]): Value => graph.feed(name, "float32", shape);
        const [h, e] = [feed("hidden", [count, width]), feed("table", [vocabulary, width])];
        const divergence = readoutDivergence(h, e, feed("reference", [count, vocabulary]), feed("weights", [count]));
        const [toHidden, toTable] = gradients(divergence, [h, e]) as [Value, Value];
        for (const [name, value] of Object.entries({ divergence, toHidden, toTable })) graph.fetch(name, value);
        const found = await engine.run(await engine.load(graph), { hidden, table, reference, weights });

        const t = new Tape();
        const [hs, es] = [t.numbers(hidden), t.numbers(table)];
        const total = weights.reduce((sum, w) => sum + w, 0);
        const terms = plain.product(t, plain.matrix(hs, width), plain.matrix(es, width)).flatMap((logits, i) =>
          plain.logSoftmax(t, logits).map((q, v) => {
            const log = reference[i * vocabulary + v] as number;
            const share = (Math.exp(log) * (weights[i] as number)) / total;
            return t.scale(t.subtract(t.number(log), q), share);
          }),
        );
        const expected = t.sum(terms);
        const gradient = t.gradient(expected);
        const of = (xs: readonly Scalar[]): number[] => xs.map((x) => gradient[x] as number);
        expect(distance(found["divergence"] as Float32Array, [t.value(expected)])).toBeLessThan(1e-4);
        expect(distance(found["toHidden"] as Float32Array, of(hs))).toBeLessThan(1e-4);
        expect(distance(found["toTable"] as Float32Array, of(es))).toBeLessThan(1e-4);
      }),
      { numRuns: 25 },
    );
  });

  it("moves as its gradients say", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ count, width, vocabulary, seed }) => {
        const reference = distributions(count, vocabulary, Random.of("divergence", seed));
        const build = (h: Value, e: Value): Value => {
          const stored = h.graph.constant(reference, [count, vocabulary]);
          const even = h.graph.constant(
            filled(count, () => 1),
            [count],
          );
          return readoutDivergence(h, e, stored, even);
        };
        const shapes = [
          [count, width],
          [vocabulary, width],
        ];
        await expectCentralDifferences(engine, { shapes, build }, seed);
      }),
      { numRuns: 15 },
    );
  });

  it("names what does not fit", () => {
    const graph = new Graph();
    const feed = (name: string, shape: readonly number[]): Value => graph.feed(name, "float32", shape);
    const [h, e, w] = [feed("h", [3, 2]), feed("e", [5, 2]), feed("w", [3])];
    expect(() => readoutDivergence(h, e, feed("r", [3, 4]), w)).toThrow(
      "readoutDivergence: hidden [3, 2], table [5, 2] and reference [3, 4] do not fit",
    );
    expect(() => readoutDivergence(h, e, feed("s", [3, 5]), feed("x", [2]))).toThrow("expected weights [3], found [2]");
  });
});
