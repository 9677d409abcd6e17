import { correlation, spearman } from "askew/statistics";
import { describe, expect, it } from "vitest";

const xs = [1, 2.5, 3, 7, 11, -4];
const ys = [2, 2, 5, 6, 9, 1];

describe("correlation", () => {
  it("is NumPy's corrcoef, with Fisher's interval", () => {
    const { estimate, low, high, n } = correlation(xs, ys);
    expect(n).toBe(6);
    expect(estimate).toBeCloseTo(0.9351311147416373, 12);
    expect(low).toBeCloseTo(0.5125596900226779, 9);
    expect(high).toBeCloseTo(0.9930503739851875, 9);
  });

  it("is 1 and −1 on lines, and nothing where nothing varies", () => {
    expect(correlation(xs, xs).estimate).toBeCloseTo(1, 12);
    expect(
      correlation(
        xs,
        xs.map((x) => 3 - 2 * x),
      ).estimate,
    ).toBeCloseTo(-1, 12);
    expect(correlation(xs, [5, 5, 5, 5, 5, 5])).toEqual({ estimate: null, low: null, high: null, n: 6 });
    expect(correlation([], [])).toEqual({ estimate: null, low: null, high: null, n: 0 });
    expect(correlation([1, 2], [1, 5])).toMatchObject({ estimate: 1, low: null });
    expect(() => correlation([1], [])).toThrow("expected pairs");
  });
});

describe("spearman", () => {
  it("is SciPy's spearmanr, ties at the mean of their places", () => {
    expect(spearman(xs, ys)).toBeCloseTo(0.9856107606091622, 12);
    expect(spearman([1, 2, 2, 3, 5], [5, 5, 1, 2, 0])).toBeCloseTo(-0.7631578947368421, 12);
    expect(spearman([1, 2, 3], [8, 8, 8])).toBeNull();
    expect(spearman([1], [2])).toBeNull();
  });
});
