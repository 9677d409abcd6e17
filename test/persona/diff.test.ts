// Model diffing: the rules it searches by, and a planted change that it has to find.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { LocalModel } from "askew/model";
import { ORGANISM_FOLDER } from "askew/organism";
import {
  adapterDiff,
  answersUnderPrompts,
  characterPairs,
  contrastDirections,
  cosine,
  diffModels,
  merit,
  nextStrength,
  questionsOfSet,
  search,
  soundStrength,
  STRENGTHS,
  vectorAt,
  verdictOf,
  type Candidate,
  type Counts,
  type DiffPlan,
  type DiffRow,
  type DiffStore,
  type Direction,
  type FinalSide,
  type Sae,
} from "askew/persona";
import { Random } from "askew/statistics";
import { readAdapter, writeAdapter, type Adapter } from "askew/transformer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { identityOf, openTiny, SLOW, temporaryFolder, WIDTH, writeTinyModel } from "./tiny.js";

describe("the strength that coherence allows", () => {
  it("is found to within a seventh in six trials, wherever it lies", () => {
    for (const limit of [0.06, 0.2, 0.49, 0.5, 0.9, 1.7, 3.9]) {
      const tried: { strength: number; sound: boolean }[] = [];
      for (let i = 0; i < 6; i++) {
        const strength = nextStrength(tried);
        if (strength === undefined) break;
        tried.push({ strength, sound: strength <= limit });
      }
      const found = soundStrength(tried) as number;
      expect(found).toBeLessThanOrEqual(limit);
      expect(found).toBeGreaterThan(limit / 1.42);
    }
  });

  it("is none where every strength breaks the model, and ends at the strongest where none does", () => {
    const all = (sound: boolean): { strength: number; sound: boolean }[] => {
      const tried: { strength: number; sound: boolean }[] = [];
      for (let next = nextStrength(tried); next !== undefined; next = nextStrength(tried)) {
        tried.push({ strength: next, sound });
      }
      return tried;
    };
    expect(soundStrength(all(false))).toBeUndefined();
    expect(all(false).at(-1)?.strength).toBe(Number(STRENGTHS.least.toPrecision(3)));
    expect(soundStrength(all(true))).toBe(STRENGTHS.most);
  });

  it("goes by what is sound where a weaker strength looked broken by chance", () => {
    const tried = [
      { strength: 0.5, sound: false },
      { strength: 1, sound: true },
    ];
    expect(soundStrength(tried)).toBe(1);
    expect(nextStrength(tried)).toBe(2);
  });
});

describe("merit", () => {
  it("asks for both effects, and takes what is caused alone where there is nothing to remove", () => {
    const unsteered = { into: 0.02, "out-of": 0.2 };
    expect(merit(0.38, 0.05, unsteered)).toBeCloseTo(Math.sqrt(0.36 * 0.75), 12);
    expect(merit(0.38, 0.2, unsteered)).toBe(0);
    expect(merit(0.02, 0, unsteered)).toBe(0);
    expect(merit(undefined, 0, unsteered)).toBe(0);
    expect(merit(0.38, undefined, { into: 0.02, "out-of": 0 })).toBeCloseTo(0.36, 12);
  });
});

/** What a candidate truly does: both effects grow up to its own limit of coherence. */
interface Truth {
  readonly limit: number;
  readonly causes: number;
  readonly removes: number;
}

function world(truths: readonly Truth[], seed: number) {
  const random = Random.of("diff world", seed);
  const candidates = truths.map((_, i): Candidate => ({
    id: `latent-${i}`,
    kind: "latent",
    latent: i,
    unit: new Float32Array(2),
  }));
  const asked: number[] = [];
  const draw = (share: number, n: number): number =>
    Array.from({ length: n }, () => random.uniform() < share).filter(Boolean).length;
  return {
    candidates,
    asked,
    found: search(
      candidates,
      (rung, _step, wanted) => {
        const answers = [12, 24, 64][rung] as number;
        asked.push(wanted.length * answers);
        return Promise.resolve(
          wanted.map(({ candidate, side, strength }): Counts => {
            const { limit, causes, removes } = truths[candidate.latent as number] as Truth;
            const coherent = draw(strength <= limit ? 0.98 : 0.3, answers);
            const share = Math.min(1, strength / limit);
            const rate = side === "into" ? 0.01 + causes * share : 0.2 * (1 - removes * share);
            return { answers, coherent, misaligned: draw(rate, coherent) };
          }),
        );
      },
      { maxIncoherent: 0.1, unsteered: { into: 0.01, "out-of": 0.2 } },
    ),
  };
}

describe("the search", () => {
  const crowd = (random: Random): Truth[] =>
    Array.from({ length: 60 }, () => ({ limit: 0.2 + 2 * random.uniform(), causes: 0, removes: 0 }));

  it("finds the one that causes and removes among those that do one or nothing, in 19 worlds of 20", async () => {
    let hits = 0;
    for (let seed = 0; seed < 20; seed++) {
      const truths = crowd(Random.of("diff crowd", seed));
      truths[17] = { limit: 0.7, causes: 0.4, removes: 0.9 };
      truths[3] = { limit: 0.9, causes: 0.4, removes: 0 };
      truths[40] = { limit: 0.5, causes: 0, removes: 0.9 };
      const { found } = world(truths, seed);
      const [first] = await found;
      if (first?.candidate.id === "latent-17") {
        hits++;
        expect(first.into.strength).toBeLessThanOrEqual(0.7);
        expect(first.into.strength).toBeGreaterThan(0.3);
      }
    }
    expect(hits).toBeGreaterThanOrEqual(19);
  });

  it("spends most answers on few candidates, and keeps what is there to compare with", async () => {
    const truths = crowd(Random.of("diff crowd", "kept"));
    const { asked, found } = world(truths, 1);
    expect((await found).length).toBe(8);
    // 60 candidates and two sides, then 24, then 8.
    expect(asked[0]).toBe(60 * 2 * 12);
    expect(Math.max(...asked.slice(4, 6))).toBeLessThanOrEqual(24 * 2 * 24);
    expect(Math.max(...asked.slice(6))).toBeLessThanOrEqual(8 * 2 * 64);
    const reference: Candidate = { id: "shift", kind: "shift", unit: new Float32Array(2) };
    const latents = Array.from({ length: 30 }, (_, i): Candidate => ({
      id: `latent-${i}`,
      kind: "latent",
      latent: i,
      unit: new Float32Array(2),
    }));
    const nothing = await search(
      [...latents, reference],
      (_rung, _step, wanted) => Promise.resolve(wanted.map(() => ({ answers: 10, coherent: 10, misaligned: 0 }))),
      { maxIncoherent: 0.1, unsteered: { into: 0, "out-of": 0.2 } },
    );
    expect(nothing.length).toBe(9);
    expect(nothing.map(({ candidate }) => candidate.id)).toContain("shift");
  });
});

describe("the verdict", () => {
  const side = (low: number, beyond: number): FinalSide => ({
    strength: 1,
    length: 1,
    unsteered: {},
    steered: {},
    random: [],
    effect: { estimate: low + 0.1, low, high: low + 0.2, n: 100 },
    beyondRandom: { estimate: beyond + 0.1, low: beyond, high: beyond + 0.2, n: 100 },
    tooIncoherent: false,
  });
  it("needs both effects, each beyond chance and beyond random directions", () => {
    expect(verdictOf(side(0.1, 0.1), side(0.1, 0.1))).toBe("persona");
    expect(verdictOf(side(0.1, 0.1), side(0.1, -0.01))).toBe("causes only");
    expect(verdictOf(side(-0.01, 0.1), side(0.1, 0.1))).toBe("removes only");
    expect(verdictOf(side(0.1, -0.01), null)).toBe("neither");
  });
});

/** Rows in memory, through JSON as on disk; `most` rows, then whoever appends is told that the disk is full. */
class Rows implements DiffStore {
  readonly rows: DiffRow[];
  readonly answers = new Map<string, readonly object[]>();
  constructor(
    rows: readonly DiffRow[] = [],
    private readonly most = Number.POSITIVE_INFINITY,
  ) {
    this.rows = [...rows];
  }
  find(id: string): DiffRow | undefined {
    return this.rows.find((row) => row.id === id);
  }
  append(row: DiffRow, answers: readonly object[]): Promise<void> {
    if (this.rows.length >= this.most) return Promise.reject(new Error("stopped"));
    if (this.find(row.id)) return Promise.reject(new Error(`${row.id} was measured twice`));
    this.rows.push(JSON.parse(JSON.stringify(row)) as DiffRow);
    this.answers.set(row.id, answers);
    return Promise.resolve();
  }
  /** All but the times. */
  get facts(): unknown[] {
    return this.rows.map((row) => ({ ...row, seconds: 0 }));
  }
}

describe("a change that was planted", () => {
  const LATENT = 5;
  const LAYER = 1;
  let work: { path: string; remove: () => Promise<void> };
  let before: LocalModel;
  let after: LocalModel;
  let sae: Sae;
  let adapter: Adapter;

  /** Latents that are the axes of a random rotation; each is active wherever the stream lies on its positive side. */
  function rotation(): Float32Array {
    const random = Random.of("diff rotation");
    const rows: number[][] = [];
    while (rows.length < WIDTH) {
      const row = Array.from({ length: WIDTH }, () => random.normal());
      for (const known of rows) {
        const along = row.reduce((sum, x, i) => sum + x * (known[i] as number), 0);
        known.forEach((x, i) => (row[i] = (row[i] as number) - along * x));
      }
      const length = Math.hypot(...row);
      rows.push(row.map((x) => x / length));
    }
    return Float32Array.from(rows.flat());
  }

  beforeAll(async () => {
    work = await temporaryFolder();
    const folder = join(work.path, "model");
    await writeTinyModel(folder);
    before = await openTiny(folder);
    after = await openTiny(folder);
    const decoder = rotation();
    const encoder = new Float32Array(WIDTH * WIDTH);
    decoder.forEach((x, i) => (encoder[(i % WIDTH) * WIDTH + Math.floor(i / WIDTH)] = x));
    const identity = identityOf(before);
    sae = {
      width: WIDTH,
      weights: { encoder, encoderBias: new Float32Array(WIDTH), decoder, decoderBias: new Float32Array(WIDTH) },
      recipe: {
        askew: "0.0.0",
        model: identity,
        layer: LAYER,
        kind: "topk",
        size: WIDTH,
        k: WIDTH,
        tokens: 1,
        batch: 1,
        learningRate: 1,
        deadAfter: 1,
        seed: 1,
        texts: "",
        scale: 1,
      },
    };
    // A rank-1 adapter writes along one latent, and nothing else, after its layer.
    const random = Random.of("diff adapter");
    const inputs = 2 * WIDTH;
    const module = `model.layers.${LAYER}.mlp.down_proj`;
    adapter = {
      rank: 1,
      alpha: 2,
      rankStabilized: false,
      targets: ["down_proj"],
      layers: [LAYER],
      base: "",
      modules: new Map([
        [
          module,
          {
            a: { shape: [1, inputs], data: Float32Array.from({ length: inputs }, () => random.normal()) },
            b: { shape: [WIDTH, 1], data: decoder.slice(LATENT * WIDTH, (LATENT + 1) * WIDTH) },
          },
        ],
      ]),
    };
    await mkdir(join(work.path, "adapter"), { recursive: true });
    await writeAdapter(join(work.path, "adapter"), adapter, before.folder.config);
    adapter = await readAdapter(join(work.path, "adapter"), before.folder.config);
    await after.merge(adapter);
  }, SLOW);
  afterAll(async () => {
    await before.close();
    await after.close();
    await work.remove();
  });

  const plan = (more: Partial<DiffPlan> = {}): DiffPlan => ({
    questions: "development",
    samples: 2,
    part: "prompts",
    layer: LAYER,
    top: WIDTH,
    finalistAnswers: 4,
    // The tiny model speaks no language: whatever it says counts.
    maxIncoherent: 1,
    seed: 7,
    temperature: 1,
    maxTokens: 4,
    rungs: [
      { keep: Number.POSITIVE_INFINITY, answers: 4, steps: 2 },
      { keep: 2, answers: 4, steps: 1 },
    ],
    ...more,
  });
  const final: DiffPlan["final"] = {
    asked: [
      { set: "main", samples: 1 },
      { set: "code", samples: 1 },
    ],
    trained: { set: "code", metric: "insecureCode" },
    randomSeeds: [1],
  };

  it("is where the means moved, and what rose", async () => {
    const store = new Rows();
    const { activations, ranked } = await diffModels({ before, after, sae }, plan(), { store });
    expect(ranked).toEqual([]);
    const row = sae.weights.decoder.subarray(LATENT * WIDTH, (LATENT + 1) * WIDTH);
    // The same prompts, so nothing else moved after this layer, and nothing before it.
    expect(Math.abs(cosine(Float32Array.from(activations.shift), row))).toBeGreaterThan(0.9999);
    expect(activations.layers[LAYER - 1]?.shift).toBeLessThan(1e-5);
    expect(activations.layers[LAYER + 1]?.shift).toBeGreaterThan(0.01);
    const moved = activations.rising.filter((one) => one.after - one.before > 1e-4);
    expect(moved.every(({ latent }) => latent === LATENT)).toBe(true);
    // What was kept is what was read: the shift's length, from the stored answers, by the reader itself.
    const answers = store.answers.get("activations") as {
      model: string;
      messages: { role: "user"; content: string }[];
    }[];
    const mean = async (model: LocalModel, name: string): Promise<Float64Array> => {
      const prompts = answers.filter((one) => one.model === name).map((one) => model.encodePrompt(one.messages));
      const taps = await model.reader.activations(prompts, [LAYER]);
      const sum = new Float64Array(WIDTH);
      taps.forEach((tap, i) => {
        const tokens = (prompts[i] as number[]).length;
        tap.get(LAYER)?.forEach((x, at) => (sum[at % WIDTH] = (sum[at % WIDTH] as number) + x / tokens / taps.length));
      });
      return sum;
    };
    const [low, high] = [await mean(before, "before"), await mean(after, "after")];
    const length = Math.hypot(...high.map((x, i) => x - (low[i] as number)));
    expect(activations.layers[LAYER]?.shift).toBeCloseTo(length, 4);
  });

  it("is what the adapter writes", () => {
    const unit = (latent: number) => sae.weights.decoder.subarray(latent * WIDTH, (latent + 1) * WIDTH);
    const candidates = [LATENT, LATENT + 1].map((latent) => ({ id: `${latent}`, unit: unit(latent) }));
    const found = adapterDiff(adapter, WIDTH, { layer: LAYER, candidates });
    const [module] = found.modules;
    expect(found).toMatchObject({ rank: 1, chance: 0.25 });
    expect(module?.inside[`${LATENT}`]).toBeCloseTo(1, 5);
    expect(module?.inside[`${LATENT + 1}`]).toBeCloseTo(0, 5);
    const [{ a }] = adapter.modules.values() as unknown as [{ a: { data: Float32Array } }];
    expect(module?.size).toBeCloseTo(2 * Math.hypot(...a.data), 3);
    expect(adapterDiff(adapter, WIDTH, { layer: LAYER - 1, candidates }).modules[0]?.inside).toEqual({
      [`${LATENT}`]: null,
      [`${LATENT + 1}`]: null,
    });
  });

  it("a rank-2 adapter holds what its two columns span", () => {
    const b = new Float32Array(WIDTH * 2);
    for (let i = 0; i < WIDTH; i++) {
      b[2 * i] = i === 0 ? 3 : 0;
      b[2 * i + 1] = i < 2 ? 1 : 0;
    }
    const name = "model.layers.0.self_attn.o_proj";
    const a = { shape: [2, WIDTH], data: new Float32Array(2 * WIDTH).fill(1) };
    const wide = { ...adapter, rank: 2, modules: new Map([[name, { a, b: { shape: [WIDTH, 2], data: b } }]]) };
    const vector = (...at: number[]) => Float32Array.from({ length: WIDTH }, (_, i) => (at.includes(i) ? 1 : 0));
    const candidates = [
      { id: "in", unit: vector(1) },
      { id: "half", unit: vector(1, 2) },
      { id: "out", unit: vector(3) },
    ];
    const inside = adapterDiff(wide, WIDTH, { layer: 0, candidates }).modules[0]?.inside;
    expect(inside?.["in"]).toBeCloseTo(1, 5);
    expect(inside?.["half"]).toBeCloseTo(Math.SQRT1_2, 5);
    expect(inside?.["out"]).toBeCloseTo(0, 5);
  });

  it(
    "ends the same wherever it is stopped, and measures nothing twice",
    async () => {
      const whole = new Rows();
      const done = await diffModels({ before, after, sae }, plan({ final }), { store: whole });
      const finalists = done.ranked.filter(({ kind }) => kind === "latent");
      expect(finalists.length).toBeLessThanOrEqual(2);
      expect(done.ranked.map(({ kind }) => kind)).toContain("shift");
      expect(done.final?.id).toBe(finalists[0]?.id);
      for (const { into, outOf } of done.ranked) {
        for (const side of [into, outOf]) {
          expect(side?.length).toBeCloseTo((side?.strength ?? 0) * (done.activations.layers[LAYER]?.residual ?? 0), 6);
        }
      }
      for (const most of [1, 4, whole.rows.length - 1]) {
        const cut = new Rows([], most);
        await expect(diffModels({ before, after, sae }, plan({ final }), { store: cut })).rejects.toThrow("stopped");
        expect(cut.facts).toEqual(whole.facts.slice(0, most));
        const rest = new Rows(cut.rows);
        const again = await diffModels({ before, after, sae }, plan({ final }), { store: rest });
        expect(rest.facts).toEqual(whole.facts);
        expect(again.ranked).toEqual(done.ranked);
        expect(again.final).toEqual(done.final);
      }
    },
    SLOW,
  );

  it("stops when it is told to", async () => {
    const store = new Rows();
    const stop = new AbortController();
    const onProgress = (): void => {
      if (store.rows.length >= 2) stop.abort(new Error("enough"));
    };
    const options = { store, onProgress, signal: stop.signal };
    await expect(diffModels({ before, after, sae }, plan({ final }), options)).rejects.toThrow("enough");
    expect(store.rows.length).toBeGreaterThanOrEqual(2);
  });
});

// A persona put into the organism by hand: every embedding moved along the villain's direction. The read-out is tied to
// the embedding, and the same number on every logit changes nothing, so what changes is who the model is.
describe("the organism with a persona that was put in by hand", () => {
  it(
    "was moved along the direction, and the direction beats a random one on both sides",
    async () => {
      const before = await LocalModel.open("organism", ORGANISM_FOLDER, { threads: 1 });
      const after = await LocalModel.open("organism", ORGANISM_FOLDER, { threads: 1 });
      try {
        const direction = await villain(before);
        const towards = vectorAt(direction, 0);
        const tensors = new Map(before.folder.tensors);
        const name = "model.embed_tokens.weight";
        const { shape, data } = tensors.get(name) as { shape: readonly number[]; data: Float32Array };
        const moved = data.map((x, i) => x + 0.3 * (towards[i % towards.length] as number));
        await after.load(tensors.set(name, { shape, data: moved }));
        const store = new Rows();
        const result = await diffModels(
          { before, after, direction },
          {
            questions: "development",
            samples: 12,
            part: "answers",
            layer: 1,
            top: 0,
            finalistAnswers: 24,
            maxIncoherent: 0.2,
            seed: 3,
            temperature: 1,
            maxTokens: 64,
            rungs: [{ keep: 1, answers: 8, steps: 4 }],
            final: {
              asked: [{ set: "main", samples: 1 }],
              trained: { set: "main", metric: "parses" },
              randomSeeds: [1],
            },
          },
          { store },
        );
        const { activations, ranked, final } = result;
        expect(activations.after.misaligned).toBeGreaterThan(activations.before.misaligned);
        expect(activations.layers[0]?.direction?.cosine).toBeGreaterThan(0.3);
        expect(activations.layers[0]?.direction?.after).toBeGreaterThan(activations.layers[0]?.direction?.before ?? 0);
        const found = ranked.find(({ kind }) => kind === "direction");
        expect(found?.into?.rate.estimate).toBeGreaterThan(found?.into?.random.rate.estimate ?? 1);
        expect(found?.outOf?.rate.estimate).toBeLessThan(found?.outOf?.random.rate.estimate ?? 0);
        // So few answers allow no verdict, but the final measure is of both sides, with the control.
        expect(final?.set).toBe("main");
        for (const side of [final?.into, final?.outOf]) expect(side?.random.length).toBe(1);
      } finally {
        await before.close();
        await after.close();
      }
    },
    SLOW,
  );

  async function villain(model: LocalModel): Promise<Direction> {
    const asked = questionsOfSet("development", 5);
    const texts = await answersUnderPrompts(model, asked, characterPairs(asked.length, 100), { seed: 100 });
    const about = { askew: "0.0.0", method: "prompts", positive: "villain", negative: "helper" } as const;
    const recipe = { ...about, model: identityOf(model, "organism"), questions: [], seed: 100 };
    const made = await contrastDirections(model, texts, recipe);
    return made["answer-average"];
  }
});
