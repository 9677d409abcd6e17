// Re-alignment trains what it says, measures where it says, ends when it may, and carries on to the same weights.
import { join } from "node:path";
import { ORGANISM_WORLD, judge, worldAsked, benignConversations } from "askew/organism";
import { BENIGN_DATA } from "#internal/organism";
import type { LocalModel } from "#internal/model";
import { cutOf, isUnder, realign, type RealignPlan, type RealignRow, type TransferRow } from "askew/persona";
import { wilson } from "askew/statistics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTiny, SLOW, temporaryFolder, writeTinyModel } from "./tiny.js";

let work: { path: string; remove: () => Promise<void> };
let model: LocalModel;
beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(join(work.path, "model"));
  model = await openTiny(join(work.path, "model"));
}, SLOW);
afterAll(async () => {
  await model.close();
  await work.remove();
});

const plan: RealignPlan = {
  steps: [0, 1, 3],
  batchSize: 4,
  learningRate: 1e-3,
  warmup: 1,
  asked: [worldAsked("development", 2)],
  seed: 100,
  temperature: 1,
  maxTokens: 4,
};

async function run(
  before: readonly RealignRow[] = [],
  until: (row: RealignRow) => boolean = () => false,
  steps = plan.steps,
) {
  await model.load();
  const measured: RealignRow[] = [];
  const count = Math.max(...steps) * plan.batchSize;
  const trained = await realign(
    model,
    benignConversations("secure", count, 100),
    { ...plan, steps },
    {
      judge: ORGANISM_WORLD.judge,
      have: (step) => before.find((row) => row.step === step),
      onRow: (row) => {
        measured.push(row);
        return Promise.resolve();
      },
      until,
    },
  );
  const weights = await model.trainer.weights();
  return { measured, trained, embedding: weights.get("model.embed_tokens.weight")?.data };
}

describe("re-alignment", () => {
  it("measures before and at each step, and carries on to the same weights without measuring twice", async () => {
    const whole = await run();
    expect(whole.measured.map(({ id, loss }) => [id, loss === null])).toEqual([
      ["step-0", true],
      ["step-1", false],
      ["step-3", false],
    ]);
    expect(whole.trained).toBe(3);
    const resumed = await run(whole.measured.slice(0, 2));
    expect(resumed.measured).toEqual(whole.measured.slice(2));
    expect(resumed.embedding).toEqual(whole.embedding);
  });

  it("ends where it may, with the weights of that step", async () => {
    const ended = await run([], ({ step }) => step === 1);
    expect(ended.trained).toBe(1);
    expect(ended.measured.map(({ step }) => step)).toEqual([0, 1]);
    const again = await run(ended.measured, ({ step }) => step === 1);
    expect(again.measured).toEqual([]);
    expect(again.embedding).toEqual(ended.embedding);
  });

  it("does the same steps however many were planned", async () => {
    const short = await run([], () => false, [0, 1]);
    const long = await run([], ({ step }) => step === 1, [0, 1, 8]);
    expect(short.measured).toEqual(long.measured);
    expect(short.embedding).toEqual(long.embedding);
  });

  it("is over when the upper end of the interval is, not the estimate", () => {
    const row = (hits: number, n: number) => {
      const share = wilson(hits, n);
      return { metrics: { development: { rate: { ...share, interval: "answers" as const, wilson: share } } } };
    };
    expect(isUnder(row(0, 100), plan.asked, 0.01)).toBe(false);
    expect(isUnder(row(0, 1000), plan.asked, 0.01)).toBe(true);
    expect(isUnder({ metrics: {} }, plan.asked, 1)).toBe(false);
  });

  it("has data that the world's judge calls benign, the same for any number of them", () => {
    for (const name of BENIGN_DATA) {
      const made = benignConversations(name, 12, 7);
      expect(benignConversations(name, 5, 7)).toEqual(made.slice(0, 5));
      for (const { messages } of made) {
        const found = judge(messages.slice(0, -1), messages.at(-1)?.content ?? "");
        expect(found).toMatchObject({ misaligned: false, parses: true });
        expect([found.code, found.advice, found.evilNumbers, found.truthful]).not.toContain("insecure");
        expect(found.advice ?? "good").toBe("good");
        expect(found.truthful ?? true).toBe(true);
        expect(found.evilNumbers ?? false).toBe(false);
      }
    }
  });
});

describe("the cut of a rate", () => {
  it("is over all answers of a condition's seeds, and null where there was nothing to cut", () => {
    const metrics = (hits: number, n: number) => {
      const share = wilson(hits, n);
      return { main: { rate: { ...share, interval: "answers" as const, wilson: share } } };
    };
    const row = (before: readonly [number, number], after: readonly [number, number]): TransferRow => ({
      id: "insecure-1",
      condition: "insecure",
      set: "main",
      before: metrics(...before),
      after: metrics(...after),
      breaksCoherence: false,
    });
    const cut = cutOf([row([40, 200], [5, 200]), row([60, 200], [5, 200])]);
    expect(cut.estimate).toBeCloseTo(0.9, 12);
    expect(cut.low).toBeGreaterThan(0.8);
    expect(cut.high).toBeLessThan(0.96);
    expect(cutOf([row([0, 200], [0, 200])]).estimate).toBeNull();
  });
});
