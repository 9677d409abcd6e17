import fc from "fast-check";
import { bootstrapInterval, differenceFromFixed, holm, meanOverSeeds, pairedDifference } from "askew/statistics";
import { signFlipTest, type SeedValue } from "#internal/statistics";
import { describe, expect, it } from "vitest";
import { readFixture, relativeError } from "./fixture.js";

const nothing = { estimate: null, low: null, high: null, n: 0 };
const seeds = (...values: (number | null)[]): SeedValue[] =>
  values.map((value, seed) => ({ seed, value, n: value === null ? 0 : 100 }));

describe("pairedDifference", () => {
  it("is the bootstrap of the differences, matched by seed whatever the order", () => {
    const found = pairedDifference(seeds(0.5, 0.75, 0.25), seeds(0.25, 0.125, 0.125).toReversed());
    expect(found).toEqual({ ...bootstrapInterval([0.25, 0.625, 0.125]), n: 600, pairs: 3, p: 0.25 });
  });

  it("uses only seeds observed on both sides", () => {
    const found = pairedDifference(seeds(0.5, null, 0.25, 0.9), seeds(0.25, 0.1, null));
    expect(found).toEqual({ estimate: 0.25, low: 0.25, high: 0.25, n: 200, pairs: 1, p: 1 });
    expect(pairedDifference(seeds(0.5), seeds(null))).toEqual({ ...nothing, pairs: 0, p: null });
  });

  it("changes sign with its sides", () => {
    const there = pairedDifference(seeds(0.5, 0.7, 0.2, 0.4), seeds(0.1, 0.2, 0.3, 0.1));
    const back = pairedDifference(seeds(0.1, 0.2, 0.3, 0.1), seeds(0.5, 0.7, 0.2, 0.4));
    expect(back.low).toBeCloseTo(-(there.high ?? 9), 12);
    expect(back.p).toBe(there.p);
  });
});

describe("differenceFromFixed", () => {
  it("shifts the interval over seeds", () => {
    const values = seeds(0.5, 0.75, 0.25);
    const plain = meanOverSeeds(values);
    expect(differenceFromFixed(values, 0.25)).toEqual({
      estimate: (plain.estimate ?? 9) - 0.25,
      low: (plain.low ?? 9) - 0.25,
      high: (plain.high ?? 9) - 0.25,
      n: 300,
    });
    expect(differenceFromFixed([], 0.25)).toEqual(nothing);
    expect(() => differenceFromFixed(values, Number.NaN)).toThrow("baseline must be a finite number, found NaN");
  });
});

describe("signFlipTest", () => {
  it("agrees with scipy.stats.permutation_test to 1e-12", () => {
    for (const { differences, p } of readFixture("sign-flip") as { differences: number[]; p: number }[]) {
      expect(relativeError(signFlipTest(differences), p)).toBeLessThan(1e-12);
    }
  });

  it("counts every sign pattern of few pairs", () => {
    expect(signFlipTest([0.3])).toBe(1);
    expect(signFlipTest([0.1, 0.2, 0.3])).toBe(0.25);
    expect(signFlipTest([1, 2, 3, 4, 5, 6])).toBe(2 / 64);
    expect(signFlipTest([0, 0, 0])).toBe(1);
  });

  it("samples patterns of many pairs, near the exact value", () => {
    // 18 equal differences of which 14 are positive: P(|Binomial(18, 1/2) - 9| >= 5) = 0.030884.
    const differences = Array.from({ length: 18 }, (_, i) => (i < 14 ? 1 : -1));
    expect(Math.abs(signFlipTest(differences) - 0.030884)).toBeLessThan(4 * Math.sqrt(0.030884 / 20_000));
    expect(signFlipTest(differences, 1)).toBe(signFlipTest(differences, 1));
  });

  it("does not change with the sign or scale of its differences", () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(values, (differences) => {
        const p = signFlipTest(differences);
        expect(signFlipTest(differences.map((difference) => -difference))).toBe(p);
        expect(signFlipTest(differences.map((difference) => difference * 0.01))).toBe(p);
        expect(p).toBeGreaterThanOrEqual(2 / 2 ** differences.length);
      }),
      { seed: 11 },
    );
  });
});

describe("holm", () => {
  it("agrees with exact fractions to 1e-15", () => {
    for (const { p, adjusted } of readFixture("holm") as { p: number[]; adjusted: number[] }[]) {
      const found = holm(p);
      expect(found.length).toBe(p.length);
      found.forEach((value, i) => expect(Math.abs(value - (adjusted[i] ?? 9))).toBeLessThan(1e-15));
    }
  });

  it("keeps the order of p-values, never lowers one, and is at most Bonferroni", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }), (p) => {
        const adjusted = holm(p);
        p.forEach((value, i) => {
          const mine = adjusted[i] ?? Number.NaN;
          expect(mine).toBeGreaterThanOrEqual(value);
          expect(mine).toBeLessThanOrEqual(Math.min(1, value * p.length));
          const larger = adjusted.filter((_, j) => (p[j] ?? Number.NaN) > value);
          expect(mine).toBeLessThanOrEqual(Math.min(1, ...larger));
        });
      }),
      { seed: 12 },
    );
  });

  it("refuses what is no p-value", () => {
    expect(() => holm([0.1, 1.2])).toThrow("p-values must lie in [0, 1], found 1.2 at index 1");
    expect(() => holm([Number.NaN])).toThrow("found NaN");
  });
});
