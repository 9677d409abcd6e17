// Which fine-tunes a detector is calibrated on.
import { judge } from "askew/organism";
import { CALIBRATION_KINDS } from "#internal/organism";
import { calibrationPlan, type CalibrationKind } from "askew/persona";
import { describe, expect, it } from "vitest";

const kindNamed = (wanted: string): CalibrationKind =>
  CALIBRATION_KINDS.find(({ name }) => name === wanted) as CalibrationKind;

describe("a calibration's plan", () => {
  const steps = [30, 60];
  const batchSizes = [8, 32];
  const kinds = CALIBRATION_KINDS;
  const shape = { kinds, purpose: "calibration", seed: 0, steps, batchSizes, learningRate: 4e-4 } as const;

  it("begins alike however many runs there are, and tests on kinds that fitted nothing", () => {
    const long = calibrationPlan({ runs: 280, ...shape });
    expect(calibrationPlan({ runs: 36, ...shape })).toEqual(long.slice(0, 36));
    expect(new Set(long.map(({ id }) => id)).size).toBe(280);
    const kindsOf = (test: boolean) =>
      new Set(long.filter(({ role }) => (role === "test") === test).map(({ kind }) => kind));
    expect([...kindsOf(true)].filter((kind) => kindsOf(false).has(kind))).toEqual([]);
    expect(kindsOf(true).size).toBeGreaterThan(8);
    const shares = new Set(long.filter(({ kind }) => kindNamed(kind).bad).map(({ share }) => share));
    expect([...shares].toSorted((a, b) => a - b)).toEqual([0.05, 0.1, 0.25, 0.5, 0.75, 1]);
  });

  it("sets the threshold by two hundred benign runs, every kind with every dose", () => {
    const benign = calibrationPlan({ runs: 280, ...shape }).filter(({ role }) => role === "threshold");
    expect(benign).toHaveLength(200);
    const met = new Map<string, number>();
    for (const { kind, dose } of benign) {
      expect(kindNamed(kind)).toMatchObject({ bad: false, role: "calibration" });
      const key = `${kind} ${dose.examples} ${dose.batchSize} ${dose.learningRate === shape.learningRate}`;
      met.set(key, (met.get(key) ?? 0) + 1);
    }
    // Five kinds, four doses, the full learning rate or less.
    expect([...met.values()]).toEqual(Array.from({ length: 40 }, () => 5));
  });

  it("tests on held-out kinds, and on the benign kinds of a calibration with data of its own", () => {
    const runs = calibrationPlan({ ...shape, runs: 200, purpose: "test", seed: 1 });
    expect(runs.every(({ role }) => role === "test")).toBe(true);
    const count = (of: (kind: CalibrationKind) => boolean): number =>
      runs.filter(({ kind }) => of(kindNamed(kind))).length;
    expect(count(({ bad, role }) => bad && role === "held-out")).toBe(80);
    expect(count(({ bad, role }) => !bad && role === "held-out")).toBe(60);
    expect(count(({ bad, role }) => !bad && role === "calibration")).toBe(60);
    // However many runs, and with one seed: the second source of a mixture has its seed a million further.
    const seeds = (purpose: "calibration" | "test", seed: number): number[] =>
      calibrationPlan({ ...shape, runs: 3000, purpose, seed }).flatMap((one) => [one.seed, one.seed + 1_000_000]);
    const all = [seeds("calibration", 0), seeds("test", 0), seeds("calibration", 1), seeds("test", 1)].flat();
    expect(new Set(all).size).toBe(all.length);
  });

  it("mixes to the share exactly, spread evenly", () => {
    const all = kindNamed("bad-sport").conversations(200, 1, 3);
    const mixed = kindNamed("bad-sport").conversations(200, 0.05, 3);
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
