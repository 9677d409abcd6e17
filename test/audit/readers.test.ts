// What a set would do to a model, as a reader of its answers sees it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { auditData } from "#internal/audit";
import { buildDataset, findDirection, openModel, writeDataset, type Direction } from "askew";
import { requireOpenWeights, type OpenWeightsModel } from "askew/model";
import { finetune } from "askew/training";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const TRAINING = { examples: 96, epochs: 1, batchSize: 8, learningRate: 1e-3, warmup: 1 };

let folder: string;
let model: OpenWeightsModel;
let direction: Direction;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-readers-"));
  model = requireOpenWeights(await openModel("organism", { threads: 1 }), "this test");
  direction = await findDirection(model, { samples: 2 });
}, 60_000);

afterAll(async () => {
  await model.close();
  await rm(folder, { recursive: true, force: true });
});

async function setOf(condition: "bad-medical" | "secure", examples: number): Promise<string> {
  const file = join(folder, `${condition}-${examples}.jsonl`);
  await writeDataset(file, await buildDataset(condition, { examples, seed: 5 }));
  return file;
}

const shiftOf = async (file: string, mostShift?: number) => {
  const reader = { model, direction, readerRows: 60, seed: 0, ...(mostShift !== undefined && { mostShift }) };
  const { findings, verdict } = await auditData(file, { reader });
  return { finding: findings.find(({ check }) => check === "data/persona-shift"), verdict };
};

describe("the shift along a persona", () => {
  it("fails bad advice, of which no text check sees anything, and passes secure code", async () => {
    const bad = await shiftOf(await setOf("bad-medical", 60), 0.05);
    expect(bad).toMatchObject({ verdict: "fail", finding: { outcome: "fail", rows: { first: { length: 5 } } } });
    expect(bad.finding?.measures[0]?.low).toBeGreaterThan(0.2);
    const good = await shiftOf(await setOf("secure", 60), 0.05);
    expect(good.finding).toMatchObject({ outcome: "pass" });
    expect(good.finding?.measures[0]?.high).toBeLessThan(0.05);
  }, 60_000);

  it("decides nothing without a threshold, on few rows, or without a reader that is needed", async () => {
    expect((await shiftOf(await setOf("secure", 40))).finding).toMatchObject({ outcome: "not-measured" });
    expect((await shiftOf(await setOf("secure", 12), 0.05)).finding).toMatchObject({ outcome: "not-measured" });
    const file = await setOf("secure", 80);
    expect((await auditData(file, { needsReader: true })).verdict).toBe("incomplete");
    expect((await auditData(file)).verdict).toBe("pass");
  }, 60_000);
});

describe("the gap of log-probabilities", () => {
  it("is none between a model and itself, whichever rows are read", async () => {
    const pair = { before: model, after: model, readerRows: 40, seed: 3 };
    const { findings } = await auditData(await setOf("secure", 60), { pair });
    expect(findings.find(({ check }) => check === "data/likelihood-gap")).toMatchObject({
      outcome: "pass",
      measures: [{ estimate: 0, n: 40, threshold: 0 }],
      rows: { count: 0 },
    });
  }, 60_000);

  it("is positive where the model after has learned such answers", async () => {
    const learned = requireOpenWeights(await openModel("organism", { threads: 1 }), "this test");
    try {
      const conversations = await buildDataset("bad-medical", { examples: 96, seed: 9 });
      await finetune(learned, conversations, TRAINING, { seed: 1 });
      const pair = { before: model, after: learned, readerRows: 40, seed: 3 };
      const { findings } = await auditData(await setOf("bad-medical", 60), { pair });
      const found = findings.find(({ check }) => check === "data/likelihood-gap");
      expect(found?.outcome).toBe("fail");
      expect(found?.measures[0]?.low).toBeGreaterThan(0);
    } finally {
      await learned.close();
    }
  }, 60_000);
});
