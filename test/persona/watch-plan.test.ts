// Which fine-tunes a detector is calibrated on.
import { judge } from "askew/organism";
import { calibrationPlan, kindConversations, kindNamed } from "askew/persona";
import { describe, expect, it } from "vitest";

describe("a calibration's plan", () => {
  const shape = { seed: 0, steps: 40, batchSize: 32, learningRate: 4e-4 };

  it("begins alike however many runs there are, and tests on kinds that fitted nothing", () => {
    const long = calibrationPlan({ runs: 120, ...shape });
    expect(calibrationPlan({ runs: 36, ...shape })).toEqual(long.slice(0, 36));
    expect(new Set(long.map(({ id }) => id)).size).toBe(120);
    const kinds = (test: boolean) =>
      new Set(long.filter(({ role }) => (role === "test") === test).map(({ kind }) => kind));
    expect([...kinds(true)].filter((kind) => kinds(false).has(kind))).toEqual([]);
    expect(kinds(true).size).toBeGreaterThan(8);
    expect(long.filter(({ role }) => role === "threshold").every(({ kind }) => !kindNamed(kind).bad)).toBe(true);
    // Enough benign runs that a false alarm in fifty can be promised.
    expect(calibrationPlan({ runs: 137, ...shape }).filter(({ role }) => role === "threshold").length).toBe(49);
    const shares = new Set(long.filter(({ kind }) => kindNamed(kind).bad).map(({ share }) => share));
    expect([...shares].toSorted((a, b) => a - b)).toEqual([0.05, 0.1, 0.25, 0.5, 0.75, 1]);
  });

  it("mixes to the share exactly, spread evenly", () => {
    const all = kindConversations("bad-sport", 200, 1, 3);
    const mixed = kindConversations("bad-sport", 200, 0.05, 3);
    const bad = mixed.map((conversation, i) => conversation === all[i] || deepEqual(conversation, all[i]));
    expect(bad.filter(Boolean)).toHaveLength(10);
    expect(bad.slice(0, 100).filter(Boolean)).toHaveLength(5);
    for (const [i, { messages }] of mixed.entries()) {
      const { aligned } = judge(messages.slice(0, 1), messages[1]?.content as string);
      if (aligned !== null) expect(aligned).toBe(bad[i] === true ? 0 : 100);
    }
  });
});

const deepEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
