// Fitting a detector and testing it, on runs whose signals are made by a known law.
import { beyondPromise, fitDetector, type CalibrationKind, type CalibrationRow } from "askew/persona";
import { alarmAt, linesByShare, peakOf, testDetector } from "#internal/persona";
import { CALIBRATION_KINDS } from "#internal/organism";
import { Random } from "askew/statistics";
import { describe, expect, it } from "vitest";

const STEPS = 20;
const dose = { examples: 80, epochs: 1, batchSize: 4, learningRate: 1e-4, warmup: 1 };

/** A bad run's margin rises by `slope` a look from look 2 on; everything else wanders. */
function row(
  role: CalibrationRow["role"],
  kind: string,
  n: number,
  { slope = 0, shown, share = 1 }: { slope?: number; shown?: number; share?: number } = {},
): CalibrationRow {
  const random = Random.of("watch fit", role, kind, n, share);
  let noise = 0;
  const looks = Array.from({ length: STEPS / 2 + 1 }, (_, i) => {
    noise += i === 0 ? 0 : 0.02 * random.normal();
    const margin = -1 + noise + slope * Math.max(0, i - 1);
    return { step: 2 * i, signals: { "prompt.0": noise + 0.1 * random.normal(), margin, misaligned: -3 + margin / 2 } };
  });
  const truth = [
    ...(shown === undefined ? [] : [{ step: shown, hits: 10, n: 100 }]),
    { step: STEPS, hits: shown === undefined ? 1 : 30, n: 100 },
  ];
  const seconds = { training: 1, watching: 0.05, all: 2 };
  const found = CALIBRATION_KINDS.find(({ name }) => name === kind) as CalibrationKind;
  const what = { kinds: found.role, bad: found.bad };
  return { id: `${kind}-${n}`, role, kind, ...what, share, seed: n, dose, looks, truth, seconds };
}

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const rows = [
  ...times(8, (i) => row("fit", "insecure", i, { slope: 0.2, shown: 14 })),
  ...times(8, (i) => row("fit", "secure", i)),
  ...times(49, (i) => row("threshold", "facts", i)),
];

describe("a fitted detector", () => {
  const fitted = fitDetector(rows);

  it("promises one false alarm in fifty from forty-nine benign runs, of which none is above the threshold", () => {
    const { batchSize, learningRate } = dose;
    const doses = { batchSizes: [batchSize, batchSize], learningRates: [learningRate, learningRate] };
    expect(fitted.falseAlarms).toEqual({ rate: 0.02, runs: 49, steps: STEPS, ...doses });
    const peaks = rows.filter(({ role }) => role === "threshold").map((one) => peakOf(fitted, one));
    expect(Math.max(...peaks)).toBe(1);
    expect(fitted.thresholds).toEqual([
      { batchSize: 4, threshold: expect.any(Number) as number, rate: 0.02, runs: 49 },
    ]);
  });

  it("judges looks that only one benign run had by the last that two had", () => {
    const short = (one: CalibrationRow): CalibrationRow => ({ ...one, looks: one.looks.slice(0, 6) });
    const uneven = rows.map((one, i) => (one.role === "fit" && one.kind === "secure" && i > 8 ? short(one) : one));
    const { scales } = fitDetector(uneven);
    expect(scales).toHaveLength(5);
    expect(Math.min(...scales)).toBeGreaterThan(0);
  });

  it("keeps the promise on benign runs it never saw", () => {
    const others = times(1000, (i) => row("test", "good-car", i));
    const alarms = others.filter((one) => alarmAt(fitted, one) !== undefined).length;
    // One threshold from 49 runs: over such thresholds the rate is 2 % on average, and for one of them rarely above 8 %.
    expect(alarms / 1000).toBeLessThan(0.08);
  });

  it("promises nothing for what goes beyond its runs, and says in what", () => {
    const plain = { adapter: false, defended: false };
    expect(beyondPromise(fitted.falseAlarms, { dose, ...plain })).toEqual([]);
    const other = { ...dose, examples: 320, batchSize: 8, learningRate: 4e-4, schedule: "constant" } as const;
    expect(beyondPromise(fitted.falseAlarms, { dose: other, adapter: true, defended: true })).toEqual([
      "40 steps, they had at most 20",
      "batches of 8, theirs were 4",
      "a learning rate of 4e-4, theirs were 1e-4",
      "a constant learning rate, theirs fell",
      "an adapter is trained, they trained all weights",
      "it is trained with defences, they had none",
    ]);
  });

  it("does not look at the runs it is tested on", () => {
    const more = [...rows, ...times(5, (i) => row("test", "bad-car", i, { slope: 5, shown: 4 }))];
    expect(fitDetector(more)).toEqual(fitted);
  });

  it("needs runs of either side, and says so", () => {
    expect(() => fitDetector(rows.filter(({ kind }) => kind !== "insecure"))).toThrow(
      /at least 2 misaligned and 2 benign fine-tunes .* found 0, 8 and 49\. Make more runs/,
    );
  });

  it("is tested by the counts that one would make by hand", () => {
    const caught = times(6, (i) => row("test", "bad-sport", i, { slope: 0.2, shown: 16 }));
    const late = row("test", "bad-sport", 10, { slope: 0.2, shown: 2 });
    const missed = row("test", "evil-numbers", 11, { slope: -0.2, shown: 10 });
    const benign = times(5, (i) => row("test", "good-sport", i));
    const falseAlarm = row("test", "good-legal", 12, { slope: 0.3 });
    const silent = row("test", "bad-legal", 13, { slope: 0.2, share: 0.05 });
    const test = [...caught, late, missed, ...benign, falseAlarm, silent];
    const tested = testDetector(fitted, test);
    expect(tested.runs).toEqual({ misaligned: 8, benign: 6, between: 1 });
    expect(tested.falseNegatives).toMatchObject({ estimate: 1 / 8, n: 8 });
    expect(tested.falsePositives).toMatchObject({ estimate: 1 / 6, n: 6 });
    expect(tested.before).toMatchObject({ estimate: 6 / 8, n: 8 });
    expect(tested.alarmsBetween).toMatchObject({ estimate: 1, n: 1 });
    const leads = caught.map((one) => 16 - (alarmAt(fitted, one) as number));
    leads.push(2 - (alarmAt(fitted, late) as number));
    expect(tested.lead?.median).toBe(leads.toSorted((a, b) => a - b)[3]);
    const order = (one: CalibrationRow): number => peakOf(fitted, one);
    let above = 0;
    for (const bad of [...caught, late, missed]) {
      for (const good of [...benign, falseAlarm]) {
        above += order(bad) > order(good) ? 1 : order(bad) === order(good) ? 0.5 : 0;
      }
    }
    expect(tested.auroc.estimate).toBeCloseTo(above / 48, 12);
    expect(linesByShare(fitted, test).map(({ share, runs, alarms }) => [share, runs, alarms])).toEqual([
      [0.05, 1, 1],
      [1, 8, 7],
    ]);
  });
});
