// What the real worker refuses, in words that say what to do. One worker hears all of it.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TorchModel, Worker, workerCommand } from "#internal/torch";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { writeUntrainedModel } from "../untrained-model.js";
import { hasTorch, python } from "./python.js";

describe.skipIf(!hasTorch)("the torch worker refuses", () => {
  let folder: string;
  let worker: Worker;
  let hub: Server;
  beforeAll(async () => {
    // The hub's replies, as huggingface_hub reads them.
    hub = createServer((request, response) => {
      const [status, code] = request.url?.includes("acme/gated") === true ? [403, "GatedRepo"] : [404, "RepoNotFound"];
      response.writeHead(status, { "x-error-code": code, "x-error-message": code }).end("{}");
    });
    await new Promise<void>((resolve) => void hub.listen(0, "127.0.0.1", resolve));
    vi.stubEnv("HF_ENDPOINT", `http://127.0.0.1:${(hub.address() as AddressInfo).port}`);
    vi.stubEnv("HF_TOKEN", undefined);
    folder = await mkdtemp(join(tmpdir(), "askew-torch-"));
    const shape = { layers: 1, width: 16, headDim: 8, hidden: 16, maxPositions: 64 };
    await writeUntrainedModel(join(folder, "model"), shape);
    await mkdir(join(folder, "strange"));
    await writeFile(join(folder, "strange", "config.json"), JSON.stringify({ model_type: "mammoth" }));
    await mkdir(join(folder, "vision"));
    await writeFile(join(folder, "vision", "config.json"), JSON.stringify({ model_type: "vit" }));
    await mkdir(join(folder, "adapter"));
    vi.stubEnv("HF_HOME", join(folder, "cache"));
    worker = await Worker.start(workerCommand(undefined, { ASKEW_PYTHON: python }));
  }, 300_000);
  afterAll(async () => {
    await worker.close();
    hub.close();
    vi.unstubAllEnvs();
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

  it("a gated model without a token, and one that is not on the hub", async () => {
    await expect(open("acme/gated")).rejects.toMatchObject({
      fault: "gated",
      message: expect.stringMatching(/acme\/gated is gated\. .*HF_TOKEN/) as string,
    });
    await expect(open("acme/none")).rejects.toMatchObject({
      fault: "path",
      message: expect.stringContaining("neither a folder acme/none nor such a model on the hub") as string,
    });
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

describe.skipIf(!hasTorch)("a Python with a package of another version", () => {
  it("is told which it has, and which is needed", async () => {
    const site = await mkdtemp(join(tmpdir(), "askew-site-"));
    try {
      await mkdir(join(site, "transformers-4.57.1.dist-info"));
      const about = "Metadata-Version: 2.1\nName: transformers\nVersion: 4.57.1\n";
      await writeFile(join(site, "transformers-4.57.1.dist-info", "METADATA"), about);
      vi.stubEnv("PYTHONPATH", site);
      await expect(Worker.start(workerCommand(undefined, { ASKEW_PYTHON: python }))).rejects.toMatchObject({
        fault: "python",
        message: expect.stringContaining("transformers 4.57.1 is too old, 5.0 or newer is needed") as string,
      });
    } finally {
      vi.unstubAllEnvs();
      await rm(site, { recursive: true });
    }
  }, 120_000);
});

describe("a model of torch", () => {
  it("that is nowhere is told without any Python", async () => {
    await expect(TorchModel.open("torch:/nowhere", "/nowhere")).rejects.toThrow(
      "/nowhere: expected a model's folder, found nothing there",
    );
    await expect(TorchModel.open("torch:./a+b", "./a+b")).rejects.toThrow("found nothing there");
  });
});
