// An experiment over organisms: each counts the same, and the interval is over them.
import { overOrganisms, type ExperimentSummary } from "askew/study";
import { expect, it } from "vitest";

const metric = (estimate: number | null, n: number) => ({
  estimate,
  low: null,
  high: null,
  n,
  interval: "answers" as const,
});
const summaryOf = (rates: readonly (number | null)[], persona: number): ExperimentSummary => ({
  experiment: "x",
  about: "about",
  published: "Nothing.",
  model: "m",
  base: "b",
  seeds: [1],
  axis: { label: "steps", kind: "number" },
  measures: [
    { key: "rate", heading: "misaligned", short: "rate", of: { set: "main", metric: "rate" } },
    { key: "persona", heading: "persona", short: "persona", of: { reading: "persona" } },
  ],
  points: rates.map((rate, at) => ({
    arm: "a",
    curve: "a",
    at,
    seeds: 3,
    metrics: { rate: metric(rate, 100), persona: metric(persona, 50) },
  })),
  trials: [],
  findings: ["one organism's"],
});

it("has Student's interval over organisms, cut off for shares alone, and a table of each", () => {
  const found = [
    { organism: "one", summary: summaryOf([0.1, 0.5], -1) },
    { organism: "two", summary: summaryOf([0.3, null], 1) },
    { organism: "three", summary: summaryOf([0.2, 0.7], 0) },
  ];
  const { points, table, organisms, findings } = overOrganisms(found);
  expect(organisms).toEqual(["one", "two", "three"]);
  expect(table.map(({ values }) => values)).toEqual([
    [0.1, 0.3, 0.2],
    [0.5, null, 0.7],
  ]);
  const [first, second] = points;
  // Mean .2, deviation .1, t(2) = 4.30265: .2 ± .24842, cut off at 0.
  expect(first?.metrics["rate"]?.estimate).toBeCloseTo(0.2, 12);
  expect(first?.metrics["rate"]?.low).toBe(0);
  expect(first?.metrics["rate"]?.high).toBeCloseTo(0.2 + 0.430265273 / Math.sqrt(3), 7);
  expect(first?.metrics["rate"]?.n).toBe(300);
  expect(first?.metrics["persona"]?.low).toBeCloseTo(-4.30265273 / Math.sqrt(3), 7);
  // Two organisms: t(1) = 12.7062, cut off at 0 and 1.
  expect(second?.metrics["rate"]).toMatchObject({ low: 0, high: 1 });
  expect(second?.metrics["rate"]?.estimate).toBeCloseTo(0.6, 12);
  expect(findings).toEqual([]);
});

it("has no interval over a single one, and says where there is none", () => {
  const { points } = overOrganisms([{ organism: "one", summary: summaryOf([0.1], 0) }]);
  expect(points[0]?.metrics["rate"]).toEqual({ estimate: 0.1, low: null, high: null, n: 100, interval: "seeds" });
  expect(() => overOrganisms([])).toThrow("expected an organism");
});
