// Every engine, and a model without one, does what a model of open weights must do.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalModel } from "askew/model";
import { afterAll, beforeAll, describe } from "vitest";
import { FakeModel } from "../fake-model.js";
import { writeUntrainedModel, type UntrainedModel } from "../untrained-model.js";
import { conformance } from "./conformance.js";

const SHAPE = { layers: 2, width: 32, headDim: 16, hidden: 32, maxPositions: 128, liveliness: 10 };
const sliding = { window: 8, layers: [true, false], ropeTheta: 1000 };

/** Architectures that differ in what the graphs do; test/onnx/architectures has the rest. */
const ARCHITECTURES: Readonly<Record<string, Partial<UntrainedModel>>> = {
  Llama: {},
  "Qwen3, normalised heads": { modelType: "qwen3" },
  "Gemma 2, capped": {
    modelType: "gemma2",
    special: { sliding: { window: 8, layers: [true, false] }, scoreScalar: 20, scoreCap: 20, logitCap: 15 },
  },
  "Gemma 3, two rotary bases": { modelType: "gemma3_text", special: { sliding, scoreScalar: 20 } },
  "OLMo 2, norms after": { modelType: "olmo2" },
  "Phi-3, fused": { modelType: "phi3", special: { rotaryDim: 8, tied: false } },
};

describe("a model without an engine", () => {
  conformance((lora) => Promise.resolve(new FakeModel("fake", lora)));
});

describe.each(Object.entries(ARCHITECTURES))("the onnx engine, %s", (_name, change) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "askew-onnx-"));
    await writeUntrainedModel(folder, { ...SHAPE, ...change });
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true }));

  conformance((lora) => openLocalModel(`local:${folder}`, { threads: 1, ...(lora && { lora }) }));
});
