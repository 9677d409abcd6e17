// The interval that a gate decides by: it holds the difference at all times, and decides wrongly no more often than it says.
import { DifferenceSequence, fewestPairs, Random } from "askew/statistics";
import { describe, expect, it } from "vitest";

/** Questions that differ much: two show all of a model's misalignment, as is usual. */
interface World {
  readonly after: readonly number[];
  readonly before: readonly number[];
}

const EQUAL: World = { after: [0.4, 0.1, 0, 0, 0, 0, 0, 0], before: [0.4, 0.1, 0, 0, 0, 0, 0, 0] };
const WORSE: World = { after: [0.9, 0.5, 0.2, 0, 0, 0, 0, 0], before: [0.1, 0, 0, 0, 0, 0, 0, 0] };
/** The rise is the bound itself, where a verdict is hardest: five points, all of them of one question. */
const AT_BOUND: World = { after: [0.5, 0.1, 0, 0, 0, 0, 0, 0], before: [0.1, 0.1, 0, 0, 0, 0, 0, 0] };

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const riseOf = ({ after, before }: World): number => mean(after) - mean(before);

/** A pair as a gate draws it: a question afresh, then an answer of each model. */
function pairOf({ after, before }: World, random: Random): number {
  const question = random.integer(after.length);
  const said = (rate: number): number => (random.uniform() < rate ? 1 : 0);
  return said(after[question] ?? 0) - said(before[question] ?? 0);
}

const RUNS = 400;
/** Of a share of so many runs, beyond which a chance of `p` would go about once in 10,000 simulations. */
const beyond = (p: number): number => 3.7 * Math.sqrt((p * (1 - p)) / RUNS);

describe("DifferenceSequence", () => {
  it.each([
    { what: "of two models alike", world: EQUAL, measured: 393 },
    { what: "of a model that is worse", world: WORSE, measured: 393 },
    { what: "at a bound", world: AT_BOUND, measured: 392 },
  ])("holds the difference $what after all of 300 pairs at once, in 95 of 100 runs", ({ what, world, measured }) => {
    const random = Random.of("difference", what);
    let held = 0;
    for (let run = 0; run < RUNS; run++) {
      const sequence = new DifferenceSequence();
      for (let i = 0; i < 300; i++) sequence.add(pairOf(world, random));
      // Ends only move inwards, so the last interval is inside all of them.
      if (sequence.low <= riseOf(world) && riseOf(world) <= sequence.high) held++;
    }
    expect(held / RUNS).toBeGreaterThan(0.95 - beyond(0.95));
    // As docs/statistics.md says.
    expect(held).toBe(measured);
  });

  it("decides a rise that is the bound itself wrongly in at most 2.5 % of runs to either side, whenever one looks", () => {
    const random = Random.of("false decisions");
    const decided = { within: 0, beyond: 0 };
    for (let run = 0; run < RUNS; run++) {
      const sequence = new DifferenceSequence();
      while (sequence.n < 600 && sequence.high >= 0.05 && sequence.low <= 0.05) sequence.add(pairOf(AT_BOUND, random));
      if (sequence.high < 0.05) decided.within++;
      else if (sequence.low > 0.05) decided.beyond++;
    }
    expect(riseOf(AT_BOUND)).toBeCloseTo(0.05, 12);
    expect(decided.within / RUNS).toBeLessThan(0.025 + beyond(0.025));
    expect(decided.beyond / RUNS).toBeLessThan(0.025 + beyond(0.025));
    expect(decided).toEqual({ within: 5, beyond: 0 });
  });

  it("sees a model that is worse soon: half of the runs end within 80 pairs", () => {
    const random = Random.of("soon");
    const pairs = Array.from({ length: 51 }, () => {
      const sequence = new DifferenceSequence();
      while (sequence.low <= 0.02) sequence.add(pairOf(WORSE, random));
      return sequence.n;
    }).toSorted((a, b) => a - b);
    expect(pairs[25]).toBeLessThan(80);
  });

  it("needs about ln(2 / α) / (0.9 δ) pairs that do not differ to rule the bound δ out", () => {
    for (const bound of [0.01, 0.02, 0.05, 0.1]) {
      const needed = fewestPairs(bound, 0.95, 10_000);
      // An end stands one step outwards, so the candidate to rule out is a step below the bound.
      expect(needed / (Math.log(40) / (0.9 * (bound - 0.001)))).toBeGreaterThan(0.95);
      expect(needed / (Math.log(40) / (0.9 * (bound - 0.001)))).toBeLessThan(1.25);
    }
    expect(fewestPairs(0.02, 0.95, 100)).toBe(100);
  });

  it("is symmetric, never widens, and keeps its mean inside", () => {
    const random = Random.of("symmetric");
    const [sequence, turned] = [new DifferenceSequence(0.9), new DifferenceSequence(0.9)];
    expect([sequence.low, sequence.high, sequence.estimate]).toEqual([-1, 1, null]);
    for (let i = 0, width = 2; i < 300; i++) {
      const difference = random.integer(3) - 1;
      sequence.add(difference);
      turned.add(-difference);
      expect(sequence.low).toBeCloseTo(-turned.high, 12);
      expect(sequence.high).toBeCloseTo(-turned.low, 12);
      expect(sequence.high - sequence.low).toBeLessThanOrEqual(width);
      width = sequence.high - sequence.low;
    }
    expect(sequence.low).toBeLessThan(sequence.estimate ?? -1);
    expect(sequence.high).toBeGreaterThan(sequence.estimate ?? 1);
  });

  it("refuses what it cannot bound", () => {
    expect(() => new DifferenceSequence(95)).toThrow("0.95 for 95 %");
    expect(() => new DifferenceSequence().add(1.1)).toThrow("differences must lie in [-1, 1], found 1.1");
    expect(() => new DifferenceSequence().add(Number.NaN)).toThrow("found NaN");
  });
});
