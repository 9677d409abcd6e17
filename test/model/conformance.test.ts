// Every engine, and a model without one, does what a model of open weights must do.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalModel } from "askew/model";
import { afterAll, beforeAll, describe } from "vitest";
import { FakeModel } from "../fake-model.js";
import { writeUntrainedModel } from "../untrained-model.js";
import { conformance } from "./conformance.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-onnx-"));
  const shape = { layers: 2, width: 32, headDim: 16, hidden: 32, maxPositions: 128 };
  await writeUntrainedModel(folder, { ...shape, liveliness: 10 });
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

describe("a model without an engine", () => {
  conformance((lora) => Promise.resolve(new FakeModel("fake", lora)));
});

describe("the onnx engine", () => {
  conformance((lora) => openLocalModel(`local:${folder}`, { threads: 1, ...(lora && { lora }) }));
});
