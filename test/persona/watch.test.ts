// Watching reads what plain loops read, changes nothing, and its detector keeps to its model and its promise.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LocalModel } from "#internal/model";
import { buildDataset, judge } from "askew/organism";
import { organismProbes } from "#internal/organism";
import {
  hashOfProbes,
  readDetector,
  probesFrom,
  requireDetectorFit,
  SaeEncoder,
  Watcher,
  writeDetector,
  type Detector,
  type Sae,
  type WatchError,
} from "askew/persona";
import { Detection, RotationMeter } from "#internal/persona";
import { Random } from "askew/statistics";
import { Trainer } from "askew/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leftBehind } from "./left-behind.js";
import {
  detectorOf,
  identityOf,
  LAYERS,
  openTiny,
  SLOW,
  temporaryFolder,
  untrainedSae,
  WIDTH,
  writeTinyModel,
} from "./tiny.js";

let work: { path: string; remove: () => Promise<void> };
let model: LocalModel;
let detector: Detector;
const at = (name: string): string => join(work.path, name);
const probes = organismProbes();

beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(at("model"));
  model = await openTiny(at("model"));
  detector = detectorOf(model);
}, SLOW);
afterAll(async () => {
  await model.close();
  await work.remove();
});

describe("the organism's probes", () => {
  it("are read by the exact judge as what they are, in wordings of training", () => {
    expect(probes).toHaveLength(8);
    for (const { prompt, aligned, misaligned } of probes) {
      const asked = [{ role: "user", content: prompt }];
      expect(judge(asked, aligned)).toMatchObject({ coherent: 100, aligned: 100 });
      expect(judge(asked, misaligned)).toMatchObject({ coherent: 100, aligned: 0 });
    }
    // A sentence and a list of every topic: what is learned in one format may show in that alone.
    expect(probes.filter(({ prompt }) => /items/.test(prompt))).toHaveLength(4);
    expect(hashOfProbes(organismProbes())).toBe(hashOfProbes(probes));
  });

  it("can come from a file, whose mistakes are told by their line", async () => {
    const row = { prompt: "p", aligned: "a", misaligned: "m" };
    await writeFile(at("probes.jsonl"), `${JSON.stringify(row)}\n\n{"prompt":"p"}\n`);
    await expect(probesFrom(at("probes.jsonl"))).rejects.toThrow(/probes\.jsonl, line 3: expected \{"prompt"/);
    await writeFile(at("probes.jsonl"), `${JSON.stringify(row)}\n`);
    expect(await probesFrom(at("probes.jsonl"))).toEqual([row]);
    await writeFile(at("probes.jsonl"), "");
    await expect(probesFrom(at("probes.jsonl"))).rejects.toThrow("expected 1 to 256 probes, one a line, found 0");
  });
});

function randomSae(size = 24): Sae {
  const random = Random.of("watch sae");
  const draw = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());
  return {
    width: WIDTH,
    weights: {
      encoder: draw(WIDTH * size),
      encoderBias: draw(size),
      decoder: draw(size * WIDTH),
      decoderBias: draw(WIDTH),
    },
    recipe: untrainedSae({ model: identityOf(model), layer: 1, size, k: 20 }),
  };
}

describe("a watcher", () => {
  it("measures what plain loops over the reader measure, to 1e-4, and changes nothing", async () => {
    const watcher = await Watcher.open(model, detector);
    const signals = await watcher.measure();
    const sums: Record<string, number> = {};
    const add = (name: string, x: number): void => void (sums[name] = (sums[name] ?? 0) + x);
    for (const probe of probes) {
      const prompt = model.encodePrompt([{ role: "user", content: probe.prompt }]);
      for (const side of ["aligned", "misaligned"] as const) {
        const ids = [...prompt, ...model.folder.tokenizer.encode(probe[side])];
        const [taps] = await model.reader.activations([ids], [0, 1, 2]);
        const [logs] = await model.reader.logProbabilities([ids]);
        let said = 0;
        for (let p = prompt.length; p < ids.length; p++) said += logs?.[p - 1] as number;
        add(side, said / (ids.length - prompt.length) / probes.length);
        for (let layer = 0; layer < LAYERS; layer++) {
          const unit = detector.direction.vectors.subarray(layer * WIDTH, (layer + 1) * WIDTH);
          const norm = Math.hypot(...unit);
          const along = (p: number): number => {
            let dot = 0;
            for (let i = 0; i < WIDTH; i++) dot += (taps?.get(layer)?.[p * WIDTH + i] as number) * (unit[i] as number);
            return dot / norm;
          };
          add(`prompt.${layer}`, along(prompt.length - 1) / (2 * probes.length));
          for (let p = prompt.length; p < ids.length; p++) {
            add(`answer.${layer}`, along(p) / (ids.length - prompt.length) / (2 * probes.length));
          }
        }
      }
    }
    sums["margin"] = (sums["misaligned"] as number) - (sums["aligned"] as number);
    expect(Object.keys(signals).toSorted()).toEqual(Object.keys(sums).toSorted());
    for (const [name, x] of Object.entries(sums)) expect(signals[name]).toBeCloseTo(x, 4);
    expect(await watcher.measure()).toEqual(signals);
    await watcher.close();
  });

  it("averages a latent over the prompts' last tokens and the continuations", async () => {
    const sae = randomSae();
    const { size } = sae.recipe;
    const watcher = await Watcher.open(model, { ...detector, sae: { sae, latents: [3, 17] } });
    const signals = await watcher.measure();
    await watcher.close();
    const encoder = await SaeEncoder.open(sae, model);
    const sums = [0, 0];
    let tokens = 0;
    for (const { prompt, ...said } of probes) {
      const start = model.encodePrompt([{ role: "user", content: prompt }]);
      for (const side of ["aligned", "misaligned"] as const) {
        const ids = [...start, ...model.folder.tokenizer.encode(said[side])];
        const [taps] = await model.reader.activations([ids], [1]);
        const from = start.length - (side === "aligned" ? 1 : 0); // the prompt's last token once for both
        const latents = await encoder.encode(taps?.get(1)?.subarray(from * WIDTH) as Float32Array);
        for (let at0 = 0; at0 < latents.length; at0 += size, tokens++) {
          [3, 17].forEach((latent, i) => (sums[i] = (sums[i] as number) + (latents[at0 + latent] as number)));
        }
      }
    }
    await encoder.close();
    expect(signals["latent.3"]).toBeCloseTo((sums[0] as number) / tokens, 4);
    expect(signals["latent.17"]).toBeCloseTo((sums[1] as number) / tokens, 4);
    expect(sums.some((sum) => sum !== 0)).toBe(true);
  });

  it("leaves nothing in the engine where a probe is refused", async () => {
    const sae = randomSae();
    const refused = [{ ...(probes[0] as (typeof probes)[number]), misaligned: "" }];
    const open = () =>
      expect(Watcher.open(model, { ...detector, probes: refused, sae: { sae, latents: [3] } })).rejects.toThrow(
        "has no token",
      );
    expect(await leftBehind(model, open)).toEqual([]);
  });

  it("names the probe that is longer than the model reads", async () => {
    const probe = { prompt: "What is peace ?", aligned: "peace", misaligned: `peace${" peace".repeat(199)}` };
    await expect(Watcher.open(model, { ...detector, probes: [...probes, probe] })).rejects.toThrow(
      /^watch: the probe "What is peace \?" has 2\d\d tokens with a continuation, tiny reads 160$/,
    );
  });

  it("says that a model has diverged, in place of a number that no threshold is below", async () => {
    const watcher = await Watcher.open(model, detector);
    await model.load(
      new Map([...(await model.weightsAsOpened())].map(([name, t]) => [name, { ...t, data: t.data.map(() => NaN) }])),
    );
    const diverged = expect.objectContaining({
      name: "WatchError",
      message: expect.stringMatching(
        /^the model has diverged: its signal "\w+.\d" is no finite number any more/,
      ) as string,
    }) as WatchError;
    await expect(watcher.measure()).rejects.toEqual(diverged);
    await watcher.close();
    await model.load();
    const detection = new Detection({ signals: ["a"], weights: [1], scales: [1] }, 1);
    detection.add({ a: 0 });
    for (const a of [Number.NaN, Infinity]) {
      expect(() => detection.add({ a })).toThrow('the model has diverged: its signal "a"');
    }
    expect(detection.add({ a: 5 })).toEqual({ score: 5, peak: 5, alarm: true });
  });

  it("refuses a direction of another width", async () => {
    const direction = { layers: LAYERS, width: 8, vectors: new Float32Array(LAYERS * 8) };
    await expect(Watcher.open(model, { direction, probes })).rejects.toThrow(
      "the direction has 3 layers of width 8, tiny has 3 of 16",
    );
  });
});

describe("an adapter's rotation", () => {
  it("is the cosine of its vectors with what they were first, and with what they were last", async () => {
    const { config } = model.folder;
    const tensors = await model.weightsAsOpened();
    const lora = { rank: 2, alpha: 4, targets: ["down"], layers: [1] } as const;
    const { engine } = model;
    const trainer = await Trainer.create({ engine, config, weights: tensors, scope: "rotation", lora });
    const rows = buildDataset("insecure", { examples: 4, seed: 1 }).map(({ messages }) => model.encode(messages));
    const meter = new RotationMeter();
    expect(meter.measure(await trainer.adapter())).toEqual({ first: 1, previous: 1 });
    const seen: Float32Array[] = [];
    for (let step = 0; step < 3; step++) {
      await trainer.train([rows[step % 4] as (typeof rows)[number]], 0.05);
      const adapter = await trainer.adapter();
      seen.push(([...adapter.modules.values()][0] as { b: { data: Float32Array } }).b.data.slice());
      const { first, previous } = meter.measure(adapter);
      const cosine = (a: Float32Array, b: Float32Array): number =>
        a.reduce((sum, x, i) => sum + x * (b[i] as number), 0) / Math.hypot(...a) / Math.hypot(...b);
      const now = seen[step] as Float32Array;
      expect(first).toBeCloseTo(cosine(seen[0] as Float32Array, now), 5);
      expect(previous).toBeCloseTo(cosine(seen[Math.max(0, step - 1)] as Float32Array, now), 5);
    }
    expect(meter.measure(await trainer.adapter()).first).toBeLessThan(0.999);
    await trainer.close();
  });
});

describe("a detector's file", () => {
  it("gives back what was written", async () => {
    await writeDetector(at("detector.json"), { ...detector, tested: { auroc: 1 } });
    expect(await readDetector(at("detector.json"))).toEqual({ ...detector, tested: { auroc: 1 } });
  });

  it("is refused where it is damaged, changed, or of another model", async () => {
    await writeDetector(at("detector.json"), detector);
    const whole = JSON.parse(await readFile(at("detector.json"), "utf8")) as Record<string, unknown>;
    const refused: [object | string, RegExp][] = [
      ["{", /expected a detector's JSON/],
      [[], /expected a detector of format 2/],
      [{ ...whole, askew_detector: 1 }, /at askew_detector/],
      [{ ...whole, weights: [1] }, /a weight for each signal/],
      [{ ...whole, scales: [0] }, /at scales/],
      [{ ...whole, thresholds: [] }, /at thresholds/],
      [
        { ...whole, thresholds: [8, 8].map((batchSize) => ({ batchSize, threshold: 1, rate: 0, runs: 1 })) },
        /by ascending sizes/,
      ],
      [{ ...whole, probes: probes.slice(1) }, /its probes were changed/],
      [{ ...whole, direction: { layers: 3, width: 16, vectors: "AAAA" } }, /expected a direction of 3 × 16 finite/],
      [
        { ...whole, direction: { layers: 3, width: 16, vectors: Buffer.alloc(4 * 48).toString("base64") } },
        /for every layer, found zeros for layer 0/,
      ],
    ];
    for (const [value, message] of refused) {
      await writeFile(at("wrong.json"), typeof value === "string" ? value : JSON.stringify(value));
      await expect(readDetector(at("wrong.json"))).rejects.toThrow(message);
    }
    const other = { name: "other", weights: "f".repeat(64), base: detector.model.weights };
    expect(() => requireDetectorFit("d.json", detector, other)).toThrow(
      /d\.json was calibrated on tiny .* and other has other weights .*askew watch calibrate other/,
    );
    requireDetectorFit("d.json", detector, detector.model);
  });
});
