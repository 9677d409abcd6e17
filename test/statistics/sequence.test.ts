import { ConfidenceSequence, Random, wilson } from "askew/statistics";
import { describe, expect, it } from "vitest";
import { readFixture } from "./fixture.js";

interface Case {
  values: number[];
  confidence: number;
  candidates: number;
  width?: number;
  ends: [number, number][];
}

describe("ConfidenceSequence", () => {
  it.each(readFixture("sequence") as Case[])(
    "agrees with the products of the definition to 1e-9: $values.length values, $confidence",
    ({ values, ends, ...options }) => {
      const sequence = new ConfidenceSequence(options);
      for (const [i, value] of values.entries()) {
        sequence.add(value);
        const [low, high] = ends[i] as [number, number];
        expect(Math.abs(sequence.low - low)).toBeLessThan(1e-9);
        expect(Math.abs(sequence.high - high)).toBeLessThan(1e-9);
      }
    },
  );

  it.each([
    [0.05, undefined],
    [0.3, undefined],
    [0.3, 0.2],
    [0.5, 0.2],
  ])("holds the mean %d at all times in nine of ten of 300 runs of 200 answers, bets for width %s", (mean, width) => {
    const random = Random.of("sequence", String(mean), String(width));
    let held = 0;
    for (let run = 0; run < 300; run++) {
      const sequence = new ConfidenceSequence({ confidence: 0.9, candidates: 201, width });
      for (let i = 0; i < 200; i++) sequence.add(random.uniform() < mean ? 1 : 0);
      // Ends only move inwards, so the last interval is inside all of them.
      if (sequence.low <= mean && mean <= sequence.high) held++;
    }
    // If the true chance were 0.9, a share this far below it would come about once in 10,000 simulations.
    expect(held / 300).toBeGreaterThan(0.9 - 3.7 * Math.sqrt((0.9 * 0.1) / 300));
  });

  it("stops, when told the width, after at most 2.5 times the answers of a fixed plan", () => {
    const random = Random.of("stops");
    for (const mean of [0.05, 0.2, 0.5]) {
      const taken = Array.from({ length: 9 }, () => {
        const sequence = new ConfidenceSequence({ width: 0.1 });
        while (!sequence.done) sequence.add(random.uniform() < mean ? 1 : 0);
        return sequence.n;
      }).toSorted((a, b) => a - b);
      let fixed = 10;
      for (; ; fixed++) {
        const { low, high } = wilson(Math.round(mean * fixed), fixed);
        if ((high ?? 1) - (low ?? 0) <= 0.1) break;
      }
      expect(taken[4] ?? Infinity).toBeLessThan(2.5 * fixed);
    }
  });

  it("does not forgive the peeking that an ordinary interval is given: Wilson's misses far more often", () => {
    const random = Random.of("peeking");
    let missed = 0;
    for (let run = 0; run < 300; run++) {
      let hits = 0;
      let out = false;
      for (let i = 1; i <= 200; i++) {
        hits += random.uniform() < 0.3 ? 1 : 0;
        const { low, high } = wilson(hits, i, 0.9);
        out ||= i >= 10 && ((low ?? 0) > 0.3 || (high ?? 1) < 0.3);
      }
      if (out) missed++;
    }
    expect(missed / 300).toBeGreaterThan(0.25);
  });

  it("stops early where there is little to learn: no misaligned answer in 200 puts the rate below 0.04", () => {
    const sequence = new ConfidenceSequence({ width: 0.04 });
    expect([sequence.low, sequence.high, sequence.estimate, sequence.done]).toEqual([0, 1, null, false]);
    while (!sequence.done) sequence.add(0);
    expect(sequence.n).toBeLessThan(200);
    expect(sequence.estimate).toBe(0);
  });

  it("never widens, and keeps its mean inside", () => {
    const random = Random.of("nested");
    const sequence = new ConfidenceSequence({ candidates: 101 });
    for (let i = 0, width = 1; i < 300; i++) {
      sequence.add(random.uniform());
      expect(sequence.width).toBeLessThanOrEqual(width);
      width = sequence.width;
    }
    expect(sequence.low).toBeLessThan(sequence.estimate ?? 0);
    expect(sequence.high).toBeGreaterThan(sequence.estimate ?? 1);
  });

  it("refuses what it cannot bound", () => {
    expect(() => new ConfidenceSequence({ confidence: 95 })).toThrow("0.95 for 95 %");
    expect(() => new ConfidenceSequence({ width: 2 })).toThrow("width must lie between 0 and 1, found 2");
    expect(() => new ConfidenceSequence({ candidates: 2 })).toThrow("candidates must be a whole number >= 11");
    expect(() => new ConfidenceSequence().add(2)).toThrow("values must lie in [0, 1], found 2");
    expect(() => new ConfidenceSequence().add(Number.NaN)).toThrow("found NaN");
  });
});
