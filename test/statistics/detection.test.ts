// The discriminant and the conformal threshold, against numpy and against what they promise.
import { conformalThreshold, discriminant, Random } from "askew/statistics";
import { discriminate } from "#internal/statistics";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFixture, relativeError } from "./fixture.js";

interface Fixture {
  discriminant: {
    shrinkage: number;
    positives: number[][];
    negatives: number[][];
    weights: number[];
    centre: number;
    scale: number;
  }[];
  conformal: { scores: number[]; rate: number; threshold: number; promised: number }[];
}
const fixture = readFixture("detection") as Fixture;

describe("discriminant", () => {
  it("has numpy's weights, centre and scale to 1e-9", () => {
    for (const { shrinkage, positives, negatives, ...expected } of fixture.discriminant) {
      const found = discriminant(positives, negatives, shrinkage);
      expected.weights.forEach((w, i) => expect(relativeError(found.weights[i] as number, w)).toBeLessThan(1e-9));
      expect(relativeError(found.centre, expected.centre)).toBeLessThan(1e-9);
      expect(relativeError(found.scale, expected.scale)).toBeLessThan(1e-9);
    }
  });

  it("gives the negatives mean 0 and variance 1, whatever the units of a measure", () => {
    const [{ positives, negatives }] = fixture.discriminant as [Fixture["discriminant"][number]];
    const scaled = (rows: number[][]): number[][] => rows.map((row) => row.map((x, i) => (i === 2 ? 1000 * x : x)));
    const plain = discriminant(positives, negatives);
    const other = discriminant(scaled(positives), scaled(negatives));
    const scores = negatives.map((row) => discriminate(plain, row));
    const mean = scores.reduce((sum, x) => sum + x, 0) / scores.length;
    expect(mean).toBeCloseTo(0, 10);
    expect(scores.reduce((sum, x) => sum + x * x, 0) / (scores.length - 1)).toBeCloseTo(1, 10);
    scaled(negatives).forEach((row, i) => expect(discriminate(other, row)).toBeCloseTo(scores[i] as number, 8));
  });

  it("weighs a measure that never varies with nothing, and bears one that is there twice", () => {
    const negatives = [
      [0, 5, 0],
      [1, 5, 1],
      [2, 5, 2],
    ];
    const positives = [
      [4, 5, 4],
      [5, 5, 5],
      [6, 5, 6],
    ];
    const found = discriminant(positives, negatives, 0);
    expect(found.weights[1]).toBe(0);
    expect(discriminate(found, [6, 5, 6])).toBeGreaterThan(3);
    expect(discriminate(found, [6, 5, 6])).toBeLessThan(10);
  });

  it("refuses rows it cannot use", () => {
    expect(() => discriminant([[1]], [[1], [2]])).toThrow("at least two rows of each group, found 1 and 2");
    expect(() => discriminant([[1], [Number.NaN]], [[1], [2]])).toThrow("rows of 1 finite numbers");
    expect(() => discriminant([[1], [1, 2]], [[1], [2]])).toThrow("rows of 1 finite numbers, found [1,2]");
  });
});

describe("conformalThreshold", () => {
  it("is the order statistic of the definition", () => {
    for (const { scores, rate, threshold, promised } of fixture.conformal) {
      const found = conformalThreshold(scores, rate);
      expect(found.threshold).toBe(threshold);
      expect(found.rate).toBeCloseTo(promised, 12);
      expect(found.n).toBe(scores.length);
    }
  });

  it("keeps its promise for any distribution, to three standard errors", () => {
    const random = Random.of("conformal test");
    const draw = (): number => Math.exp(2 * random.normal());
    for (const [n, rate] of [
      [49, 0.02],
      [20, 0.1],
    ] as const) {
      const trials = 20_000;
      let above = 0;
      for (let trial = 0; trial < trials; trial++) {
        const { threshold } = conformalThreshold(Array.from({ length: n }, draw), rate);
        if (draw() > threshold) above++;
      }
      expect(above / trials).toBeLessThan(rate + 3 * Math.sqrt((rate * (1 - rate)) / trials));
    }
  });

  it("never promises less than 1 / (n + 1)", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        (scores, rate) => {
          const found = conformalThreshold(scores, rate);
          const above = scores.filter((x) => x > found.threshold).length;
          return found.rate >= 1 / (scores.length + 1) && above <= Math.max(0, rate * (scores.length + 1));
        },
      ),
    );
  });
});
