import {
  add,
  divide,
  Engine,
  expand,
  exponential,
  mean,
  multiply,
  rectify,
  sigmoid,
  squareRoot,
  subtract,
  sum,
  type Shape,
  type Value,
} from "askew/graph";
import { logarithm, negate, tanh } from "#internal/graph";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { evaluate, expectCentralDifferences, expectReference } from "./evaluation.js";
import type { Scalar, Tape } from "./tape.js";

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

const axis = fc.integer({ min: 1, max: 4 });
const shape = fc.array(axis, { minLength: 1, maxLength: 4 });
const seed = fc.nat();

/** Two shapes that broadcast: one shape with axes taken down to 1 and leading ones left out, on either side. */
const pair: fc.Arbitrary<[Shape, Shape]> = fc
  .record({
    full: shape,
    ones: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }),
    drop: fc.nat(3),
    swap: fc.boolean(),
  })
  .map(({ full, ones, drop, swap }) => {
    const a = full.map((n, i) => (ones[i] === 1 ? 1 : n));
    const b = full.map((n, i) => (ones[i] === 2 ? 1 : n)).slice(Math.min(drop, full.length));
    return swap ? [b, a] : [a, b];
  });

/** Away from 0, where a quotient or a root is too curved for a step of 0.02. */
const awayFromZero = (random: { uniform(): number }): number => 0.5 + random.uniform();

describe("element-wise arithmetic broadcasts, and its gradients are summed back", () => {
  for (const [name, build] of Object.entries({ add, subtract, multiply, divide })) {
    it(`${name} moves as its gradients say`, async () => {
      await fc.assert(
        fc.asyncProperty(pair, seed, async (shapes, at) => {
          await expectCentralDifferences(engine, { shapes, build, draw: awayFromZero }, at);
        }),
        { numRuns: 20 },
      );
    });
  }

  it("a value used twice gets both gradients", async () => {
    await expectCentralDifferences(engine, { shapes: [[3, 2]], build: (x) => multiply(x, subtract(x, negate(x))) }, 1);
  });
});

describe("functions of one number", () => {
  type Unary = (x: Value) => Value;
  type Reference = (t: Tape, x: Scalar) => Scalar;
  const functions: Record<string, [Unary, Reference]> = {
    negate: [negate, (t, x) => t.scale(x, -1)],
    exponential: [exponential, (t, x) => t.exponential(x)],
    logarithm: [logarithm, (t, x) => t.logarithm(x)],
    squareRoot: [squareRoot, (t, x) => t.power(x, 0.5)],
    sigmoid: [sigmoid, (t, x) => t.sigmoid(x)],
    tanh: [tanh, (t, x) => t.subtract(t.scale(t.sigmoid(t.scale(x, 2)), 2), t.number(1))],
    rectify: [rectify, (t, x) => t.scale(x, t.value(x) > 0 ? 1 : 0)],
  };
  for (const [name, [build, reference]] of Object.entries(functions)) {
    const positive = name === "logarithm" || name === "squareRoot";
    it(`${name} agrees with float64 to 1e-5`, async () => {
      const expression = { shapes: [[5, 7]], build, ...(positive && { draw: awayFromZero }) };
      await expectReference(engine, expression, (t, x) => x.map((v) => reference(t, v)), 1e-5, name);
    });
    it(`${name} moves as its gradient says`, async () => {
      await fc.assert(
        fc.asyncProperty(shape, seed, async (only, at) => {
          // A rectifier has no slope at its corner: keep a step's distance from it.
          const draw = (r: { uniform(): number }): number =>
            positive || r.uniform() < 0.5 ? awayFromZero(r) : -awayFromZero(r);
          await expectCentralDifferences(engine, { shapes: [only], build, draw }, at);
        }),
        { numRuns: 5 },
      );
    });
  }

  it("a rectifier's gradient at 0 is 0", async () => {
    const { gradients } = await evaluate(engine, { shapes: [[4]], build: rectify, draw: () => 0 }, 1);
    expect((gradients[0] as Float32Array).every((g) => g === 0)).toBe(true);
  });
});

describe("sums and repeats", () => {
  const withAxes = shape.chain((full) =>
    fc.record({ full: fc.constant(full), axes: fc.subarray([...full.keys()], { minLength: 1 }), keep: fc.boolean() }),
  );
  for (const [name, build] of Object.entries({ sum, mean })) {
    it(`${name} over any axes, kept or not`, async () => {
      await fc.assert(
        fc.asyncProperty(withAxes, seed, async ({ full, axes, keep }, at) => {
          await expectCentralDifferences(engine, { shapes: [full], build: (x) => build(x, axes, keep) }, at);
        }),
        { numRuns: 20 },
      );
    });
  }

  it("sum and mean of everything", async () => {
    await expectReference(engine, { shapes: [[3, 4]], build: (x) => sum(x) }, (t, x) => [t.sum(x)], 1e-5, 1);
    await expectReference(
      engine,
      { shapes: [[3, 4]], build: (x) => mean(x) },
      (t, x) => [t.scale(t.sum(x), 1 / 12)],
      1e-5,
      2,
    );
  });

  it("expand repeats axes of size 1", async () => {
    await fc.assert(
      fc.asyncProperty(pair, seed, async ([a, b], at) => {
        const small = a.length <= b.length ? a : b;
        const full = Array.from({ length: Math.max(a.length, b.length) }, (_, i) => {
          const sizes = [a, b].map((s) => s[i - Math.max(a.length, b.length) + s.length] ?? 1);
          return Math.max(...sizes);
        });
        await expectCentralDifferences(engine, { shapes: [small], build: (x) => expand(x, full) }, at);
      }),
      { numRuns: 20 },
    );
  });
});
