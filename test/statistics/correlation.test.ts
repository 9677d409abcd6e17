import { correlation } from "askew/statistics";
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
