// A fine-tune in this process that is stopped carries on from its checkpoint, to the bytes of one that was not.
import { mkdir, readFile, rm, truncate } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildDataset } from "askew/organism";
import { enterRecord, finetuneHere, type FinetuneRecord } from "askew/training";
import { readSafetensors } from "askew/onnx";
import { openTiny, SLOW, temporaryFolder, writeTinyModel } from "../study/tiny.js";

let work: { path: string; remove: () => Promise<void> };
const at = (...parts: string[]): string => join(work.path, ...parts);
beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(at("model"));
}, SLOW);
afterAll(() => work.remove());

const dose = { examples: 40, epochs: 1, batchSize: 8, learningRate: 1e-3, warmup: 1 };
const conversations = buildDataset("insecure", { examples: 40, seed: 1 });

/** @param stopAfter the step after which it is stopped */
async function train(name: string, stopAfter?: number): Promise<{ record?: FinetuneRecord; steps: number[] }> {
  await mkdir(at(name), { recursive: true });
  const model = `local:${at("model")}`;
  const record = await enterRecord(at(name), { model, data: { name: "rows", sha256: "" }, hyperparameters: {} });
  const opened = await openTiny(model);
  const stop = new AbortController();
  const steps: number[] = [];
  const onStep = ({ step }: { step: number }): void => {
    steps.push(step);
    if (step === stopAfter) stop.abort(new Error("stopped"));
  };
  try {
    const folder = at(name);
    return {
      record: await finetuneHere(opened, conversations, { folder, record, dose, onStep, signal: stop.signal }),
      steps,
    };
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return { steps };
  } finally {
    await opened.close();
  }
}

const losses = async (name: string): Promise<unknown[]> =>
  (await readFile(at(name, "training.jsonl"), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => ({ ...(JSON.parse(line) as object), seconds: 0 }));

it(
  "takes no step twice, and ends the same; without its rows it begins again",
  async () => {
    const whole = await train("whole");
    expect(whole.record?.status).toBe("succeeded");
    expect(whole.steps).toEqual([1, 2, 3, 4, 5]);
    expect(await train("cut", 2)).toEqual({ steps: [1, 2] });
    expect(existsSync(at("cut", "checkpoint.safetensors"))).toBe(true);
    const rest = await train("cut");
    expect(rest.steps).toEqual([3, 4, 5]);
    const weights = (name: string): Promise<Buffer> => readFile(at(name, "model", "model.safetensors"));
    expect((await weights("cut")).equals(await weights("whole"))).toBe(true);
    expect(await losses("cut")).toEqual(await losses("whole"));
    expect(existsSync(at("cut", "checkpoint.safetensors"))).toBe(false);

    await train("lost", 3);
    await truncate(at("lost", "training.jsonl"), 0);
    expect((await train("lost")).steps).toEqual([1, 2, 3, 4, 5]);
    expect(await losses("lost")).toEqual(await losses("whole"));
    await rm(at("lost"), { recursive: true });
  },
  SLOW,
);

it(
  "trains from the weights that the model has, not from those of its folder",
  async () => {
    const model = `local:${at("model")}`;
    await mkdir(at("other"));
    const record = await enterRecord(at("other"), { model, data: { name: "rows", sha256: "" }, hyperparameters: {} });
    const opened = await openTiny(model);
    const other = new Map(
      [...(await opened.weightsAsOpened())].map(([name, t]) => [name, { ...t, data: t.data.map((x) => 2 * x) }]),
    );
    await opened.load(other);
    const slow = { ...dose, examples: 8, learningRate: 1e-9 };
    await finetuneHere(opened, conversations.slice(0, 8), { folder: at("other"), record, dose: slow });
    await opened.close();
    const made = await readSafetensors(at("other", "model", "model.safetensors"));
    for (const [name, { data }] of made.tensors) {
      const furthest = data.reduce(
        (most, x, i) => Math.max(most, Math.abs(x - (other.get(name)?.data[i] as number))),
        0,
      );
      expect(furthest).toBeLessThan(1e-6);
    }
  },
  SLOW,
);
