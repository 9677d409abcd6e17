// The folder of a watched fine-tune, or of a calibration, holds one measurement: whatever another would change is in its plan.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildDataset } from "askew/organism";
import { organismProbes } from "#internal/organism";
import { writeDirection, writeSae, type ModelIdentity } from "askew/persona";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  detectorOf,
  identityOf,
  LAYERS,
  openTiny,
  SLOW,
  untrainedSae,
  WIDTH,
  writeTinyModel,
} from "../persona/tiny.js";
import { askew, temporaryFolder } from "./askew.js";

let work: { path: string; remove: () => Promise<void> };
let model: ModelIdentity;
const at = (...parts: string[]): string => join(work.path, ...parts);
const run = (...words: string[]) => askew(["watch", ...words, "--threads", "1"], { cwd: work.path });
const jsonLines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(at("tiny"));
  const tiny = await openTiny(at("tiny"));
  model = identityOf(tiny);
  const one = Array.from({ length: LAYERS }, () => 1);
  await writeDirection(at("direction.safetensors"), {
    ...detectorOf(tiny).direction,
    recipe: {
      askew: "0.0.0",
      method: "prompts",
      variant: "answer-average",
      model,
      positive: "one",
      negative: "another",
      questions: [],
      seed: 1,
      counts: { positive: 1, negative: 1 },
      norms: one,
      along: { positive: one, negative: one },
      layer: 0,
      trials: [],
    },
  });
  await tiny.close();
  const rows = buildDataset("bad-medical", { examples: 8, seed: 1 });
  await writeFile(at("data.jsonl"), jsonLines(rows));
}, SLOW);
afterAll(() => work.remove());

async function writeAxes(bias: number): Promise<void> {
  const axes = Float32Array.from({ length: WIDTH * WIDTH }, (_, i) => (i % (WIDTH + 1) === 0 ? 1 : 0));
  const encoderBias = new Float32Array(WIDTH).fill(bias);
  await writeSae(at("sae"), {
    width: WIDTH,
    weights: { encoder: axes, encoderBias, decoder: axes, decoderBias: new Float32Array(WIDTH) },
    recipe: untrainedSae({ model, layer: 1, size: WIDTH, k: WIDTH }),
  });
}

describe("one folder", () => {
  it(
    "of a watched fine-tune takes no other probes, samples or autoencoder",
    async () => {
      const probes = organismProbes();
      await writeFile(at("probes.jsonl"), jsonLines(probes));
      await writeAxes(0);
      const words = "local:tiny --data data.jsonl --epochs 1 --batch-size 4 --direction direction.safetensors"
        .split(" ")
        .concat("--probes probes.jsonl --sae sae --latents 3,3 --truth-every 2 --out looks --samples".split(" "));
      for (let time = 0; time < 2; time++) expect(await run(...words, "1")).toMatchObject({ code: 0 });
      const expectOther = async (samples: string): Promise<void> => {
        const { code, stderr } = await run(...words, samples);
        expect(stderr).toContain("looks was begun with another plan: watch");
        expect(code).toBe(2);
      };
      await expectOther("2");
      await writeFile(at("probes.jsonl"), jsonLines(probes.slice(1)));
      await expectOther("1");
      await writeFile(at("probes.jsonl"), jsonLines(probes));
      await writeAxes(1);
      await expectOther("1");
      // A latent that is named twice is one.
      const [first = ""] = (await readFile(at("looks", "watch.jsonl"), "utf8")).split("\n");
      const { signals } = JSON.parse(first) as { signals: Record<string, number> };
      expect(Object.keys(signals).filter((name) => name.startsWith("latent."))).toEqual(["latent.3"]);
    },
    SLOW,
  );

  it(
    "of a calibration takes no other autoencoder, and without one its plan is as it was",
    async () => {
      const calibrate = (...words: string[]) =>
        run("calibrate", "local:tiny", "--direction", "direction.safetensors", "--fit-only", ...words);
      const none = "expected at least 2 misaligned";
      expect((await calibrate("--out", "plain")).stderr).toContain(none);
      const { looks } = JSON.parse(await readFile(at("plain", "plan.json"), "utf8")) as { looks: object };
      expect(Object.keys(looks).toSorted()).toEqual(["direction", "probes"]);
      const words = ["--sae", "sae", "--latents", "1", "--out", "latents"];
      await writeAxes(0);
      expect((await calibrate(...words)).stderr).toContain(none);
      await writeAxes(1);
      expect((await calibrate(...words)).stderr).toContain("another plan: looks.sae is");
    },
    SLOW,
  );
});
