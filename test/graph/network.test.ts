import {
  attention,
  Engine,
  geglu,
  logSoftmax,
  rmsNorm,
  rmsNormalize,
  rotary,
  silu,
  softCap,
  softmax,
  split,
  swiglu,
  type Shape,
  type Value,
} from "askew/graph";
import fc from "fast-check";
import { afterAll, describe, it } from "vitest";
import { expectCentralDifferences, expectReference, size } from "./evaluation.js";
import * as plain from "./reference.js";
import type { Scalar, Tape } from "./tape.js";

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

const seed = fc.nat();
const last = (x: Value): number => x.shape.at(-1) as number;
const lead = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 2 });
const width = fc.integer({ min: 1, max: 9 });

describe("operators along the last axis", () => {
  type Row = (t: Tape, x: Scalar[]) => Scalar[];
  const cases: Record<string, { build: (x: Value) => Value; row: Row; even?: boolean }> = {
    rmsNormalize: { build: (x) => rmsNormalize(x, 1e-3), row: (t, x) => plain.rmsNormalize(t, x, 1e-3) },
    silu: { build: silu, row: (t, x) => x.map((v) => plain.silu(t, v)) },
    swiglu: {
      build: (x) => swiglu(...(split(x, [last(x) / 2, last(x) / 2], x.shape.length - 1) as [Value, Value])),
      row: plain.swiglu,
      even: true,
    },
    geglu: {
      build: (x) => geglu(...(split(x, [last(x) / 2, last(x) / 2], x.shape.length - 1) as [Value, Value])),
      row: plain.geglu,
      even: true,
    },
    softCap: { build: (x) => softCap(x, 0.7), row: (t, x) => x.map((v) => plain.softCap(t, v, 0.7)) },
    softmax: { build: softmax, row: plain.softmax },
    logSoftmax: { build: logSoftmax, row: plain.logSoftmax },
  };
  for (const [name, { build, row, even }] of Object.entries(cases)) {
    it(`${name} agrees with float64 to 1e-5, gradients too`, async () => {
      for (const shape of [
        [3, 8],
        [2, 3, 4],
        [1, 2],
      ]) {
        const reference = (t: Tape, x: Scalar[]): Scalar[] =>
          plain.matrix(x, shape.at(-1) as number).flatMap((r) => row(t, r));
        await expectReference(engine, { shapes: [shape], build }, reference, 1e-5, `${name} ${shape.join("x")}`);
      }
    });
    it(`${name} moves as its gradient says`, async () => {
      await fc.assert(
        fc.asyncProperty(lead, width, seed, async (leading, n, at) => {
          const shape = [...leading, even ? 2 * n : n];
          // Away from 0, where a short row over its own size is too curved for a step of 0.02.
          const draw = (r: { uniform(): number }): number => (r.uniform() < 0.5 ? 1 : -1) * (0.5 + r.uniform());
          await expectCentralDifferences(engine, { shapes: [shape], build, draw }, at);
        }),
        { numRuns: 20 },
      );
    });
  }

  it("large and equal scores do not overflow a softmax", async () => {
    const draw = (r: { uniform(): number }): number => (r.uniform() < 0.5 ? 80 : 79);
    await expectReference(engine, { shapes: [[4, 5]], build: softmax, draw }, rowwise(plain.softmax, 5), 1e-5, 1);
    await expectReference(engine, { shapes: [[4, 5]], build: logSoftmax, draw }, rowwise(plain.logSoftmax, 5), 1e-5, 1);
  });
});

const rowwise =
  (row: (t: Tape, x: Scalar[]) => Scalar[], length: number) =>
  (t: Tape, x: Scalar[]): Scalar[] =>
    plain.matrix(x, length).flatMap((r) => row(t, r));

const THETA = 100;

/** Rotary positions that differ between rows, with tables of angles for `longest` positions. */
function turn(x: Value, positions: readonly number[], longest: number): Value {
  const [batch, , time, wide] = x.shape as [number, number, number, number];
  const half = wide / 2;
  const angles = Array.from(
    { length: longest * half },
    (_, i) => Math.floor(i / half) * THETA ** (-(2 * (i % half)) / wide),
  );
  const table = (f: (angle: number) => number): Value =>
    x.graph.constant(Float32Array.from(angles, f), [longest, half]);
  return rotary(
    x,
    x.graph.constant(BigInt64Array.from(positions, BigInt), [batch, time]),
    table(Math.cos),
    table(Math.sin),
  );
}

describe("rotary", () => {
  const even = fc.integer({ min: 1, max: 4 }).map((n) => 2 * n);
  const small = fc.integer({ min: 1, max: 3 });

  it("moves as its gradient says", async () => {
    await fc.assert(
      fc.asyncProperty(small, small, small, even, seed, async (batch, heads, time, wide, at) => {
        const positions = Array.from({ length: batch * time }, (_, i) => (i * 5) % 7);
        const build = (x: Value): Value => turn(x, positions, 7);
        await expectCentralDifferences(engine, { shapes: [[batch, heads, time, wide]], build }, at);
      }),
      { numRuns: 15 },
    );
  });

  it("agrees with float64 to 1e-5", async () => {
    const shape = [2, 3, 4, 6];
    const positions = [0, 1, 2, 3, 9, 4, 4, 7];
    await expectReference(
      engine,
      { shapes: [shape], build: (x) => turn(x, positions, 10) },
      (t, x) =>
        plain.matrix(x, 6).flatMap((row, i) => {
          const [batch, time] = [Math.floor(i / 12), i % 4];
          return plain.rotary(t, row, positions[4 * batch + time] as number, THETA);
        }),
      1e-5,
      1,
    );
  });
});

describe("rmsNorm", () => {
  const shapes = [[2, 3, 6], [6]];

  it("agrees with float64 to 1e-5, gradients too", async () => {
    await expectReference(
      engine,
      { shapes, build: (x, gain) => rmsNorm(x, gain, 1e-3) },
      (t, x, gain) =>
        plain
          .matrix(x, 6)
          .flatMap((row) => plain.rmsNormalize(t, row, 1e-3).map((y, i) => t.multiply(y, gain[i] as Scalar))),
      1e-5,
      1,
    );
  });

  it("moves as its gradients say", async () => {
    const draw = (r: { uniform(): number }): number => 0.5 + r.uniform();
    await expectCentralDifferences(engine, { shapes, build: (x, gain) => rmsNorm(x, gain, 1e-3), draw }, 1);
  });
});

describe("attention", () => {
  const causal = (query: number, key: number): boolean => key <= query;
  const build = (q: Value, k: Value, v: Value): Value => {
    const [queries, keys] = [q.shape[2] as number, k.shape[2] as number];
    const mask = Float32Array.from({ length: queries * keys }, (_, i) =>
      causal(Math.floor(i / keys), i % keys) ? 0 : -1e9,
    );
    return attention(q, k, v, q.graph.constant(mask, [1, 1, queries, keys]));
  };

  it("moves as its gradients say, any number of queries and keys", async () => {
    const small = fc.integer({ min: 1, max: 3 });
    const time = fc.integer({ min: 1, max: 6 });
    await fc.assert(
      fc.asyncProperty(small, small, time, time, time, seed, async (batch, heads, queries, keys, wide, at) => {
        const [q, k]: [Shape, Shape] = [
          [batch, heads, queries, wide],
          [batch, heads, keys, wide],
        ];
        await expectCentralDifferences(engine, { shapes: [q, k, k], build }, at);
      }),
      { numRuns: 25 },
    );
  });

  it("agrees with float64 to 1e-5", async () => {
    const shape = [2, 2, 5, 4];
    await expectReference(
      engine,
      { shapes: [shape, shape, shape], build },
      (t, q, k, v) => {
        const block = (x: Scalar[], i: number): Scalar[][] => plain.matrix(x.slice(i * 20, (i + 1) * 20), 4);
        return Array.from({ length: size(shape) / 20 }, (_, i) =>
          plain.attention(t, block(q, i), block(k, i), block(v, i), causal),
        ).flat(2);
      },
      1e-5,
      1,
    );
  });
});
