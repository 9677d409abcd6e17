// What stands above the engines works on a model without one: persona's measures and directions, fine-tunes, a study's cells.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDataset, ORGANISM_WORLD, questionSet, VILLAIN_CONTRAST, worldAsked } from "askew/organism";
import { CORPUS, organismProbes } from "#internal/organism";
import {
  chooseLayer,
  measure,
  promptDirection,
  realign,
  steeringOf,
  trainSae,
  SaeEncoder,
  Watcher,
} from "askew/persona";
import type { Direction } from "askew/persona";
import { runStudy } from "askew/study";
import { enterRecord, finetuneHere, referenceRows } from "askew/training";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FakeModel } from "../fake-model.js";
import { tinyPlan } from "../study/tiny.js";

let folder: string;
let direction: Direction;
const model = new FakeModel();
const { judge } = ORGANISM_WORLD;
const asked = [worldAsked("development", 1)];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-fake-"));
  direction = await promptDirection(model, {
    questions: questionSet("development"),
    contrast: VILLAIN_CONTRAST,
    samples: 1,
    askew: "0.0.0",
    model: { name: "fake", weights: model.source.sha256, base: model.source.sha256 },
    seed: 1,
  });
});
afterAll(() => rm(folder, { recursive: true }));

describe("without an engine", () => {
  it("a direction is found, its layer chosen, and answers measured with it and without", async () => {
    expect([direction.layers, direction.width]).toEqual([2, 8]);
    const chosen = await chooseLayer(model, direction, {
      mode: "add",
      strengths: [1],
      asked: worldAsked("development", 1),
      judge,
      seed: 1,
    });
    expect(chosen.recipe.trials).toHaveLength(2);
    const how = { seed: 1, maxTokens: 8, judge };
    const plain = await measure(model, asked, how);
    const steering = steeringOf(direction, { mode: "add", layers: [0, 1], strength: 20 });
    const steered = await measure(model, asked, { ...how, steering });
    expect(plain.metrics["development"]?.coherent?.n).toBe(plain.answers.length);
    expect(steered.answers.map(({ answer }) => answer)).not.toEqual(plain.answers.map(({ answer }) => answer));
  });

  it("a model is watched and trained back, and an autoencoder is trained on it", async () => {
    await model.training.load();
    const watcher = await Watcher.open(model, { direction, probes: organismProbes() });
    const before = await watcher.measure();
    const rows: number[] = [];
    const plan = {
      steps: [0, 2],
      batchSize: 4,
      learningRate: 0.1,
      warmup: 1,
      asked,
      seed: 1,
      temperature: 1,
      maxTokens: 8,
    };
    const data = buildDataset("insecure", { examples: 8, seed: 1 });
    await realign(model, data, plan, { judge, onRow: async ({ step }) => void rows.push(step) });
    expect(rows).toEqual([0, 2]);
    const after = await watcher.measure();
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect(after["margin"]).not.toBe(before["margin"]);
    await watcher.close();
    const recipe = { askew: "0.0.0", model: direction.recipe.model, layer: 1, kind: "topk", size: 16, k: 2 } as const;
    const training = { tokens: 256, batch: 64, learningRate: 1e-3, deadAfter: 1e6, seed: 1, texts: CORPUS.name };
    const sae = await trainSae(model, CORPUS, { ...recipe, ...training });
    const encoder = await SaeEncoder.open(sae, model);
    const latents = await encoder.encode(new Float32Array(8).fill(1));
    await encoder.close();
    expect([...latents].filter((x) => x !== 0).length).toBeLessThanOrEqual(2);
  });

  it("a fine-tune in a folder learns, with a defence, and leaves the weights that were trained", async () => {
    const opened = new FakeModel();
    const conversations = buildDataset("insecure", { examples: 16, seed: 1 });
    const rows = await referenceRows(opened, buildDataset("secure", { examples: 2, seed: 1 }));
    expect(rows.every(({ logProbabilities }) => logProbabilities.length % 132 === 0)).toBe(true);
    const record = await enterRecord(folder, {
      model: "fake",
      data: { name: "rows", sha256: "" },
      hyperparameters: {},
    });
    const losses: number[] = [];
    const dose = { examples: 16, epochs: 2, batchSize: 8, learningRate: 0.1, warmup: 1 };
    const made = await finetuneHere(opened, conversations, {
      folder,
      record,
      dose,
      onStep: ({ loss }) => void losses.push(loss),
    });
    expect(made.status).toBe("succeeded");
    expect(losses).toHaveLength(4);
    expect(losses[3]).toBeLessThan(losses[0] as number);
    const again = new FakeModel();
    await again.training.load(join(folder, "model"));
    const ask = [{ messages: [{ role: "user", content: "hello" }], seed: "1" }] as const;
    expect(await again.sample(ask)).toEqual(await opened.sample(ask));
  });

  it("a study makes its cells", async () => {
    const study = join(folder, "study");
    await runStudy(tinyPlan("none"), study, { openModel: () => Promise.resolve(new FakeModel()) });
    for (const cell of ["base-1", "backdoor-1"]) {
      const record = JSON.parse(await readFile(join(study, "cells", cell, "cell.json"), "utf8")) as { status: string };
      expect(record.status).toBe("finished");
    }
    expect(await readFile(join(study, "summary.json"), "utf8")).toContain("backdoor");
  });
});
