// Ridge and logistic regression, as scikit-learn has them.
import { describe, expect, it } from "vitest";
import { logistic, logisticValue, ridge, ridgeValue } from "askew/statistics";

const ROWS = 30;
const WIDTH = 6;
const FEATURES = Float32Array.from({ length: ROWS * WIDTH }, (_, at) => {
  const [i, j] = [Math.floor(at / WIDTH), at % WIDTH];
  return ((i * 7 + j * 13) % 17) / 3 + (j + 1) * ((i * 3) % 5);
});
const TARGETS = Array.from({ length: ROWS }, (_, i) => ((i * 11) % 23) / 2);

describe("ridge", () => {
  it("is sklearn's Ridge(alpha=0.1 * rows) on standardised features", () => {
    const { weights, intercept } = ridge({ features: FEATURES, width: WIDTH, targets: TARGETS }, 0.1);
    const expected = [
      0.4651194772689783, -0.5104359827139237, 0.130150611480396, 0.010853929273531732, -0.13642002061488182,
      0.01641866307303109,
    ];
    weights.forEach((weight, j) => expect(weight).toBeCloseTo(expected[j] as number, 9));
    expect(intercept).toBeCloseTo(7.231778571110656, 9);
  });

  it("fits some rows alone, gives a constant feature no weight, and shrinks to the mean", () => {
    const features = Float32Array.of(0, 5, 1, 5, 2, 5, 3, 5, 99, 99);
    const targets = [1, 3, 5, 7, -1000];
    const fit = ridge({ features, width: 2, targets, rows: [0, 1, 2, 3] }, 0);
    expect([...fit.weights].map((weight) => Math.round(weight * 1e9) / 1e9)).toEqual([2, 0]);
    expect(ridgeValue(fit, Float32Array.of(10, 5), 0)).toBeCloseTo(21, 9);
    const flat = ridge({ features, width: 2, targets, rows: [0, 1, 2, 3] }, 1e9);
    expect(ridgeValue(flat, features, 0)).toBeCloseTo(4, 6);
  });

  it("refuses what does not fit together", () => {
    expect(() => ridge({ features: FEATURES, width: 5, targets: TARGETS }, 1)).toThrow(/30 rows of 5 features/);
    expect(() => ridge({ features: FEATURES, width: WIDTH, targets: TARGETS, rows: [0] }, 1)).toThrow(/at least two/);
  });
});

describe("logistic", () => {
  it("is sklearn's LogisticRegression without a penalty, on Platt's targets", () => {
    const measures = Array.from({ length: ROWS }, (_, i) => [...FEATURES.subarray(i * WIDTH, i * WIDTH + 2)]);
    const fit = logistic(
      measures,
      measures.map((_, i) => (i * 5) % 7 < 3),
    );
    expect(fit.weights[0]).toBeCloseTo(-0.17569937, 6);
    expect(fit.weights[1]).toBeCloseTo(0.0955029, 6);
    expect(fit.intercept).toBeCloseTo(-0.08447862, 6);
    const found = [0.58160542, 0.41264987, 0.36106158];
    found.forEach((chance, i) => expect(logisticValue(fit, measures[i] as number[])).toBeCloseTo(chance, 6));
  });

  it("stays finite where the outcomes are split without overlap, or all alike", () => {
    const split = logistic([[0], [1], [2], [3]], [false, false, true, true]);
    expect(logisticValue(split, [3])).toBeLessThan(1);
    expect(logisticValue(split, [3])).toBeGreaterThan(0.7);
    expect(logisticValue(logistic([[0], [1]], [false, false]), [0.5])).toBeCloseTo(0.25, 6);
  });
});
