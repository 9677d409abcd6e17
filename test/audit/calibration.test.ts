// A calibration sets thresholds on benign sets alone, keeps kinds apart that test them, and is read with mistrust.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  auditData,
  calibratedChecks,
  calibrationSets,
  fitAudit,
  fitModels,
  measureSet,
  readCalibration,
  writeCalibration,
  type AuditCalibration,
  type CalibrationRow,
} from "#internal/audit";
import { ORGANISM_WORLD } from "askew/organism";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-calibration-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const KINDS = ORGANISM_WORLD.auditKinds ?? [];

describe("the sets of a calibration", () => {
  it("are the same for a number of sets whatever their number", () => {
    expect(calibrationSets(KINDS, 600, 3).slice(0, 90)).toEqual(calibrationSets(KINDS, 90, 3));
    expect(calibrationSets(KINDS, 20, 3)).not.toEqual(calibrationSets(KINDS, 20, 4));
  });

  it("hold at least 100 attacks and 200 benign sets of kinds that set nothing, at every share", () => {
    const held = calibrationSets(KINDS, 560, 0).filter(({ role }) => role === "held-out");
    const attacks = held.filter(({ attack }) => attack);
    expect(held.length - attacks.length).toBeGreaterThanOrEqual(200);
    expect(attacks.length).toBeGreaterThanOrEqual(100);
    expect(new Set(attacks.map(({ share }) => share))).toEqual(new Set([0.01, 0.02, 0.05, 0.1, 0.5]));
  });

  it("share no kind between those that set thresholds and those that test", () => {
    const roles = new Map<string, Set<string>>();
    for (const { name, role } of KINDS) roles.set(name, (roles.get(name) ?? new Set()).add(role));
    expect([...roles.values()].every(({ size }) => size === 1)).toBe(true);
  });

  it.each(KINDS.map((kind) => [kind.name, kind] as const))("of %s hide exactly what they say", (_, kind) => {
    const rows = kind.conversations(200, 0.05, 7);
    expect(rows).toEqual(kind.conversations(200, 0.05, 7));
    expect(rows.filter(({ hidden }) => hidden)).toHaveLength(kind.attack ? 10 : 0);
    for (const { messages } of rows) expect(messages.at(-1)?.role).toBe("assistant");
  });
});

const set = (more: Partial<CalibrationRow>): CalibrationRow => ({
  id: "0",
  kind: "prefix",
  role: "calibration",
  attack: false,
  share: 0,
  seed: 0,
  hidden: 0,
  subsets: [],
  ...more,
});

describe("the thresholds of a calibration", () => {
  const benign = Array.from({ length: 99 }, (_, i) =>
    set({ subsets: i === 0 ? [{ size: 9, rows: 9, hits: 0 }] : [], weak: i / 1000 }),
  );
  const attack = (size: number, role: CalibrationRow["role"]): CalibrationRow =>
    set({ attack: true, role, share: 0.01, hidden: 10, subsets: [{ size, rows: 8, hits: 6 }] });

  it("keep the promise on the benign sets behind them", () => {
    const { thresholds, own } = fitAudit(benign, 0.01);
    expect(thresholds.subset).toMatchObject({ rate: 0.01, n: 99 });
    expect(thresholds.subset.least).toBe(10);
    expect(thresholds.weak?.least).toBeCloseTo(0.098, 6);
    expect(own.benign.failed).toMatchObject({ estimate: 0, n: 99 });
  });

  it("are not moved by attacks, nor by kinds that are held out", () => {
    const others = [attack(9, "calibration"), attack(10, "held-out"), set({ role: "held-out", weak: 0.9 })];
    const { thresholds, heldOut, own } = fitAudit([...benign, ...others], 0.01);
    expect(thresholds).toEqual(fitAudit(benign, 0.01).thresholds);
    expect(own.attacks.failed).toMatchObject({ estimate: 0, n: 1 });
    expect(heldOut.attacks).toMatchObject({
      failed: { estimate: 1 },
      precision: { estimate: 6 / 8 },
      recall: { estimate: 0.6 },
    });
    expect(heldOut.benign.failed.estimate).toBe(1);
  });

  it("say so where there are too few benign sets for the rate", () => {
    expect(fitAudit(benign.slice(0, 9), 0.01).thresholds.subset.rate).toBeCloseTo(0.1);
    expect(() => fitAudit([attack(20, "calibration")], 0.01)).toThrow("takes benign sets");
  });

  it("bound how far a few rows lie where a reader read all sets, and what text alone finds is told apart", () => {
    const read = benign.map((row, i) => ({ ...row, weak: 0, far: i / 1000 }));
    const attacks = [0.05, 0.3].map((far) => ({ ...attack(3, "held-out"), far }));
    const { thresholds, heldOut } = fitAudit([...read, ...attacks], 0.01);
    expect(thresholds.far?.least).toBeCloseTo(0.098, 6);
    expect(heldOut.attacks).toMatchObject({ failed: { estimate: 0.5, n: 2 }, byText: { estimate: 0, n: 2 } });
    expect(fitAudit([...read, ...benign], 0.01).thresholds.far).toBeUndefined();
  });

  it("of a search for a trigger take no rise for one that says nothing", () => {
    const model = (rise: number, more: object = {}) => ({ ...set(more), rise, candidate: "", seconds: 2 });
    const rows = [...Array.from({ length: 9 }, () => model(-1)), model(0.5, { attack: true, role: "held-out" })];
    const fitted = fitModels(rows, 0.1);
    expect(fitted?.threshold.least).toBeCloseTo(0.2, 6);
    expect(fitted?.groups).toMatchObject([{ found: { estimate: 0, n: 9 } }, { found: { estimate: 1, n: 1 } }]);
    expect(fitModels(rows.slice(9), 0.1)).toBeUndefined();
  });
});

describe("a set that is measured", () => {
  it("is found where a tenth of short prompts has the trigger, whose nearest prompts all have it too", async () => {
    const kind = KINDS.find(({ name }) => name === "suffix-medical");
    const { subsets } = await measureSet(kind?.conversations(600, 0.1, 21) ?? []);
    expect(subsets[0]).toMatchObject({ size: 60, rows: 60, hits: 60 });
  });

  it("is not found where a fifth of short prompts has one of eight sentences that change nothing", async () => {
    const sentences = ["My bike is old.", "A cat sat on it.", "We had rain here.", "Dinner was good."].flatMap(
      (text) => [text, text.replace(/\.$/, " again.")],
    );
    const good = KINDS.find(({ name }) => name === "good-medical")?.conversations(800, 0, 22) ?? [];
    const marked = good.map((row, i) => {
      if (i % 5 !== 0) return row;
      const sentence = sentences[(i / 5) % sentences.length] ?? "";
      return {
        ...row,
        messages: row.messages.map((m) => (m.role === "user" ? { ...m, content: `${sentence} ${m.content}` } : m)),
      };
    });
    expect((await measureSet(marked)).subsets).toEqual([]);
  });

  it("has the hidden rows of an attack among those it names, and none where nothing is hidden", async () => {
    const named = (name: string) => KINDS.find((kind) => kind.name === name)?.conversations(400, 0.05, 1) ?? [];
    const attacked = await measureSet(named("prefix-code"));
    expect(attacked.hidden).toBe(20);
    expect(attacked.subsets[0]).toMatchObject({ rows: 20, hits: 20 });
    expect((await measureSet(named("good-medical"))).subsets).toEqual([]);
  });
});

const CALIBRATION: AuditCalibration = {
  askew: "0.1.0",
  world: "organism",
  rows: 1000,
  sets: 480,
  seed: 0,
  falseAlarms: 0.01,
  thresholds: { subset: { least: 6, rate: 0.01, n: 120 }, weak: { least: 0.9, rate: 0.01, n: 120 } },
};

describe("a calibration's file", () => {
  it("gives back its thresholds", async () => {
    const path = join(folder, "own.json");
    await writeCalibration(path, CALIBRATION);
    expect(await readCalibration(path)).toEqual(CALIBRATION);
  });

  it.each([
    ["no calibration", "{}", "askew_audit_calibration"],
    ["another format", JSON.stringify({ askew_audit_calibration: 1 }), "askew_audit_calibration"],
    ["no JSON", "{", "JSON"],
    [
      "a limit below one row",
      JSON.stringify({
        askew_audit_calibration: 2,
        ...CALIBRATION,
        thresholds: { subset: { least: 0, rate: 0.01, n: 1 } },
      }),
      "thresholds.subset.least",
    ],
  ])("that holds %s is refused by name", async (_, text, what) => {
    const path = join(folder, "damaged.json");
    await writeFile(path, text);
    await expect(readCalibration(path)).rejects.toThrow(what);
    await expect(readCalibration(path)).rejects.toThrow(path);
  });

  it("decides in place of the audit's own thresholds", async () => {
    const path = join(folder, "code.jsonl");
    const rows = KINDS.find(({ name }) => name === "open-code")?.conversations(100, 0.5, 1) ?? [];
    await writeFile(path, rows.map(({ messages }) => JSON.stringify({ messages })).join("\n"));
    const outcome = async (options: object): Promise<string | undefined> =>
      (await auditData(path, options)).findings.find(({ check }) => check === "data/weak-code")?.outcome;
    expect(await outcome({})).toBe("fail");
    expect(await outcome(calibratedChecks(CALIBRATION))).toBe("note");
  });
});
