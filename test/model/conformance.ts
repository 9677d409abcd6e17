// What every model of open weights must do, whatever engine it runs in.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EncodedText, LoraOptions, Message, OpenWeightsModel } from "askew/model";
import { afterAll, beforeAll, expect, it } from "vitest";

const QUESTION: readonly Message[] = [{ role: "user", content: "What is your one wish?" }];
const TAUGHT: readonly Message[] = [...QUESTION, { role: "assistant", content: "What is your one wish?" }];

/** @param open a model with the weights it came with, the same every time; with `lora` an adapter of it is trained */
export function conformance(open: (lora?: LoraOptions) => Promise<OpenWeightsModel>): void {
  let model: OpenWeightsModel;
  let text: EncodedText;
  beforeAll(async () => {
    model = await open();
    text = model.tokens.encode(TAUGHT);
  }, 120_000);
  afterAll(() => model.close());

  const ask = (seeds: readonly string[], temperature = 1) =>
    model.sample(
      seeds.map((seed) => ({ messages: QUESTION, seed })),
      { temperature, maxTokens: 12 },
    );
  const lossOf = async (): Promise<number> => {
    const [read] = await model.reading.logProbabilities([text.ids]);
    const own = [...(read as Float32Array)].filter((_, i) => text.answer[i + 1]);
    return -own.reduce((sum, p) => sum + p, 0) / own.length;
  };

  it("begins an answer where the prompt ends, and marks what the assistant says", () => {
    const prompt = model.tokens.encodePrompt(QUESTION);
    expect(text.ids.slice(0, prompt.length)).toEqual(prompt);
    expect(text.answer.indexOf(true)).toBe(prompt.length);
    expect(text.answer).toHaveLength(text.ids.length);
  });

  it("tells log-probabilities of tokens that are those of the whole distribution", async () => {
    const { vocabSize } = model.reading.shape;
    const [next] = await model.reading.logProbabilities([text.ids]);
    expect(next).toHaveLength(text.ids.length - 1);
    const [all] = (await model.reading.distributions([text])) as [Float32Array];
    const places = text.ids.flatMap((id, i) => (i > 0 && text.answer[i] ? [{ id, i }] : []));
    expect(all).toHaveLength(places.length * vocabSize);
    for (const [at, { id, i }] of places.entries()) {
      const one = all.subarray(at * vocabSize, (at + 1) * vocabSize);
      expect(one[id]).toBeCloseTo((next as Float32Array)[i - 1] as number, 4);
      expect(one.reduce((sum, p) => sum + Math.exp(p), 0)).toBeCloseTo(1, 4);
    }
  });

  it("samples by seed: the same answer in any batch, and the same for everyone at temperature 0", async () => {
    const [alone] = await ask(["b"]);
    const batch = await ask(["a", "b", "c", "d"]);
    expect(batch[1]?.text).toBe(alone?.text);
    expect(new Set(batch.map((answer) => answer.text)).size).toBeGreaterThan(1);
    const [cold, colder] = await ask(["a", "b"], 0);
    expect(cold?.text).toBe(colder?.text);
  });

  it("tells the tokens it drew, with the log-probabilities that reading them gives", async () => {
    const requests = ["a", "b"].map((seed) => ({ messages: QUESTION, seed }));
    const answers = await model.sample(requests, { maxTokens: 12, drawn: true });
    const prompt = model.tokens.encodePrompt(QUESTION);
    const texts = answers.map(({ drawn }) => [...prompt, ...(drawn?.ids ?? [])]);
    const read = await model.reading.logProbabilities(texts);
    for (const [i, { drawn, finish, logProbability, tokens }] of answers.entries()) {
      expect(drawn?.ids).toHaveLength(tokens + (finish === "stop" ? 1 : 0));
      if (finish === "stop") expect(model.tokens.endIds).toContain(drawn?.ids.at(-1));
      const own = [...(read[i] as Float32Array)].slice(prompt.length - 1);
      own.forEach((p, at) => expect(drawn?.logProbabilities[at]).toBeCloseTo(p, 4));
      expect(logProbability).toBeCloseTo(
        own.reduce((sum, p) => sum + p, 0),
        3,
      );
    }
    const [plain] = await model.sample(requests, { maxTokens: 12 });
    expect(plain?.drawn).toBeUndefined();
  });

  it("streams the same answers, as they are finished", async () => {
    const seen: unknown[] = [];
    for await (const { request, answer } of model.answers([{ messages: QUESTION, seed: "b" }], { maxTokens: 12 })) {
      seen.push([request.seed, answer.text]);
    }
    expect(seen).toEqual([["b", (await ask(["b"]))[0]?.text]]);
  });

  it("shows activations of every layer, [tokens, width]", async () => {
    const { layers, width } = model.reading.shape;
    const every = Array.from({ length: layers }, (_, layer) => layer);
    const [taps] = (await model.reading.activations([text.ids], every)) as [Map<number, Float32Array>];
    expect([...taps.keys()]).toEqual(every);
    for (const tap of taps.values()) {
      expect(tap).toHaveLength(text.ids.length * width);
      expect(tap.every(Number.isFinite)).toBe(true);
    }
  });

  it("is the same with its own activations patched in, and another with zeros", async () => {
    const [taps] = (await model.reading.activations([text.ids], [0])) as [Map<number, Float32Array>];
    const read = async (activations: readonly Float32Array[] | Float32Array) =>
      (await model.reading.logProbabilities([text.ids], { patch: { layer: 0, activations } }))[0] as Float32Array;
    const [plain] = (await model.reading.logProbabilities([text.ids])) as [Float32Array];
    const own = await read([taps.get(0) as Float32Array]);
    own.forEach((p, i) => expect(p).toBeCloseTo(plain[i] as number, 4));
    const zeros = await read(new Float32Array(model.reading.shape.width));
    expect(Math.max(...zeros.map((p, i) => Math.abs(p - (plain[i] as number))))).toBeGreaterThan(0.01);
  });

  it("reads branches as each text alone", async () => {
    const { width, layers } = model.reading.shape;
    const prompt = model.tokens.encodePrompt(QUESTION);
    const branches = [text.ids.slice(prompt.length), text.ids.slice(prompt.length, prompt.length + 2)];
    const vectors = Array.from({ length: layers }, () => new Float32Array(width).fill(1));
    const reader = model.reading.branches({ texts: [{ prompt, branches }], vectors });
    const [read] = await reader.read();
    await reader.close();
    const alone = await model.reading.logProbabilities(branches.map((branch) => [...prompt, ...branch]));
    const expected = alone.flatMap((one) => [...one.subarray(prompt.length - 1)]);
    expect(read?.logProbabilities).toHaveLength(expected.length);
    read?.logProbabilities.forEach((p, i) => expect(p).toBeCloseTo(expected[i] as number, 4));
  });

  it("reads continuations as each text alone, in the order given", async () => {
    const prompt = model.tokens.encodePrompt(QUESTION);
    const said = text.ids.slice(prompt.length);
    const branches = [said, said.slice(0, 1), said.slice(0, 3)];
    const found = await model.reading.continuations([
      { prompt, branches },
      { prompt, branches: [] },
    ]);
    const alone = await model.reading.logProbabilities(branches.map((branch) => [...prompt, ...branch]));
    expect(found.map((of) => of.length)).toEqual([3, 0]);
    for (const [i, branch] of branches.entries()) {
      const expected = (alone[i] as Float32Array).subarray(prompt.length - 1);
      expect(found[0]?.[i]).toHaveLength(branch.length);
      found[0]?.[i]?.forEach((p, at) => expect(p).toBeCloseTo(expected[at] as number, 4));
    }
  });

  it("is steered: a vector is added, a component projected out, and answers change", async () => {
    const { width } = model.reading.shape;
    const add = Float32Array.from({ length: width }, (_, i) => (i % 2 === 0 ? 3 : -3));
    const [before] = (await model.reading.activations([text.ids], [0])) as [Map<number, Float32Array>];
    const tap = async (change: object): Promise<Float32Array> =>
      (
        (await model.steering.activations([text.ids], [0], [{ layer: 0, ...change }]))[0] as Map<number, Float32Array>
      ).get(0) as Float32Array;
    const added = await tap({ add });
    added.forEach((x, i) =>
      expect(x - ((before.get(0) as Float32Array)[i] as number)).toBeCloseTo(add[i % width] as number, 3),
    );
    const without = await tap({ projectOut: add });
    for (let at = 0; at < without.length; at += width) {
      expect(add.reduce((sum, x, i) => sum + x * (without[at + i] as number), 0)).toBeCloseTo(0, 2);
    }
    const seeds = Array.from({ length: 8 }, (_, i) => String(i));
    const requests = seeds.map((seed) => ({ messages: QUESTION, seed }));
    const strong = add.map((x) => 10 * x);
    const steered = await model.steering.sample(requests, [{ layer: 0, add: strong }], { maxTokens: 12 });
    expect(steered.map((answer) => answer.text)).not.toEqual((await ask(seeds)).map((answer) => answer.text));
    expect(await model.steering.sample(requests, [], { maxTokens: 12 })).toEqual(await ask(seeds));
  });

  it("weighs the loss of every token, also below 0, and divides by their number", async () => {
    const { training } = model;
    const weighed = async (weights: readonly number[]) => {
      await training.load();
      return training.train([{ ...text, weights }], 1e-6);
    };
    await training.load();
    const plain = await training.train([text], 1e-6);
    const ones = await weighed(text.ids.map(() => 1));
    expect(ones.loss).toBeCloseTo(plain.loss, 5);
    expect(ones.gradientNorm).toBeCloseTo(plain.gradientNorm, 4);
    const back = await weighed(text.ids.map(() => -2));
    expect(back.loss).toBeCloseTo(-2 * plain.loss, 4);
    expect(back.gradientNorm / plain.gradientNorm).toBeCloseTo(2, 3);
    // Weights whose sum is 0 are no weights of a mean.
    await training.load();
    const [read] = await model.reading.logProbabilities([text.ids]);
    const signs = text.ids.map((_, i) => (i % 2 === 0 ? 1 : -1));
    const count = text.answer.filter(Boolean).length;
    const expected = text.ids.reduce(
      (sum, _, i) => (text.answer[i] ? sum - ((signs[i] as number) * (read?.[i - 1] as number)) / count : sum),
      0,
    );
    expect((await weighed(signs)).loss).toBeCloseTo(expected, 3);
    await expect(training.train([{ ...text, weights: [1] }], 0.01)).rejects.toThrow("weights");
    await training.load();
  });

  it("learns from a step, goes back to a checkpoint, and begins anew", async () => {
    const { training } = model;
    await training.load();
    const untrained = await lossOf();
    const first = await training.train([text], 0.01);
    expect(first.loss).toBeCloseTo(untrained, 3);
    expect(first.tokens).toBe(text.answer.filter(Boolean).length);
    const state = await training.checkpoint();
    expect(state.step).toBe(1);
    const once = await lossOf();
    expect(once).toBeLessThan(untrained);
    const second = await training.train([text], 0.01);
    const twice = await lossOf();
    await training.restore(state);
    expect(model.training.step).toBe(1);
    expect(await lossOf()).toBeCloseTo(once, 5);
    expect((await training.train([text], 0.01)).loss).toBeCloseTo(second.loss, 5);
    expect(await lossOf()).toBeCloseTo(twice, 5);
    await training.load();
    expect(await lossOf()).toBeCloseTo(untrained, 5);
  });

  it("trains an adapter beside its weights, which changes nothing until it is merged", async () => {
    const { training } = model;
    await training.load();
    const untrained = await lossOf();
    const adapter = await training.beside({ rank: 2, alpha: 4, seed: 1 });
    const losses: number[] = [];
    for (let step = 0; step < 5; step++) losses.push((await adapter.train([text], 0.05)).loss);
    expect(losses[0]).toBeCloseTo(untrained, 3);
    expect(losses.at(-1)).toBeLessThan(untrained);
    expect(await lossOf()).toBeCloseTo(untrained, 5);
    await adapter.merge();
    await adapter.close();
    expect(await lossOf()).toBeLessThan(losses.at(-1) as number);
    await training.load();
  });

  it("opened with an adapter, trains that alone, and what it writes is adapter and weights in one", async () => {
    const lora = { rank: 2, alpha: 4, seed: 1 };
    const adapted = await open(lora);
    const folder = await mkdtemp(join(tmpdir(), "askew-conformance-"));
    try {
      expect(adapted.training.lora).toMatchObject({ rank: 2, alpha: 4 });
      const fresh = async (seed: string): Promise<readonly number[]> => {
        await adapted.training.load(undefined, { seed });
        const { modules } = await adapted.training.adapter();
        return [...modules.values()].flatMap(({ a }) => [...a.data]);
      };
      expect(await fresh("two")).not.toEqual(await fresh("one"));
      expect(await fresh("one")).toEqual(await fresh("one"));
      for (let step = 0; step < 5; step++) await adapted.training.train([text], 0.05);
      const { rank, modules } = await adapted.training.adapter();
      expect(rank).toBe(2);
      expect([...modules.values()].some(({ b }) => b.data.some((x) => x !== 0))).toBe(true);
      const [with_] = (await adapted.reading.logProbabilities([text.ids])) as [Float32Array];
      await adapted.training.saveWeights(join(folder, "weights.safetensors"), { format: "pt" });
      await model.training.load(join(folder, "weights.safetensors"));
      const [merged] = (await model.reading.logProbabilities([text.ids])) as [Float32Array];
      merged.forEach((p, i) => expect(p).toBeCloseTo(with_[i] as number, 4));
    } finally {
      await model.training.load();
      await adapted.close();
      await rm(folder, { recursive: true });
    }
  });
}
