// Model diffing: a planted change that it has to find.
import { ORGANISM_WORLD, worldAsked } from "askew/organism";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { LocalModel } from "#internal/model";
import { adapterDiff, diffModels, type DiffPlan, type Sae } from "askew/persona";
import { cosine } from "#internal/persona";
import { Random } from "askew/statistics";
import { type Adapter } from "askew/onnx";
import { readAdapter, writeAdapter } from "#internal/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Rows } from "./diff-rows.js";
import { identityOf, openTiny, SLOW, temporaryFolder, untrainedSae, WIDTH, writeTinyModel } from "./tiny.js";

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
      recipe: untrainedSae({ model: identity, layer: LAYER, size: WIDTH, k: WIDTH }),
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
    questions: worldAsked("development", 2),
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
  const final: NonNullable<DiffPlan["final"]> = {
    asked: [worldAsked("main", 1), worldAsked("code", 1)],
    trained: { set: "code", metric: "insecureCode" },
    randomSeeds: [1],
  };

  it("is where the means moved, and what rose", async () => {
    const store = new Rows();
    const { activations, ranked } = await diffModels({ before, after, sae }, plan(), {
      judge: ORGANISM_WORLD.judge,
      store,
    });
    expect(ranked).toEqual([]);
    const row = sae.weights.decoder.subarray(LATENT * WIDTH, (LATENT + 1) * WIDTH);
    // The same prompts, so nothing else moved after this layer, and nothing before it.
    expect(Math.abs(cosine(Float32Array.from(activations.shift), row) ?? 0)).toBeGreaterThan(0.9999);
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
      { id: "nothing", unit: vector() },
    ];
    const inside = adapterDiff(wide, WIDTH, { layer: 0, candidates }).modules[0]?.inside;
    expect(inside?.["in"]).toBeCloseTo(1, 5);
    expect(inside?.["half"]).toBeCloseTo(Math.SQRT1_2, 5);
    expect(inside?.["out"]).toBeCloseTo(0, 5);
    expect(inside?.["nothing"]).toBeNull();
  });

  it(
    "ends the same wherever it is stopped, and measures nothing twice",
    async () => {
      const whole = new Rows();
      const done = await diffModels({ before, after, sae }, plan({ final }), {
        judge: ORGANISM_WORLD.judge,
        store: whole,
      });
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
        await expect(
          diffModels({ before, after, sae }, plan({ final }), { judge: ORGANISM_WORLD.judge, store: cut }),
        ).rejects.toThrow("stopped");
        expect(cut.facts).toEqual(whole.facts.slice(0, most));
        const rest = new Rows(cut.rows);
        const again = await diffModels({ before, after, sae }, plan({ final }), {
          judge: ORGANISM_WORLD.judge,
          store: rest,
        });
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
    const options = { judge: ORGANISM_WORLD.judge, store, onProgress, signal: stop.signal };
    await expect(diffModels({ before, after, sae }, plan({ final }), options)).rejects.toThrow("enough");
    expect(store.rows.length).toBeGreaterThanOrEqual(2);
  });
});
