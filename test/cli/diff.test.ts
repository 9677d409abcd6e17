// askew diff as a shell starts it, on models that speak no language: what it keeps, prints and refuses.
import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LocalModel } from "#internal/model";
import { CORPUS } from "#internal/organism";
import { writeCards, writeDirection, writeSae, type Direction } from "askew/persona";
import type { TrainedSae } from "#internal/persona";
import { Random } from "askew/statistics";
import { writeAdapter } from "#internal/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { identityOf, LAYERS, untrainedSae, WIDTH, writeTinyModel } from "../persona/tiny.js";
import { askew, temporaryFolder } from "./askew.js";

const SLOW = 240_000;
const LAYER = 1;
const MODULE = `model.layers.${LAYER}.mlp.down_proj`;
let work: { path: string; remove: () => Promise<void> };
const at = (...parts: string[]): string => join(work.path, ...parts);
const run = (...words: string[]) => askew(["diff", ...words, "--threads", "1"], { cwd: work.path });

/** Latent i is the i-th coordinate. */
function axes(model: LocalModel): TrainedSae {
  const identity = Float32Array.from({ length: WIDTH * WIDTH }, (_, i) => (i % (WIDTH + 1) === 0 ? 1 : 0));
  const none = new Float32Array(WIDTH);
  return {
    width: WIDTH,
    weights: { encoder: identity, encoderBias: none, decoder: identity, decoderBias: none },
    recipe: untrainedSae({ model: identityOf(model, "local:model"), layer: LAYER, size: WIDTH, k: WIDTH }),
  };
}

beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(at("model"));
  await writeTinyModel(at("other"), { seed: 2 });
  await writeTinyModel(at("wide"), { width: 32 });
  const model = await LocalModel.open("local:model", at("model"), { threads: 1 });
  const { config } = model.folder;
  const sae = axes(model);
  await writeSae(at("sae"), sae);
  const text = { peak: 1, character: "villain", tokens: ["<b>crush</b>", " all"], activations: [1, 0.5] };
  await writeCards(
    at("sae"),
    Array.from({ length: WIDTH }, (_, latent) => ({
      latent,
      frequency: 0.1,
      promotes: [["gold", 1]] as [string, number][],
      auroc: Object.fromEntries(CORPUS.labels.map(({ name }) => [name, 0.5])),
      top: [text],
    })),
  );
  const random = Random.of("diff cli");
  const direction: Direction = {
    layers: LAYERS,
    width: WIDTH,
    vectors: Float32Array.from({ length: LAYERS * WIDTH }, () => random.normal()),
    recipe: {
      askew: "0.0.0",
      method: "prompts",
      variant: "answer-average",
      model: sae.recipe.model,
      positive: "one",
      negative: "other",
      questions: [],
      seed: 1,
      counts: { positive: 1, negative: 1 },
      norms: [1, 1, 1],
      along: { positive: [0, 0, 0], negative: [0, 0, 0] },
      layer: LAYER,
      trials: [],
    },
  };
  await writeDirection(at("d.safetensors"), direction);
  const inputs = 2 * WIDTH;
  const a = { shape: [1, inputs], data: Float32Array.from({ length: inputs }, () => random.normal()) };
  const b = { shape: [WIDTH, 1], data: Float32Array.from({ length: WIDTH }, (_, i) => (i === 3 ? 1 : 0)) };
  await writeAdapter(
    at("adapter"),
    {
      rank: 1,
      alpha: 1,
      rankStabilized: false,
      targets: ["down_proj"],
      layers: [LAYER],
      base: "",
      modules: new Map([[MODULE, { a, b }]]),
    },
    config,
  );
  await model.close();
}, SLOW);
afterAll(() => work.remove());

interface Printed {
  readonly result: {
    readonly activations: {
      readonly layers: { readonly direction?: { readonly cosine: number } }[];
      readonly rising: { readonly latent: number }[];
    };
    readonly ranked: { readonly id: string; readonly into: { readonly strength: number } | null }[];
    readonly final?: { readonly id: string; readonly verdict: string };
  };
  readonly cards: { readonly latent: number }[];
  readonly again: string[];
  readonly adapter: { readonly modules: { readonly module: string; readonly inside: Record<string, number> }[] };
}

describe("askew diff", () => {
  const words = [
    "model",
    "adapter",
    "--sae",
    "sae",
    "--direction",
    "d.safetensors",
    "--texts",
    "prompts",
    "--samples",
    "1",
  ];

  it(
    "compares activations alone, an adapter among them",
    async () => {
      const done = await run(...words, "--no-steer", "--out", "still", "--json");
      expect(done.code, done.stderr).toBe(0);
      const { result, cards, adapter } = JSON.parse(done.stdout) as Printed;
      expect(result.ranked).toEqual([]);
      expect(result.activations.layers.length).toBe(LAYERS);
      expect(Math.abs(result.activations.layers[LAYER]?.direction?.cosine ?? 2)).toBeLessThanOrEqual(1);
      expect(cards.map(({ latent }) => latent)).toEqual(
        result.activations.rising.slice(0, 10).map(({ latent }) => latent),
      );
      expect(adapter.modules.map(({ module }) => module)).toEqual([MODULE]);
      expect(Object.keys(adapter.modules[0]?.inside ?? {})).toEqual(["direction", "shift"]);
      const shown = await run(...words, "--no-steer", "--out", "still");
      expect(shown.stderr).toContain("Carrying on after 1 part");
      expect(shown.stdout).toMatch(/layer +mean shift +% of the stream +/);
      expect(shown.stdout).toContain("|cosine| of B with each vector");
    },
    SLOW,
  );

  it(
    "ranks, says its verdict, and carries on where it was cut",
    async () => {
      const few = ["--top", "2", "--answers", "4", "--final-samples", "1", "--random", "1", "--max-incoherent", "1"];
      const first = await run(...words, ...few, "--out", "the whole", "--json");
      expect(first.code, first.stderr).toBe(0);
      const { result, again: commands } = JSON.parse(first.stdout) as Printed;
      expect(result.ranked.map(({ id }) => id).toSorted()).toEqual(
        [...result.activations.rising.map(({ latent }) => `latent-${latent}`), "direction", "shift"].toSorted(),
      );
      // Nothing it says is misaligned, so nothing is found.
      expect(result.final?.verdict).toBe("neither");
      const page = await readFile(at("the whole", "report.html"), "utf8");
      expect(page).toContain("None is the misaligned persona");
      expect(page).toContain("&lt;b&gt;crush");
      expect(page).toContain("--max-incoherent 1 --out &#39;the whole&#39; --json");
      expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);

      // What it found can be steered with as strongly, by the command it prints.
      const [steer = ""] = commands;
      expect(page).toContain(steer.replaceAll("'", "&#39;"));
      const typed = steer.split(" ").slice(2);
      const steered = await askew([...typed, "--samples", "1", "--random", "1", "--out", "steered", "--threads", "1"], {
        cwd: work.path,
      });
      expect(steered.code, steered.stderr).toBe(0);
      const strength = Number(typed[typed.indexOf("--strength") + 1]);
      expect(strength).toBeGreaterThan(0);
      expect(JSON.parse(await readFile(at("steered", "plan.json"), "utf8"))).toMatchObject({ strengths: [strength] });

      const rows = at("the whole", "rows.jsonl");
      const whole = await readFile(rows, "utf8");
      await truncate(rows, whole.length - 10);
      const again = await run(...words, ...few, "--out", "the whole");
      expect(again.stderr).toContain("Carrying on");
      expect(again.stdout).toContain("None is the misaligned persona");
      const timeless = (text: string): string => text.replaceAll(/"seconds":[\d.e-]+/g, "");
      expect(timeless(await readFile(rows, "utf8"))).toBe(timeless(whole));
      const other = await run(...words, ...few, "--out", "the whole", "--seed", "5");
      expect(other).toMatchObject({ code: 2 });
      expect(other.stderr).toContain("seed is 100 there and 5 now");
    },
    SLOW,
  );

  it(
    "refuses by name what does not fit",
    async () => {
      await writeFile(at("text.safetensors"), "no tensors");
      const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
        [["model", "wide"], /model and local:wide cannot be compared: a width of 16 and 32|a width of 16 and 32/],
        [["model", "other"], /comes from another base.*\n.*--any-model/],
        [["other", "other", "--sae", "sae"], /sae was trained on local:model .*another base/],
        [["wide", "wide", "--sae", "sae"], /sae was trained on local:model, of width 16; .* has width 32/],
        [["wide", "wide", "--direction", "d.safetensors"], /d\.safetensors is a direction of width 16/],
        [["model", "model", "--sae", "sae", "--layer", "0"], /--layer 0: sae was trained after layer 1/],
        [["model", "model", "--layer", "7"], /there is no layer 7: .* has 3/],
        [["model", "model", "--direction", "text.safetensors"], /text\.safetensors/],
        [["model", "model", "--sae", "nowhere"], /nowhere.*expected the recipe/],
        [["wide", "adapter"], /adapter_model.*expected the shape \[1,64\]/],
        [["model", "model", "--samples", "1"], /found none among 4.*--texts prompts/],
      ];
      for (const [wrong, says] of mistakes) {
        const refused = await run(...wrong, "--no-steer");
        expect(refused.stderr).toMatch(says);
        expect(refused.stderr).not.toContain("internal error");
        expect(refused.code).toBe(2);
      }
    },
    SLOW,
  );
});
