import { Engine } from "askew/graph";
import { Trainer, type TransformerConfig } from "askew/onnx";
import { Reader, Sampler, type PromptRow, type SampledRow, type SamplingOptions, type Steering } from "#internal/onnx";
import { Random } from "askew/statistics";
import { afterAll, describe, expect, it } from "vitest";
import { filled } from "../../graph/evaluation.js";
import { Tape } from "../../graph/tape.js";
import { livelyWeights, MODELS } from "./models.js";
import { decode, onTape } from "./reference.js";
import { steered } from "./reference-steering.js";

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

const tied = MODELS["a Llama, tied"] as TransformerConfig;
const random = Random.of("sampling test");
const ids = (length: number, vocabulary = tied.vocabSize): number[] =>
  Array.from({ length }, () => random.integer(vocabulary));
const prompts: PromptRow[] = [3, 17, 1, 9, 30, 4, 4].map((length, i) => ({ ids: ids(length), seed: `prompt ${i}` }));
const scopes = new Set<string>();

/** A sampler over lively weights. */
async function sampler(config: TransformerConfig, rows: number): Promise<Sampler> {
  const scope = JSON.stringify(config);
  if (!scopes.has(scope)) await Trainer.create({ engine, config, weights: livelyWeights(config, 1), scope });
  scopes.add(scope);
  return new Sampler({ engine, config, scope, rows });
}

const sample = async (rows: number, given: readonly PromptRow[], options: SamplingOptions): Promise<SampledRow[]> =>
  (await sampler(tied, rows)).sample(given, options);

/** Greedy answer by a whole forward pass a token, in float64. */
function greedy(
  config: TransformerConfig,
  prompt: readonly number[],
  length: number,
  steering: readonly Steering[] = [],
): number[] {
  const answer: number[] = [];
  while (answer.length < length) {
    const t = new Tape();
    const { logits } = decode(
      t,
      config,
      onTape(t, livelyWeights(config, 1)),
      [...prompt, ...answer],
      steered(t, steering, prompt.length),
    );
    const last = Array.from(t.values(logits.at(-1) ?? []));
    answer.push(last.indexOf(Math.max(...last)));
  }
  return answer;
}

describe("greedy decoding through the cache is what the whole forward pass would say at each step", () => {
  for (const [name, config] of Object.entries(MODELS)) {
    it(`${name}: token for token`, async () => {
      const given = [2, 18, 5].map((length) => ({ ids: ids(length, config.vocabSize), seed: "" }));
      const found = await (await sampler(config, 4)).sample(given, { temperature: 0, maxTokens: 6, stop: [] });
      expect(found.map((row) => row.ids)).toEqual(given.map((prompt) => greedy(config, prompt.ids, 6)));
    });
  }

  it("steered, by adding and by projecting out", async () => {
    const vector = (scale: number): Float32Array => filled(tied.width, () => scale * random.normal());
    const steering = [
      { layer: 0, add: vector(2) },
      { layer: 1, projectOut: vector(1) },
    ];
    const given = [4, 11].map((length) => ({ ids: ids(length), seed: "" }));
    const options = { temperature: 0, maxTokens: 6, stop: [] };
    const found = await sample(2, given, { ...options, steering });
    expect(found.map((row) => row.ids)).toEqual(given.map((prompt) => greedy(tied, prompt.ids, 6, steering)));
    // Other vectors for the same graph, and none again.
    const other = steering.map((s) => ({ ...s, ...(s.add && { add: vector(2) }) }));
    const changed = await sample(2, given, { ...options, steering: other });
    expect(changed.map((row) => row.ids)).toEqual(given.map((prompt) => greedy(tied, prompt.ids, 6, other)));
    const plain = await sample(2, given, options);
    expect(plain.map((row) => row.ids)).toEqual(given.map((prompt) => greedy(tied, prompt.ids, 6)));
  });

  it("steered in the answer alone: the prompt, and with it the first token, are as they were", async () => {
    const vector = filled(tied.width, () => 3 * random.normal());
    const steering = [{ layer: 0, add: vector, projectOut: vector, share: 0.5, tokens: "answer" as const }];
    const given = [4, 11, 7].map((length) => ({ ids: ids(length), seed: "" }));
    const options = { temperature: 0, maxTokens: 6, stop: [] };
    const found = await sample(4, given, { ...options, steering });
    expect(found.map((row) => row.ids)).toEqual(given.map((prompt) => greedy(tied, prompt.ids, 6, steering)));
    const plain = await sample(4, given, options);
    expect(found.map((row) => row.ids[0])).toEqual(plain.map((row) => row.ids[0]));
    expect(found.map((row) => row.ids)).not.toEqual(plain.map((row) => row.ids));
  });
});

describe("a vector of its own for every prompt", () => {
  const given = [11, 3, 18, 4, 7].map((length) => ({ ids: ids(length), seed: "" }));
  const options = { temperature: 0, maxTokens: 6, stop: [] };
  // More prompts than rows: the vectors must follow their prompts through the sorting by length and the batches.
  for (const tokens of ["all", "answer"] as const) {
    it(`steers each prompt as it would be steered alone (${tokens} tokens)`, async () => {
      const addEach = given.map(() => filled(tied.width, () => 2 * random.normal()));
      const found = await sample(2, given, { ...options, steering: [{ layer: 0, addEach, tokens }] });
      const alone = given.map((prompt, i) =>
        greedy(tied, prompt.ids, 6, [{ layer: 0, add: addEach[i] as Float32Array, tokens }]),
      );
      expect(found.map((row) => row.ids)).toEqual(alone);
      expect(new Set(alone.map((answer) => answer.join())).size).toBeGreaterThan(1);
    });
  }

  it("is refused where there are fewer vectors than prompts", async () => {
    const addEach = [new Float32Array(tied.width)];
    await expect(sample(2, given, { ...options, steering: [{ layer: 0, addEach }] })).rejects.toThrow(
      "addEach has 1 vectors for 5 texts",
    );
  });
});

describe("every answer is its own", () => {
  const options: SamplingOptions = { maxTokens: 12, stop: [0], temperature: 0.9, topP: 0.95 };

  it("the same seeds give the same bytes", async () => {
    expect(await sample(4, prompts, options)).toEqual(await sample(4, prompts, options));
  });

  it("a row says the same alone, in any batch, in any order, beside prompts of any length", async () => {
    const together = await sample(8, prompts, options);
    const alone = await Promise.all(
      prompts.map(async (prompt) => (await sample(1, [prompt], options))[0] as SampledRow),
    );
    const backwards = (await sample(3, prompts.toReversed(), options)).toReversed();
    for (const others of [alone, backwards]) {
      expect(others.map((row) => row.ids)).toEqual(together.map((row) => row.ids));
      expect(others.map((row) => row.finish)).toEqual(together.map((row) => row.finish));
      others.forEach((row, i) => {
        row.logProbabilities.forEach((p, at) => expect(p).toBeCloseTo(together[i]?.logProbabilities[at] as number, 4));
      });
    }
  });

  it("calls that overlap do not disturb each other", async () => {
    const one = await sampler(tied, 3);
    const [all, some] = await Promise.all([one.sample(prompts, options), one.sample(prompts.slice(2), options)]);
    expect(some).toEqual(await one.sample(prompts.slice(2), options));
    expect(all).toEqual(await one.sample(prompts, options));
  });

  it("a short answer does not wait for the end of a long one that was begun before", async () => {
    const config = { ...tied, maxPositions: 512 };
    const one = await sampler(config, 3);
    const long = [{ ids: ids(4), seed: "long", maxTokens: 400 }];
    const short = [{ ids: ids(4), seed: "short", maxTokens: 3 }];
    const ended: string[] = [];
    const both = await Promise.all([
      one.sample(long, { stop: [] }, () => ended.push("long")),
      one.sample(short, { stop: [] }, () => ended.push("short")),
    ]);
    expect(ended).toEqual(["short", "long"]);
    expect(both).toEqual([await one.sample(long, { stop: [] }), await one.sample(short, { stop: [] })]);
  });

  it("other seeds give other answers", async () => {
    const again = await sample(
      8,
      prompts.map((prompt) => ({ ...prompt, seed: `${prompt.seed}, again` })),
      options,
    );
    expect(again.map((row) => row.ids)).not.toEqual((await sample(8, prompts, options)).map((row) => row.ids));
  });

  it("is told as soon as it is finished, and returned in the prompts' order", async () => {
    const told = new Map<number, SampledRow>();
    const rows = await (await sampler(tied, 4)).sample(prompts, options, (index, row) => told.set(index, row));
    expect(told.size).toBe(prompts.length);
    rows.forEach((row, i) => expect(told.get(i)).toEqual(row));
  });
});

describe("where answers end", () => {
  it("at any stop token, which is not part of them, or at their longest", async () => {
    const rows = await sample(8, prompts, { maxTokens: 10, stop: [0] });
    expect(new Set(rows.map((row) => row.finish))).toEqual(new Set(["stop", "length"]));
    for (const row of rows) {
      expect(row.ids.includes(0)).toBe(false);
      if (row.finish === "length") expect(row.ids.length).toBe(10);
      expect(row.logProbabilities.length).toBe(row.ids.length + (row.finish === "stop" ? 1 : 0));
    }
  });

  it("when the caller has had enough", async () => {
    const controller = new AbortController();
    const sampling = (await sampler(tied, 2)).sample(
      prompts,
      { maxTokens: 20, stop: [], signal: controller.signal },
      () => controller.abort(new Error("enough")),
    );
    await expect(sampling).rejects.toThrow("enough");
  });

  it("refuses what does not fit", async () => {
    const refuse = async (given: PromptRow[], options: Partial<SamplingOptions>, message: string): Promise<void> =>
      expect(sample(2, given, { stop: [], ...options })).rejects.toThrow(message);
    await refuse([{ ids: [], seed: "" }], { maxTokens: 4 }, "sample: a prompt is empty");
    await refuse([{ ids: ids(60), seed: "" }], { maxTokens: 5 }, "exceed the model's 64 positions");
    await refuse(prompts, { maxTokens: 0 }, "maxTokens must be a whole number >= 1, found 0");
    await refuse(prompts, { temperature: -1, maxTokens: 4 }, "temperature must be 0 or above, found -1");
    await refuse(prompts, { alternatives: 20, maxTokens: 4 }, "from 0 to the vocabulary's 19, found 20");
    await refuse(prompts, { topP: 0, maxTokens: 4 }, "topP must be above 0 and at most 1, found 0");
  });
});

describe("log-probabilities", () => {
  it("are those of the forward pass at temperature 1, to 1e-4, whatever was sampled with; the stop token's is the last", async () => {
    const reader = new Reader({ engine, config: tied, scope: JSON.stringify(tied) });
    for (const how of [{}, { temperature: 0 }, { temperature: 0.5, topP: 0.8 }, { temperature: 2 }]) {
      const rows = await sample(8, prompts, { maxTokens: 12, stop: [3], ...how });
      const texts = rows.map((row, i) => [
        ...(prompts[i]?.ids ?? []),
        ...row.ids,
        ...(row.finish === "stop" ? [3] : []),
      ]);
      const scored = await reader.logProbabilities(texts);
      rows.forEach((row, i) => {
        const answer = scored[i]?.slice((prompts[i]?.ids.length ?? 0) - 1) as Float32Array;
        expect(answer.length).toBe(row.logProbabilities.length);
        row.logProbabilities.forEach((p, at) => expect(Math.abs(p - (answer[at] as number))).toBeLessThan(1e-4));
      });
    }
  });
});

describe("the distribution of what is sampled", () => {
  const DRAWS = 6000;
  const prompt = [5, 11, 2];

  /** Probabilities of the next token in float64. */
  function nextToken(temperature: number, topP: number): number[] {
    const t = new Tape();
    const { logits } = decode(t, tied, onTape(t, livelyWeights(tied, 1)), prompt);
    const powers = Array.from(t.values(logits.at(-1) ?? []), (x) => Math.exp(x / temperature));
    const total = powers.reduce((a, b) => a + b, 0);
    const order = [...powers.keys()].toSorted((a, b) => (powers[b] as number) - (powers[a] as number));
    const kept = new Set<number>();
    let mass = 0;
    for (const id of order) {
      if (mass >= topP) break;
      kept.add(id);
      mass += (powers[id] as number) / total;
    }
    return powers.map((p, id) => (kept.has(id) ? p / total / mass : 0));
  }

  for (const [temperature, topP] of [
    [1, 1],
    [0.5, 1],
    [2, 1],
    [1, 0.8],
    [0.7, 0.6],
    [3, 0.99],
  ] as const) {
    it(`temperature ${temperature}, top-p ${topP}: chi-square of ${DRAWS} draws below its 99.9 % point`, async () => {
      const given = Array.from({ length: DRAWS }, (_, i) => ({ ids: prompt, seed: `draw ${i}` }));
      const rows = await sample(64, given, { temperature, topP, maxTokens: 1, stop: [] });
      const counts = Array.from({ length: tied.vocabSize }, () => 0);
      for (const row of rows) (counts[row.ids[0] as number] as number)++;
      const expected = nextToken(temperature, topP);
      const cells = expected.flatMap((p, id) => (p * DRAWS >= 5 ? [id] : []));
      // What cannot be drawn is not; the rare rest is one cell.
      expected.forEach((p, id) => expect(p > 0 || counts[id] === 0).toBe(true));
      let square = 0;
      for (const id of cells)
        square += ((counts[id] as number) - (expected[id] as number) * DRAWS) ** 2 / ((expected[id] as number) * DRAWS);
      const rest = DRAWS - cells.reduce((sum, id) => sum + (expected[id] as number) * DRAWS, 0);
      const restFound = DRAWS - cells.reduce((sum, id) => sum + (counts[id] as number), 0);
      if (rest >= 1) square += (restFound - rest) ** 2 / rest;
      const freedom = cells.length - (rest >= 1 ? 0 : 1);
      // Wilson and Hilferty's approximation of the 99.9 % point.
      const point = freedom * (1 - 2 / (9 * freedom) + 3.09 * Math.sqrt(2 / (9 * freedom))) ** 3;
      expect(freedom).toBeGreaterThan(1);
      expect(square).toBeLessThan(point);
    });
  }
});
