// Autoencoders of SAELens compute here what they compute there; references.py wrote what that is.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReadableModel } from "askew/model";
import { writeSafetensors } from "askew/onnx";
import { readSae, requireSaeFit, SaeEncoder } from "askew/persona";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

interface Case {
  readonly cfg: Record<string, unknown> & { readonly metadata: Record<string, unknown> };
  readonly tensors: Record<string, { shape: number[]; data: number[] }>;
  readonly x: number[];
  readonly latents: number[];
  readonly decoded: number[];
}

const cases = JSON.parse(await readFile(new URL("../../fixtures/sae-lens.json", import.meta.url), "utf8")) as Record<
  string,
  Case
>;
/** An encoder looks at nothing but a model's threads. */
const MODEL = { threads: 1 } as ReadableModel;

let work: string;
beforeAll(async () => void (work = await mkdtemp(join(tmpdir(), "askew-sae-lens-"))));
afterAll(() => rm(work, { recursive: true }));

let folders = 0;
async function folderOf({ tensors }: Case, cfg: object): Promise<string> {
  const folder = join(work, `${folders++}`);
  await mkdir(folder);
  await writeFile(join(folder, "cfg.json"), JSON.stringify(cfg));
  const entries = Object.entries(tensors).map(
    ([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }] as const,
  );
  await writeSafetensors(join(folder, "sae_weights.safetensors"), new Map(entries));
  return folder;
}

const difference = (a: Float32Array, b: readonly number[]): number =>
  Math.max(...b.map((x, i) => Math.abs(x - (a[i] as number))));

it.each(Object.entries(cases))("%s: latents and reconstructions are SAELens's within 1e-5", async (_name, one) => {
  const sae = await readSae(await folderOf(one, one.cfg));
  expect(sae).toMatchObject({ width: 6, recipe: { layer: 1, size: 14, model: { name: "tiny", weights: "" } } });
  const encoder = await SaeEncoder.open(sae, MODEL);
  const { latents, decoded } = await encoder.reconstruct(Float32Array.from(one.x));
  await encoder.close();
  expect(difference(latents, one.latents)).toBeLessThan(1e-5);
  expect(difference(decoded, one.decoded)).toBeLessThan(1e-5);
});

describe("the folder of another tool", () => {
  const standard = cases["standard"] as Case;
  const topk = cases["topk"] as Case;
  const { metadata, ...flat } = standard.cfg;

  it("may be of an older version, which calls its settings otherwise", async () => {
    const { k, architecture: _a, ...rest } = topk.cfg;
    const old = { ...rest, metadata: undefined, activation_fn_str: "topk", activation_fn_kwargs: { k } };
    const sae = await readSae(
      await folderOf(topk, { ...old, hook_point: "blocks.4.hook_resid_pre", normalize_activations: false }),
    );
    expect(sae.recipe).toMatchObject({ kind: "topk", k: 3, layer: 3 });
  });

  it("fits every model of its width that has its layer", async () => {
    const sae = await readSae(await folderOf(standard, standard.cfg));
    const model = { name: "m", weights: "a", base: "b" };
    expect(() => requireSaeFit("f", sae, { layers: 2, width: 6 }, model)).not.toThrow();
    expect(() => requireSaeFit("f", sae, { layers: 1, width: 6 }, model)).toThrow(/after layer 1; m has layers 0 … 0/);
    expect(() => requireSaeFit("f", sae, { layers: 2, width: 8 }, model)).toThrow(/width 6; m has width 8/);
  });

  const refused: readonly (readonly [string, object, RegExp])[] = [
    ["another architecture", { architecture: "temporal" }, /architecture: expected standard, topk.*found "temporal"/],
    ["a prototype's name", { architecture: "constructor" }, /architecture: .*found "constructor"/],
    ["another activation", { activation_fn: "tanh-relu" }, /activation_fn: expected relu or topk/],
    ["a factor that is elsewhere", { normalize_activations: "expected_average_only_in" }, /normalize_activations: /],
    ["heads", { reshape_activations: "hook_z" }, /reshape_activations: expected none, found "hook_z"/],
    ["a head alone", { hook_head_index: 3 }, /hook_head_index: /],
    ["fine-tuned scales", { finetuning_scaling_factor: true }, /finetuning_scaling_factor: /],
    ["the embeddings", { hook_name: "blocks.0.hook_resid_pre" }, /hook_name: expected the residual stream after/],
    ["the output of an MLP", { hook_name: "blocks.1.hook_mlp_out" }, /hook_name: .*found "blocks.1.hook_mlp_out"/],
    ["no place", { hook_name: undefined }, /hook_name: .*found nothing/],
    ["a width of its own", { d_in: 7 }, /expected the tensor W_enc \[7, 14\], found \[6, 14\]/],
    ["a width beyond all", { d_in: 2 ** 40 }, /d_in: /],
  ];
  it.each(refused)("with %s is refused by name", async (_what, change, message) => {
    const folder = await folderOf(standard, { ...flat, ...metadata, ...change });
    await expect(readSae(folder)).rejects.toThrow(message);
  });
});
