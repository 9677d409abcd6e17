import fc from "fast-check";
import { fisherTest, pooledWilson, relativeReduction, shareDifference, wilson, type Share } from "askew/statistics";
import { shareRatio } from "#internal/statistics";
import { describe, expect, it } from "vitest";
import { readFixture, relativeError } from "./fixture.js";

interface Reference {
  wilson: { hits: number; n: number; confidence: number; low: number; high: number }[];
  differences: { a: Share; b: Share; estimate: number; low: number; high: number; fisher: number }[];
}

const reference = readFixture("shares") as Reference;
const nothing = { estimate: null, low: null, high: null, n: 0 };
const share = fc.nat({ max: 400 }).chain((n) => fc.nat({ max: n }).map((hits) => ({ hits, n })));

/** The probability of exactly `hits` of `n`, by recurrence from none. */
function binomials(n: number, p: number): number[] {
  const probabilities = [(1 - p) ** n];
  for (let k = 1; k <= n; k++) probabilities.push(((probabilities[k - 1] ?? 0) * (n - k + 1) * p) / (k * (1 - p)));
  return probabilities;
}

describe("wilson", () => {
  it("agrees with 50-digit arithmetic to 1e-13 of the value", () => {
    for (const { hits, n, confidence, low, high } of reference.wilson) {
      const found = wilson(hits, n, confidence);
      expect(found.estimate).toBe(hits / n);
      expect(found.n).toBe(n);
      expect(relativeError(found.low ?? Number.NaN, low)).toBeLessThan(1e-13);
      expect(relativeError(found.high ?? Number.NaN, high)).toBeLessThan(1e-13);
    }
    expect(wilson(0, 7).low).toBe(0);
    expect(wilson(7, 7).high).toBe(1);
  });

  it("holds its estimate, stays in [0, 1], mirrors misses and narrows with n", () => {
    fc.assert(
      fc.property(
        share.filter(({ n }) => n > 0),
        ({ hits, n }) => {
          const { estimate, low, high } = wilson(hits, n);
          const mirror = wilson(n - hits, n);
          const more = wilson(hits * 4, n * 4);
          if (estimate === null || low === null || high === null) throw new Error("no estimate");
          expect(0 <= low && low <= estimate && estimate <= high && high <= 1).toBe(true);
          expect(Math.abs((mirror.low ?? 2) - (1 - high))).toBeLessThan(1e-14);
          expect((more.high ?? 2) - (more.low ?? 0)).toBeLessThan(high - low);
        },
      ),
      { seed: 7 },
    );
  });

  it("covers near 95 %, summed exactly over all outcomes", () => {
    for (const n of [20, 100, 800]) {
      const coverages = Array.from({ length: 24 }, (_, i) => {
        const p = 0.05 + i * 0.02;
        return binomials(n, p).reduce((sum, probability, hits) => {
          const { low, high } = wilson(hits, n);
          return low !== null && high !== null && low <= p && p <= high ? sum + probability : sum;
        }, 0);
      });
      const average = coverages.reduce((sum, coverage) => sum + coverage, 0) / coverages.length;
      expect(Math.abs(average - 0.95)).toBeLessThan(0.01);
      expect(Math.min(...coverages)).toBeGreaterThan(0.9);
    }
  });

  it("has no estimate without observations", () => {
    expect(wilson(0, 0)).toEqual(nothing);
    expect(pooledWilson([])).toEqual(nothing);
    expect(pooledWilson([{ hits: 0, n: 0 }])).toEqual(nothing);
  });

  it("pools counts", () => {
    expect(
      pooledWilson([
        { hits: 1, n: 10 },
        { hits: 8, n: 20 },
      ]),
    ).toEqual(wilson(9, 30));
  });

  it("names what is wrong with an argument", () => {
    expect(() => wilson(5, 4)).toThrow("expected whole numbers with 0 <= hits <= n, found 5 of 4");
    expect(() => wilson(-1, 4)).toThrow("found -1 of 4");
    expect(() => wilson(0.5, 4)).toThrow("found 0.5 of 4");
    expect(() => wilson(1, 4, 1)).toThrow("confidence must lie between 0 and 1");
  });
});

describe("shareDifference", () => {
  it("agrees with 50-digit arithmetic to 1e-13", () => {
    for (const { a, b, estimate, low, high } of reference.differences) {
      const found = shareDifference(a, b);
      expect(Math.abs((found.estimate ?? 9) - estimate)).toBeLessThan(1e-13);
      expect(Math.abs((found.low ?? 9) - low)).toBeLessThan(1e-13);
      expect(Math.abs((found.high ?? 9) - high)).toBeLessThan(1e-13);
      expect(found.n).toBe(a.n + b.n);
    }
  });

  it("reproduces the worked example of Newcombe (1998): 56/70 against 48/80, 0.0524 to 0.3339", () => {
    const { low, high } = shareDifference({ hits: 56, n: 70 }, { hits: 48, n: 80 });
    expect([low?.toFixed(4), high?.toFixed(4)]).toEqual(["0.0524", "0.3339"]);
  });

  it("changes sign with its sides", () => {
    fc.assert(
      fc.property(share, share, (a, b) => {
        const there = shareDifference(a, b);
        const back = shareDifference(b, a);
        expect(there.low === null).toBe(a.n === 0 || b.n === 0);
        expect(Math.abs((there.low ?? 0) + (back.high ?? 0))).toBeLessThan(1e-14);
      }),
      { seed: 8 },
    );
  });
});

describe("fisherTest", () => {
  it("agrees with scipy.stats.fisher_exact to 1e-9", () => {
    for (const { a, b, fisher } of reference.differences) {
      expect(relativeError(fisherTest(a, b), fisher)).toBeLessThan(1e-9);
    }
  });

  it("agrees with scipy.stats.fisher_exact where one side alone counts", () => {
    const greater = (a: Share, b: Share): number => fisherTest(a, b, "greater");
    expect(greater({ hits: 12, n: 200 }, { hits: 3, n: 400 })).toBeCloseTo(0.00023953276110846592, 14);
    expect(greater({ hits: 9, n: 50 }, { hits: 2, n: 50 })).toBeCloseTo(0.02556046687284325, 13);
    expect(greater({ hits: 3, n: 3 }, { hits: 0, n: 3 })).toBeCloseTo(0.05, 14);
    expect(greater({ hits: 0, n: 10 }, { hits: 4, n: 9 })).toBe(1);
  });

  it("reproduces the lady tasting tea: 4 of 4 cups, two-sided 2/70", () => {
    expect(fisherTest({ hits: 4, n: 4 }, { hits: 0, n: 4 })).toBeCloseTo(2 / 70, 14);
  });

  it("is a probability, whichever side comes first, and survives large counts", () => {
    fc.assert(
      fc.property(share, share, (a, b) => {
        const p = fisherTest(a, b);
        expect(p > 0 && p <= 1).toBe(true);
        expect(relativeError(fisherTest(b, a), p)).toBeLessThan(1e-9);
      }),
      { seed: 9 },
    );
    expect(fisherTest({ hits: 50_000, n: 100_000 }, { hits: 50_000, n: 100_000 })).toBe(1);
    expect(fisherTest({ hits: 60_000, n: 100_000 }, { hits: 50_000, n: 100_000 })).toBeLessThan(1e-300);
    expect(fisherTest({ hits: 0, n: 0 }, { hits: 3, n: 5 })).toBe(1);
  });
});

describe("shareRatio", () => {
  it("agrees with the published formula, worked out in Python, to 1e-9", () => {
    const cases: readonly (readonly [Share, Share, number, number, number])[] = [
      [{ hits: 12, n: 400 }, { hits: 90, n: 380 }, 0.12666666666666668, 0.07111681550461568, 0.22590161448451035],
      [{ hits: 0, n: 200 }, { hits: 40, n: 200 }, 0, 0, 0.09725851372708315],
      [{ hits: 5, n: 50 }, { hits: 9, n: 60 }, 0.6666666666666667, 0.24756217623294938, 1.7833866493247874],
      [{ hits: 3, n: 80 }, { hits: 3, n: 90 }, 1.125, 0.2543211435090516, 4.956975654576931],
    ];
    for (const [a, b, estimate, low, high] of cases) {
      const found = shareRatio(a, b);
      expect(found.n).toBe(a.n + b.n);
      expect(found.estimate).toBeCloseTo(estimate, 9);
      expect(found.low).toBeCloseTo(low, 9);
      expect(found.high).toBeCloseTo(high, 9);
    }
  });

  it("is Wilson's interval over a known share where the other is known without doubt", () => {
    const a = { hits: 30, n: 200 };
    const found = shareRatio(a, { hits: 4e8, n: 8e8 });
    const { low, high } = wilson(a.hits, a.n);
    expect(found.low).toBeCloseTo((low as number) / 0.5, 3);
    expect(found.high).toBeCloseTo((high as number) / 0.5, 3);
  });

  it("holds its estimate, always, and is null where nothing bounds it", () => {
    fc.assert(
      fc.property(share, share, (a, b) => {
        const { estimate, low, high } = shareRatio(a, b);
        if (a.n === 0 || b.hits === 0) return estimate === null && low === null && high === null;
        return (low as number) <= (estimate as number) + 1e-12 && (estimate as number) <= (high as number) + 1e-12;
      }),
    );
  });
});

describe("relativeReduction", () => {
  it("is what the ratio leaves of 1, its ends turned round", () => {
    const [before, after] = [
      { hits: 40, n: 200 },
      { hits: 5, n: 150 },
    ];
    const { estimate, low, high } = shareRatio(after, before);
    expect(relativeReduction(before, after)).toEqual({
      estimate: 1 - (estimate as number),
      low: 1 - (high as number),
      high: 1 - (low as number),
      n: 350,
    });
    expect(relativeReduction(before, after).estimate).toBeCloseTo(1 - 5 / 150 / 0.2, 12);
    expect(relativeReduction({ hits: 0, n: 10 }, after)).toEqual(nothing);
  });
});
