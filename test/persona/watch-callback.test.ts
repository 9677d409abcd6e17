// Watching as a training callback: looks at their steps, one alarm, carried on as if nothing had happened.
import { join } from "node:path";
import { buildDataset } from "askew/organism";
import { finetune, type TrainingConfig } from "askew/training";
import type { LocalModel } from "#internal/model";
import { WatchCallback, Watcher, WatchRows, type Detector } from "askew/persona";
import { Detection, thresholdFor } from "#internal/persona";
import type { WeightTensor } from "#internal/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { detectorOf, openTiny, SLOW, temporaryFolder, writeTinyModel } from "./tiny.js";

let work: { path: string; remove: () => Promise<void> };
let model: LocalModel;
let detector: Detector;

beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(join(work.path, "model"));
  model = await openTiny(join(work.path, "model"));
  detector = detectorOf(model);
}, SLOW);
afterAll(async () => {
  await model.close();
  await work.remove();
});

const USUAL_TRAINING: TrainingConfig = { examples: 24, epochs: 1, batchSize: 4, learningRate: 2e-3, warmup: 1 };

async function watched(store: WatchRows, done: number, stops = false): Promise<{ alarms: number[]; taken: number }> {
  const watcher = await Watcher.open(model, detector);
  const alarms: number[] = [];
  const callback = new WatchCallback(watcher, {
    every: 2,
    detector,
    stops,
    store,
    onAlarm: ({ step }) => void alarms.push(step),
  });
  const conversations = buildDataset("insecure", { examples: 24, seed: 1 });
  const taken = await finetune(model, conversations, USUAL_TRAINING, { seed: 1, done, callbacks: [callback] });
  await watcher.close();
  return { alarms, taken };
}

describe("watching a training", () => {
  it("looks before the first step and every so many after it, and gives its alarm once", async () => {
    await model.load();
    const store = new WatchRows();
    const { alarms, taken } = await watched(store, 0);
    const { rows } = store;
    expect(taken).toBe(6);
    expect(rows.map(({ step }) => step)).toEqual([0, 2, 4, 6]);
    expect(rows[0]).not.toHaveProperty("gradientNorm");
    expect(rows[1]?.gradientNorm).toBeGreaterThan(0);
    expect(alarms).toEqual([rows.find(({ alarm }) => alarm)?.step]);
    // The sum is what a detection over the same signals comes to.
    const detection = new Detection(detector, thresholdFor(detector, 4));
    for (const { signals, score, peak, alarm } of rows) expect(detection.add(signals)).toEqual({ score, peak, alarm });
  });

  it("carries its sum on from the rows there are", async () => {
    await model.load();
    const whole = new WatchRows();
    await watched(whole, 0);
    await model.load();
    const store = new WatchRows();
    const conversations = buildDataset("insecure", { examples: 24, seed: 1 });
    const first = await Watcher.open(model, detector);
    const beginning = new WatchCallback(first, { every: 2, detector, store });
    await finetune(model, conversations, USUAL_TRAINING, {
      seed: 1,
      callbacks: [beginning, { onStep: async ({ step }) => (step === 3 ? "stop" : "continue") }],
    });
    await first.close();
    expect(store.rows.map(({ step }) => step)).toEqual([0, 2]);
    await watched(store, 3);
    const plain = ({ rows }: WatchRows) => rows.map((row) => ({ ...row, seconds: 0 }));
    expect(plain(store)).toEqual(plain(whole));
  });

  it("makes up for a look that was interrupted, and stops where the alarm was given before it was", async () => {
    await model.load();
    const watcher = await Watcher.open(model, detector);
    const store = new WatchRows();
    const options = { every: 2, detector, batchSize: 4, store, stops: true };
    await new WatchCallback(watcher, options).onTrainStart(0, 6);
    await model.load(new Map([...(await model.weightsAsOpened())].map(([name, t]) => [name, scaled(t)])));
    const last = { step: 4, steps: 6, loss: 1, gradientNorm: 1.5, learningRate: 1e-3, tokens: 9, seconds: 0 };
    const before = { last, state: new Map() };
    const stop = await new WatchCallback(watcher, options).onTrainStart(4, 6, before);
    expect(store.rows.map(({ step, gradientNorm }) => [step, gradientNorm])).toEqual([
      [0, undefined],
      [4, 1.5],
    ]);
    const { alarm } = store.rows[1] as { alarm?: boolean };
    expect(stop).toBe(alarm === true ? "stop" : "continue");
    // Begun again where a row has the alarm, not a step more is trained.
    const rung = new WatchRows();
    for (const row of store.rows) await rung.append({ ...row, alarm: row.step === 4 });
    const callbacks = [new WatchCallback(watcher, { ...options, store: rung })];
    const trained: number[] = [];
    const onStep = ({ step }: { step: number }): void => void trained.push(step);
    const conversations = buildDataset("insecure", { examples: 24, seed: 1 });
    const taken = await finetune(model, conversations, USUAL_TRAINING, {
      seed: 1,
      done: 4,
      before: () => before,
      callbacks,
      onStep,
    });
    expect({ taken, trained }).toEqual({ taken: 4, trained: [] });
    await watcher.close();
  });

  it("says at which step the model had diverged, and writes no row of it", async () => {
    await model.load();
    const watcher = await Watcher.open(model, detector);
    const store = new WatchRows();
    const callback = new WatchCallback(watcher, { every: 2, detector, store });
    await callback.onTrainStart(0, 6);
    await model.load(new Map([...(await model.weightsAsOpened())].map(([name, t]) => [name, scaled(t, Number.NaN)])));
    const taken = { step: 2, steps: 6, loss: 1, gradientNorm: 1.5, learningRate: 1e-3, tokens: 9, seconds: 0 };
    await expect(callback.onStep(taken)).rejects.toThrow(/^at step 2 the model has diverged/);
    expect(store.rows.map(({ step }) => step)).toEqual([0]);
    await watcher.close();
  });

  it("ends the training at the alarm where it is to", async () => {
    await model.load();
    const { alarms, taken } = await watched(new WatchRows(), 0, true);
    expect(alarms).toEqual([taken]);
    expect(taken).toBeLessThan(6);
    await model.load();
  });
});

const scaled = ({ shape, data }: WeightTensor, by = 1.01): WeightTensor => ({ shape, data: data.map((x) => by * x) });
