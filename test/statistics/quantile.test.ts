import fc from "fast-check";
import { quantile, studentInterval, welchInterval } from "askew/statistics";
import { normalQuantile, studentQuantile } from "#internal/statistics";
import { describe, expect, it } from "vitest";
import { readFixture, relativeError } from "./fixture.js";

interface Reference {
  sample: { values: number[]; share: number; quantile: number }[];
  normal: { p: number; z: number }[];
  student: { p: number; degrees: number; t: number }[];
}

const reference = readFixture("quantile") as Reference;

describe("quantile", () => {
  it("agrees with np.quantile exactly", () => {
    for (const { values, share, quantile: expected } of reference.sample)
      expect(quantile(values, share)).toBe(expected);
  });

  it("stays within the sample and grows with the share", () => {
    const sample = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 });
    const share = fc.double({ noNaN: true, min: 0, max: 1 });
    fc.assert(
      fc.property(sample, share, share, (values, a, b) => {
        const low = quantile(values, Math.min(a, b));
        const high = quantile(values, Math.max(a, b));
        expect(low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(high).toBeLessThanOrEqual(Math.max(...values));
        expect(low).toBeLessThanOrEqual(high + 1e-6);
      }),
      { seed: 5 },
    );
  });

  it("leaves its argument alone and names what is wrong with it", () => {
    const values = [3, 1, 2];
    quantile(values, 0.5);
    expect(values).toEqual([3, 1, 2]);
    expect(() => quantile([], 0.5)).toThrow("expected at least one value, found none");
    expect(() => quantile([Number.NaN], 0.5)).toThrow("found NaN at index 0");
    expect(() => quantile([1], 97.5)).toThrow("0.975 for the 97.5th percentile");
  });
});

describe("normalQuantile", () => {
  it("agrees with SciPy to 1e-14, into the far tails", () => {
    for (const { p, z } of reference.normal) expect(relativeError(normalQuantile(p), z)).toBeLessThan(1e-14);
    expect(normalQuantile(0.5)).toBe(0);
    expect(Math.abs(normalQuantile(0.975) - 1.959963984540054)).toBeLessThan(1e-15);
  });

  it("is symmetric and grows", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 0.5, noNaN: true }), (p) => {
        expect(Math.abs(normalQuantile(p) + normalQuantile(1 - p))).toBeLessThan(1e-12);
        expect(normalQuantile(p * 0.99)).toBeLessThan(normalQuantile(p));
      }),
      { seed: 6 },
    );
  });

  it("refuses what is no probability", () => {
    for (const p of [0, 1, -0.1, Number.NaN]) expect(() => normalQuantile(p)).toThrow(`found ${p}`);
  });
});

describe("studentQuantile", () => {
  it("agrees with SciPy to 1e-9", () => {
    for (const { p, degrees, t } of reference.student) {
      expect(relativeError(studentQuantile(p, degrees), t)).toBeLessThan(1e-9);
    }
    expect(Math.abs(studentQuantile(0.5, 3))).toBeLessThan(1e-15);
  });

  it("has the closed forms of 1 and 2 degrees of freedom, to 1e-11", () => {
    for (const p of [0.6, 0.9, 0.975, 0.999]) {
      expect(relativeError(studentQuantile(p, 1), Math.tan(Math.PI * (p - 0.5)))).toBeLessThan(1e-11);
      const two = (2 * p - 1) * Math.sqrt(2 / (4 * p * (1 - p)));
      expect(relativeError(studentQuantile(p, 2), two)).toBeLessThan(1e-11);
    }
  });

  it("refuses what has no meaning", () => {
    expect(() => studentQuantile(1, 3)).toThrow("found 1");
    expect(() => studentQuantile(0.9, 0)).toThrow("degrees must be a whole number >= 1, found 0");
  });
});

describe("studentInterval", () => {
  it("agrees with scipy.stats.t.interval to 1e-11", () => {
    for (const { values, confidence, low, high } of readFixture("student") as {
      values: number[];
      confidence: number;
      low: number;
      high: number;
    }[]) {
      const found = studentInterval(values, confidence);
      expect(Math.abs(found.low - low)).toBeLessThan(1e-11);
      expect(Math.abs(found.high - high)).toBeLessThan(1e-11);
    }
  });

  it("needs two values", () => {
    expect(() => studentInterval([0.3])).toThrow("expected at least two values to see how they vary, found one");
  });
});

describe("welchInterval", () => {
  const a = [1.2, 0.4, -0.3, 2.2, 0.9, 1.1, 0.05];
  const b = [0.1, -0.5, 0.3, 0.2, -1.4];

  it("agrees with numpy and scipy.stats.t at the degrees of freedom rounded down", () => {
    const usual = welchInterval(a, b);
    expect(usual.low).toBeCloseTo(0.042555000387279884, 12);
    expect(usual.high).toBeCloseTo(2.0631592853270053, 12);
    expect(welchInterval(a, b, 0.99).low).toBeCloseTo(-0.3985520979950232, 12);
  });

  it("turns round with its sides, and needs two values of each", () => {
    const { low, high } = welchInterval(a, b);
    const turned = welchInterval(b, a);
    expect(turned.low).toBeCloseTo(-high, 14);
    expect(turned.high).toBeCloseTo(-low, 14);
    expect(welchInterval([1, 1], [0, 0])).toEqual({ estimate: 1, low: 1, high: 1 });
    expect(() => welchInterval([1], b)).toThrow("expected at least two values a side");
  });
});
