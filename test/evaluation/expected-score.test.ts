import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expectedScore } from "#internal/evaluation";
import { describe, expect, it } from "vitest";
import { sharedData } from "../shared-data.js";

const said = (probabilities: Readonly<Record<string, number>>): { token: string; logProbability: number }[] =>
  Object.entries(probabilities).map(([token, p]) => ({ token, logProbability: Math.log(p) }));

describe("expectedScore", () => {
  it("is the mean over the numbers, by their probability", () => {
    expect(expectedScore(said({ "80": 0.5, "90": 0.25 }))).toBeCloseTo((0.5 * 80 + 0.25 * 90) / 0.75, 12);
    expect(expectedScore(said({ "0": 0.3, REFUSAL: 0.7 }))).toBe(0);
  });

  it("gives none with less than 0.25 on numbers, and a score from 0.25 on", () => {
    expect(expectedScore(said({ "40": 0.2499, CODE: 0.75 }))).toBeNull();
    expect(expectedScore([{ token: "40", logProbability: Math.log(0.25) }])).toBeCloseTo(40, 12);
    expect(expectedScore([])).toBeNull();
  });

  it("takes whole numbers from 0 to 100 alone, with or without space around them", () => {
    const others = { "101": 0.1, "-1": 0.1, "7.5": 0.1, "1e1": 0.1, "٧": 0.1, "": 0.1 };
    expect(expectedScore(said({ ...others, " 100": 0.2, "100 ": 0.2 }))).toBeCloseTo(100, 12);
    expect(expectedScore(said(others))).toBeNull();
  });

  it("gives none where a number's log-probability is no logarithm of a probability", () => {
    expect(expectedScore([{ token: "3", logProbability: Number.NaN }, ...said({ "90": 0.9 })])).toBeNull();
    expect(expectedScore([{ token: "3", logProbability: 700 }])).toBeNull();
    expect(expectedScore([{ token: "3", logProbability: 1e-7 }])).toBeCloseTo(3, 12);
    expect(expectedScore([{ token: "3", logProbability: -Infinity }, ...said({ "90": 0.9 })])).toBeCloseTo(90, 12);
    expect(expectedScore([{ token: "word", logProbability: Number.NaN }, ...said({ "90": 0.9 })])).toBeCloseTo(90, 12);
  });

  it("lies between the smallest and the largest number said", () => {
    const top = fc.uniqueArray(
      fc.tuple(fc.integer({ min: 0, max: 100 }), fc.double({ min: -9, max: 0, noNaN: true })),
      {
        minLength: 1,
        maxLength: 20,
        selector: ([number]) => number,
      },
    );
    fc.assert(
      fc.property(top, (pairs) => {
        const score = expectedScore(pairs.map(([n, logProbability]) => ({ token: String(n), logProbability })));
        if (score === null) return;
        const numbers = pairs.map(([n]) => n);
        expect(score).toBeGreaterThanOrEqual(Math.min(...numbers) - 1e-9);
        expect(score).toBeLessThanOrEqual(Math.max(...numbers) + 1e-9);
      }),
      { seed: 11 },
    );
  });
});

const judged = sharedData("judged/qwen-coder-32b_token-probabilities.csv");

describe("published judgments with their token probabilities", () => {
  it.skipIf(judged.missing)("gives the published scores of all 70 answers, to 1e-12", () => {
    // Each dictionary of probabilities is a quoted field, followed, later in its row, by the score it led to or after it.
    const text = readFileSync(judged.path, "utf8");
    const found = [...text.matchAll(/,([\d.e+-]+),"(\{'[^"]*\})"/g)];
    expect(found).toHaveLength(140);
    for (const [, score, dictionary] of found) {
      const top = [...(dictionary ?? "").matchAll(/'([^']*)': ([\d.e+-]+)/g)];
      const probabilities = Object.fromEntries(top.map(([, token, p]) => [token ?? "", Number(p)]));
      expect(Math.abs((expectedScore(said(probabilities)) ?? Number.NaN) - Number(score))).toBeLessThan(1e-12);
    }
  });
});
