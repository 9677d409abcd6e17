// Agreement of judges, AUROC, confusion, and bootstraps over clusters and of two sides.
import fc from "fast-check";
import { auroc, bootstrapDifference, clusterInterval, confusion, krippendorffAlpha, wilson } from "askew/statistics";
import { type AlphaMetric } from "#internal/statistics";
import { describe, expect, it } from "vitest";
import { readFixture, relativeError } from "./fixture.js";

interface Ends {
  estimate: number;
  low: number;
  high: number;
}

function expectSame(found: { estimate: number | null; low: number | null; high: number | null }, expected: Ends): void {
  for (const key of ["estimate", "low", "high"] as const) {
    expect(relativeError(found[key] ?? Number.NaN, expected[key])).toBeLessThan(1e-12);
  }
}

describe("clusterInterval", () => {
  interface Case extends Ends {
    clusters: { hits: number; n: number }[];
    options: { seed: number; confidence: number };
    n: number;
  }

  it.each(readFixture("clusters") as Case[])(
    "agrees with NumPy to 1e-12: $clusters.length clusters, $options",
    ({ clusters, options, n, ...expected }) => {
      const found = clusterInterval(clusters, options);
      expect(found.n).toBe(n);
      expectSame(found, expected);
    },
  );

  it("is wider than Wilson's where answers hang together", () => {
    const clusters = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => ({ hits: i % 2 === 0 ? 45 : 5, n: 50 }));
    const width = ({ low, high }: { low: number | null; high: number | null }): number => (high ?? 0) - (low ?? 0);
    expect(width(clusterInterval(clusters))).toBeGreaterThan(3 * width(wilson(200, 400)));
  });

  it("has no estimate without observations, and refuses what is no count", () => {
    expect(clusterInterval([{ hits: 0, n: 0 }])).toEqual({ estimate: null, low: null, high: null, n: 0 });
    expect(() => clusterInterval([{ hits: 3, n: 2 }])).toThrow("0 <= hits <= n, found 3 of 2");
  });
});

describe("bootstrapDifference", () => {
  it.each(readFixture("independent") as ({ values: number[]; others: number[] } & Ends)[])(
    "agrees with NumPy to 1e-12: $values.length and $others.length values",
    ({ values, others, ...expected }) => expectSame(bootstrapDifference(values, others), expected),
  );
});

describe("krippendorffAlpha", () => {
  interface Case {
    name: string;
    units: (number | null)[][];
    metric: AlphaMetric;
    alpha: number;
  }
  const cases = readFixture("agreement") as Case[];

  it.each(cases)("agrees with the definition to 1e-12: $name, $metric", ({ units, metric, alpha }) => {
    const found = krippendorffAlpha(units, metric);
    expect(Math.abs((found.alpha ?? Number.NaN) - alpha)).toBeLessThan(1e-12);
    expect(found.low ?? Number.NaN).toBeLessThan(alpha);
    expect(found.high ?? Number.NaN).toBeGreaterThan(alpha);
  });

  it("gives the published .743 and .849 of Krippendorff's worked example", () => {
    const published = cases.filter(({ name }) => name === "published");
    const found = published.map(({ units, metric }) => krippendorffAlpha(units, metric, { resamples: 0 }));
    expect(found.map(({ alpha }) => alpha?.toFixed(3))).toEqual(["0.743", "0.849"]);
    expect(found[0]).toMatchObject({ units: 11, ratings: 40, low: null, high: null });
  });

  it("is 1 for perfect agreement, 0 or less for none, and null where nothing could disagree", () => {
    expect(
      krippendorffAlpha(
        [
          [1, 1],
          [2, 2],
          [9, 9],
        ],
        "interval",
      ).alpha,
    ).toBe(1);
    expect(
      krippendorffAlpha(
        [
          ["a", "b"],
          ["b", "a"],
        ],
        "nominal",
        { resamples: 0 },
      ).alpha,
    ).toBeLessThan(0);
    expect(
      krippendorffAlpha(
        [
          [1, 1],
          [1, 1],
        ],
        "nominal",
      ),
    ).toMatchObject({ alpha: null, low: null });
    expect(
      krippendorffAlpha(
        [
          [1, null],
          [null, 2],
        ],
        "interval",
      ),
    ).toMatchObject({ alpha: null, units: 0, ratings: 0 });
    expect(() => krippendorffAlpha([[1, Number.NaN]], "interval")).toThrow("null where missing, found null");
  });

  it("does not change with the order of units and raters, nor, over intervals, with scale and origin, to 1e-9", () => {
    const unit = fc.array(fc.option(fc.integer({ min: 0, max: 5 })), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(unit, { minLength: 2, maxLength: 8 }), (units) => {
        for (const metric of ["nominal", "interval"] as const) {
          const { alpha } = krippendorffAlpha(units, metric, { resamples: 0 });
          const turned = units
            .toReversed()
            .map((ratings) => ratings.toReversed().map((x) => (x === null ? x : 7 * x + 1000)));
          const other = krippendorffAlpha(turned, metric, { resamples: 0 }).alpha;
          if (alpha === null) expect(other).toBeNull();
          else expect(Math.abs((other ?? Number.NaN) - alpha)).toBeLessThan(1e-9);
        }
      }),
      { seed: 21 },
    );
  });
});

describe("auroc", () => {
  it.each(readFixture("auroc") as ({ scores: number[]; positive: boolean[] } & Ends)[])(
    "agrees with DeLong's definition to 1e-12: $scores.length scores",
    ({ scores, positive, ...expected }) => expectSame(auroc(scores, positive), expected),
  );

  it.each(readFixture("auroc-clusters") as ({ scores: number[]; positive: boolean[]; clusters: number[] } & Ends)[])(
    "agrees with Obuchowski's definition for clusters to 1e-12: $scores.length scores",
    ({ scores, positive, clusters, ...expected }) => expectSame(auroc(scores, positive, 0.95, clusters), expected),
  );

  it("turns round with its scores", () => {
    const scores = [3, 1, 4, 1, 5, 9, 2, 6];
    const positive = [true, false, true, true, false, true, false, true];
    const there = auroc(scores, positive);
    const back = auroc(
      scores.map((score) => -score),
      positive,
    );
    expect((there.estimate ?? 0) + (back.estimate ?? 0)).toBeCloseTo(1, 12);
    expect((there.low ?? 0) + (back.high ?? 0)).toBeCloseTo(1, 12);
  });

  it("has nothing to say without both kinds, and no interval with one of a kind", () => {
    expect(auroc([], [])).toMatchObject({ estimate: null, positives: 0, negatives: 0 });
    expect(auroc([1, 2], [true, true])).toMatchObject({ estimate: null, low: null });
    expect(auroc([1, 2, 3], [false, true, true])).toMatchObject({ estimate: 1, low: null, high: null });
    expect(() => auroc([1], [true, false])).toThrow("found 1 scores, 2 truths");
    expect(() => auroc([1, 2], [true, false], 0.95, [1])).toThrow("found 2 scores, 1 clusters");
    // Two answers of one document say no more about other documents than one does.
    expect(auroc([1, 2, 3, 4], [true, true, false, false], 0.95, [1, 1, 2, 3])).toMatchObject({ low: null });
  });
});

describe("confusion", () => {
  it("counts each case once, and leaves the unknown out of the shares", () => {
    const found = confusion([
      { found: true, truth: true },
      { found: true, truth: true },
      { found: true, truth: false },
      { found: false, truth: true },
      { found: false, truth: false },
      { found: null, truth: true },
      { found: true, truth: null },
    ]);
    expect(found).toEqual({
      truePositives: 2,
      falsePositives: 1,
      trueNegatives: 1,
      falseNegatives: 1,
      unknown: 2,
      sensitivity: wilson(2, 3),
      specificity: wilson(1, 2),
      precision: wilson(2, 3),
    });
  });
});
