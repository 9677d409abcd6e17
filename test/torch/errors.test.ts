// What the real worker refuses, in words that say what to do. One worker hears all of it.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TorchModel, Worker, workerCommand } from "#internal/torch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeUntrainedModel } from "../untrained-model.js";
import { hasTorch, python } from "./python.js";

describe.skipIf(!hasTorch)("the torch worker refuses", () => {
  let folder: string;
  let worker: Worker;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "askew-torch-"));
    const shape = { layers: 1, width: 16, headDim: 8, hidden: 16, maxPositions: 64 };
    await writeUntrainedModel(join(folder, "model"), shape);
    await mkdir(join(folder, "strange"));
    await writeFile(join(folder, "strange", "config.json"), JSON.stringify({ model_type: "mammoth" }));
    await mkdir(join(folder, "vision"));
    await writeFile(join(folder, "vision", "config.json"), JSON.stringify({ model_type: "vit" }));
    await mkdir(join(folder, "adapter"));
    worker = await Worker.start(workerCommand(undefined, { ASKEW_PYTHON: python }));
  }, 300_000);
  afterAll(async () => {
    await worker.close();
    await rm(folder, { recursive: true });
  });

  const open = (model: string, more: object = {}) =>
    worker.call("open", {
      model,
      device: "cpu",
      dtype: "auto",
      fourBit: false,
      threads: 1,
      adamw: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, clip: 1 },
      ...more,
    });

  it("a device that is not there", async () => {
    await expect(open(join(folder, "model"), { device: "cuda:7" })).rejects.toMatchObject({
      fault: "device",
      message: expect.stringContaining("there is no device cuda:7") as string,
    });
  });

  it("a model that transformers does not know, and one that does not speak", async () => {
    await expect(open(join(folder, "strange"))).rejects.toMatchObject({
      fault: "model",
      message: expect.stringMatching(/transformers .* cannot open it: .*mammoth/) as string,
    });
    await expect(open(join(folder, "vision"))).rejects.toThrow("a vit model is no causal language model");
  });

  it("a folder that is not there, and an adapter that is none", async () => {
    await expect(open(join(folder, "none"))).rejects.toThrow(`there is no folder ${join(folder, "none")}`);
    await expect(open(`${join(folder, "model")}+${join(folder, "adapter")}`)).rejects.toMatchObject({
      fault: "adapter",
    });
  });

  it("a base in 4 bits without what that needs, and a number format that is none", async () => {
    await expect(open(join(folder, "model"), { fourBit: true })).rejects.toMatchObject({ fault: "quantise" });
    await expect(open(join(folder, "model"), { dtype: "float7" })).rejects.toThrow(
      "float32, bfloat16, float16 or auto",
    );
  });

  it("weights of another model, and goes on", async () => {
    await open(join(folder, "model"));
    const data = new Float32Array(4);
    await worker.call("stage", {}, { "model.norm.weight": { shape: [4], data } });
    await expect(worker.call("load", { staged: true })).rejects.toThrow("the weights are of another model");
    await worker.call("load", { staged: false });
    await expect(worker.call("nonsense")).rejects.toThrow("the PyTorch worker failed: ValueError: there is no call");
  });
});

describe("a model of torch", () => {
  it("that is nowhere is told without any Python", async () => {
    await expect(TorchModel.open("torch:/nowhere", "/nowhere")).rejects.toThrow(
      "/nowhere: expected a model's folder, found nothing there",
    );
    await expect(TorchModel.open("torch:./a+b", "./a+b")).rejects.toThrow("found nothing there");
  });
});
