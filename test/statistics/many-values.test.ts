// Above 1,000 values the interval is the normal one with the bootstrap's variance: the two agree to resampling noise.
import { bootstrapDifference, bootstrapInterval } from "askew/statistics";
import { Pcg64, signFlipTest } from "#internal/statistics";
import { describe, expect, it } from "vitest";

const draw = (n: number, seed: number): number[] => {
  const generator = new Pcg64(seed);
  return Array.from({ length: n }, () => (generator.integer(10) < 3 ? 1 : 0));
};

describe("very many values", () => {
  it("gives nearly the interval that resampling gives just below", () => {
    const values = draw(1000, 1);
    const resampled = bootstrapInterval(values, { resamples: 20_000 });
    // The same values with one more at their mean: the estimate and variance hardly move.
    const normal = bootstrapInterval([...values, resampled.estimate]);
    expect(normal.low).toBeCloseTo(resampled.low, 2);
    expect(normal.high).toBeCloseTo(resampled.high, 2);
    expect(normal.high - normal.low).toBeCloseTo(2 * 1.959964 * Math.sqrt(0.21 / 1001), 2);
  });

  it("does so for differences", () => {
    const [a, b] = [draw(900, 2), draw(900, 3)];
    const { estimate, low, high } = bootstrapDifference(a, b);
    expect((low + high) / 2).toBeCloseTo(estimate, 12);
    expect(high - low).toBeCloseTo(2 * 1.959964 * Math.sqrt((2 * 0.21) / 900), 1);
  });

  it("tests very many pairs in seconds", () => {
    const differences = draw(20_000, 4).map((value, i) => (i % 2 === 0 ? value : -value));
    const started = performance.now();
    expect(signFlipTest(differences)).toBeGreaterThan(0.001);
    expect(performance.now() - started).toBeLessThan(20_000);
  }, 60_000);
});
