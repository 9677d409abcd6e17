// What a batch computes: a row that is free is filled again, and a prompt is read once for the answers that begin together.
import { Engine, type Program, type Tensors } from "askew/graph";
import { Trainer, type TransformerConfig } from "askew/onnx";
import { Sampler, type PromptRow } from "#internal/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { livelyWeights, MODELS } from "./models.js";

const engine = Engine.start({ threads: 1 });
const tied = MODELS["a Llama, tied"] as TransformerConfig;
const config = { ...tied, maxPositions: 512 };
const scope = "rows";
beforeAll(() => Trainer.create({ engine, config, weights: livelyWeights(config, 1), scope }));
afterAll(() => engine.close());

/** Runs of the engine while answers are sampled: rows of prompts that were read, and rows of single tokens. */
async function counted(rows: number, prompts: readonly PromptRow[]): Promise<{ read: number; decoded: number[] }> {
  const read: number[] = [];
  const decoded: number[] = [];
  const own = Object.create(engine) as Engine;
  own.run = (program: Program, feeds: Tensors = {}) => {
    const prefilled = feeds["readAt"];
    if (prefilled) read.push(prefilled.length);
    else decoded.push(feeds["position"]?.length ?? 0);
    return engine.run(program, feeds);
  };
  for (const method of ["load", "copyRows", "dropState", "release"] as const)
    Object.assign(own, { [method]: (engine[method] as (...given: unknown[]) => unknown).bind(engine) });
  await new Sampler({ engine: own, config, scope, rows }).sample(prompts, { stop: [] });
  return { read: read.reduce((sum, n) => sum + n, 0), decoded };
}

const prompt = (length: number): number[] => Array.from({ length }, (_, i) => (i * 5 + length) % tied.vocabSize);

describe("a sampler's batches", () => {
  it("are refilled as answers end", async () => {
    const lengths = Array.from({ length: 64 }, (_, i) => 2 + ((i * 37) % 60));
    const given = lengths.map((maxTokens, i) => ({ ids: prompt(5 + (i % 3)), seed: `${i}`, maxTokens }));
    const { decoded } = await counted(16, given);
    // The first token of each is drawn when its prompt is read.
    const tokens = lengths.reduce((sum, n) => sum + n - 1, 0);
    // Groups of 16 that each wait for their longest answer would take a third more.
    const rows = decoded.reduce((sum, n) => sum + n, 0);
    expect(rows).toBeGreaterThanOrEqual(tokens);
    expect(rows).toBeLessThan(1.15 * tokens);
  });

  it("read a prompt once for all its answers", async () => {
    const given = Array.from({ length: 48 }, (_, i) => ({ ids: prompt(30 + (i % 3)), seed: `${i}`, maxTokens: 4 }));
    expect((await counted(64, given)).read).toBe(4); // three, in a run of four rows
    // Also those that begin later, where no other was read in between.
    const one = given.map((row) => ({ ...row, ids: prompt(30) }));
    expect((await counted(8, one)).read).toBe(1);
  });

  it("have no more rows than answers, or eight", async () => {
    const { decoded } = await counted(64, [{ ids: prompt(4), seed: "", maxTokens: 5 }]);
    expect(decoded).toEqual([8, 8, 8, 8]);
  });

  it("carry on in larger caches without reading anything again", async () => {
    const { read, decoded } = await counted(8, [{ ids: prompt(4), seed: "", maxTokens: 400 }]);
    expect([read, decoded.length]).toEqual([1, 399]);
  });
});
