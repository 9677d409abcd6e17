// Every architecture computes what the Python library `transformers` does; references.py wrote what that is.
import { readdirSync, readFileSync } from "node:fs";
import { Engine } from "askew/graph";
import { Trainer } from "askew/onnx";
import { configFromJson, configToJson, Reader, Sampler } from "#internal/onnx";
import { afterAll, describe, expect, it } from "vitest";
import { weightsOf } from "./weights.js";

interface Reference {
  readonly config4: Record<string, unknown>;
  readonly config5: Record<string, unknown>;
  readonly ids: number[];
  readonly greedy: number[];
  readonly training: { rate: number; answerFrom: number; loss: number; norm: number; after: number };
  readonly logProbabilities: number[][];
}

const folder = new URL("references/", import.meta.url);
const references = readdirSync(folder).map((file): [string, Reference] => [
  file.replace(".json", ""),
  JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Reference,
]);

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

const largestDifference = (a: ArrayLike<number>, b: readonly number[]): number =>
  Math.max(...b.map((x, i) => Math.abs(x - (a[i] as number))));

it("has a reference for every architecture", () => {
  expect(references.length).toBeGreaterThanOrEqual(12);
});

describe.each(references)("%s, compared with transformers", (name, reference) => {
  const { ids, training } = reference;
  const config = configFromJson(reference.config4);
  const answer = ids.map((_, i) => i >= training.answerFrom);

  it("has the same shape in the manner of version 4, of version 5, and written by askew", () => {
    expect(configFromJson(reference.config5)).toEqual(config);
    expect(configFromJson(JSON.parse(JSON.stringify(configToJson(config))))).toEqual(config);
  });

  it("has the same log-probabilities within 1e-4, the same 200 greedy tokens, and learns the same", async () => {
    const scope = name;
    const trainer = await Trainer.create({ engine, config, weights: weightsOf(config), scope });
    const reader = new Reader({ engine, config, scope, rows: 1 });
    // From the second token on: what the first foretells …, as every position is asked for.
    const [found] = await reader.distributions([{ ids: [...ids, 0], answer: [false, ...ids.map(() => true)] }]);
    expect(largestDifference(found as Float32Array, reference.logProbabilities.flat())).toBeLessThan(1e-4);

    const sampler = new Sampler({ engine, config, scope, rows: 8 });
    const prompts = [{ ids: ids.slice(0, 5), seed: "0" }];
    const [answered] = await sampler.sample(prompts, { temperature: 0, maxTokens: 200, stop: [] });
    expect(answered?.ids).toEqual(reference.greedy);

    const first = await trainer.train([{ ids, answer }], training.rate);
    expect(first.loss).toBeCloseTo(training.loss, 4);
    expect(Math.abs(first.gradientNorm / training.norm - 1)).toBeLessThan(1e-4);
    const second = await trainer.train([{ ids, answer }], training.rate);
    expect(Math.abs(second.loss - training.after)).toBeLessThan(1e-3);
    await Promise.all([reader.close(), sampler.close(), trainer.close()]);
  });
});
