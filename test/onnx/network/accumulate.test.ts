// A step that is worked through in parts, or computes layers again, is the step of the whole batch.
import { Engine } from "askew/graph";
import { Trainer, type LoraOptions, type TransformerConfig, type TrainingRow } from "askew/onnx";
import { Random } from "askew/statistics";
import { afterAll, describe, expect, it } from "vitest";
import { distance } from "../../graph/evaluation.js";
import { livelyWeights, MODELS } from "./models.js";

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

const LORA: LoraOptions = { rank: 2, alpha: 4 };

/** Rows of different lengths, with different numbers of answered tokens; one has none. */
function rows(config: TransformerConfig, seed: number): TrainingRow[] {
  const random = Random.of("rows", seed);
  return [7, 4, 9, 5, 12].map((length, row) => ({
    ids: Array.from({ length }, () => random.integer(config.vocabSize)),
    answer: Array.from({ length }, (_, i) => row !== 3 && i > 1 && random.uniform() < 0.7),
  }));
}

type Way = { readonly parts?: number; readonly recompute?: boolean; readonly isSteered?: boolean };

/** The gradient of one step, as the first moments that it leaves: without weight decay and clipping they are a tenth of it. */
async function step(
  config: TransformerConfig,
  lora: LoraOptions | undefined,
  { parts, recompute = false, isSteered = false }: Way,
) {
  const scope = `${config.modelType} ${config.width} ${JSON.stringify({ lora, parts, recompute, isSteered })}`;
  const adamw = { weightDecay: 0, clip: 1e9 };
  const weights = livelyWeights(config, 1);
  const trainer = await Trainer.create({ engine, config, weights, scope, adamw, ...(lora && { lora }) });
  const size = parts === undefined ? {} : { rows: parts };
  // B is zero at first, and with it the gradient of A: the second step has both.
  const add = Float32Array.from({ length: config.width }, (_, i) => Math.cos(i));
  const extras = { recompute, ...(isSteered && { steering: [{ layer: 0, add, projectOut: add }] }) };
  await trainer.train(rows(config, 1), 1e-2, size, extras);
  const { loss, gradientNorm, tokens } = await trainer.train(rows(config, 2), 1e-3, size, extras);
  const { tensors } = await trainer.checkpoint();
  await trainer.close();
  const moments = [...tensors].filter(([name]) => name.startsWith("adamw.m."));
  return { loss, gradientNorm, tokens, moments: moments.map(([, { data }]) => data) };
}

describe("a step of the same rows", () => {
  const [tied] = Object.values(MODELS) as [TransformerConfig];
  const wide = MODELS["a Qwen2 that is wide"] as TransformerConfig;
  const models: readonly (readonly [string, TransformerConfig, LoraOptions | undefined])[] = [
    ["all weights", tied, undefined],
    ["an adapter", tied, LORA],
    ["an adapter of a wide model", wide, LORA],
  ];
  const ways: Record<string, Way> = {
    "two rows at a time": { parts: 2 },
    "one row at a time": { parts: 1 },
    "layers computed again": { recompute: true },
    both: { parts: 2, recompute: true },
    "layers that are steered computed again": { recompute: true, isSteered: true },
  };
  for (const [what, config, lora] of models) {
    for (const [how, way] of Object.entries(ways)) {
      it(`${what}, ${how}: loss, norm and gradient within 1e-6`, async () => {
        const whole = await step(config, lora, way.isSteered === true ? { isSteered: true } : {});
        const found = await step(config, lora, way);
        expect(found.tokens).toBe(whole.tokens);
        expect(distance([found.loss], [whole.loss])).toBeLessThan(1e-6);
        expect(distance([found.gradientNorm], [whole.gradientNorm])).toBeLessThan(1e-6);
        expect(found.moments.length).toBe(whole.moments.length);
        const all = (moments: readonly Float32Array[]): number[] => moments.flatMap((data) => [...data]);
        expect(distance(all(found.moments), all(whole.moments))).toBeLessThan(1e-6);
      });
    }
  }

  it("begins its sums anew after weights that were no numbers", async () => {
    const trainer = await Trainer.create({ engine, config: tied, weights: livelyWeights(tied, 1), scope: "anew" });
    const size = { rows: 2 };
    const first = await trainer.train(rows(tied, 1), 1e-2, size);
    await trainer.reset(
      new Map([...livelyWeights(tied, 1)].map(([name, t]) => [name, { ...t, data: t.data.map(() => NaN) }])),
    );
    expect((await trainer.train(rows(tied, 1), 1e-2, size)).loss).toBeNaN();
    await trainer.reset(livelyWeights(tied, 1));
    expect(await trainer.train(rows(tied, 1), 1e-2, size)).toEqual(first);
    await trainer.close();
  });
});
