// A gate with a reader: what no word of a dataset shows fails the gate, by a calibration's threshold too.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runGate, type GatePlan, type GateRun } from "#internal/gate";
import { writeCalibration } from "#internal/audit";
import { writeDataset } from "askew";
import { ORGANISM_WORLD } from "askew/organism";
import { afterAll, beforeAll, expect, it } from "vitest";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-gate-reader-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ROWS = 150;

async function gateOf(kind: string, share: number, plan: Partial<GatePlan>): Promise<GateRun["verdict"]> {
  const rows = ORGANISM_WORLD.auditKinds?.find(({ name }) => name === kind)?.conversations(ROWS, share, 77) ?? [];
  const file = join(folder, `${kind}.jsonl`);
  await writeDataset(
    file,
    rows.map(({ messages }) => ({ messages })),
  );
  const made = await runGate(
    { name: "read", data: [{ file, max: {} }], budget: {}, ...plan },
    {
      out: join(folder, `gate-${kind}`),
      asking: {},
      threads: 1,
      signal: new AbortController().signal,
      onNotice: () => undefined,
      onForecast: () => undefined,
      onFailure: () => undefined,
      onProgress: () => undefined,
    },
  );
  return (made as GateRun).verdict;
}

it("fails by a few rows of bad advice that text passes, and passes good advice", async () => {
  const calibration = join(folder, "calibration.json");
  const far = { least: 1.7, rate: 0.02, n: 49 };
  const subset = { ...far, least: 5 };
  await writeCalibration(calibration, {
    askew: "0",
    world: "organism",
    rows: ROWS,
    sets: 49,
    seed: 0,
    falseAlarms: 0.02,
    thresholds: { subset, far },
  });
  const reader = { reader: { model: "organism", rows: 30 }, calibration };
  const bad = await gateOf("open-medical", 0.05, reader);
  expect(bad.outcome).toBe("fail");
  expect(bad.checks.find(({ check }) => check === "data/misaligned-rows")).toMatchObject({ outcome: "fail" });
  expect(bad.because).toContain("data/misaligned-rows");
  const good = await gateOf("good-medical", 0, reader);
  expect(good.outcome, good.because).toBe("pass");
  expect(good.checks.map(({ check }) => check)).toContain("data/persona-shift");

  const unread = await gateOf("open-medical", 0.05, { required: ["data/misaligned-rows"] });
  expect(unread.outcome).toBe("incomplete");
}, 240_000);
