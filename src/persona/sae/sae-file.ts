/**
 * Sparse autoencoders on disk, as SAELens 6 reads them: `cfg.json` and `sae_weights.safetensors` with W_enc [d_in, d_sae],
 * b_enc, W_dec [d_sae, d_in], b_dec, and for batchtopk the threshold, which makes it a `jumprelu` there as with SAELens'
 * own. The recipe lies beside them in `recipe.json`. Files are read with mistrust.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readSafetensors, writeSafetensors, type Tensor, type TransformerConfig } from "../../onnx/index.js";
import type { ModelIdentity } from "../direction.js";
import { makeFolder, readTextIfPresent, writeJson, type FolderKind } from "../../store/index.js";
import { SaeError } from "./error.js";
import { readSaeLens, tensorOf } from "./sae-lens.js";
import { SAE_KINDS, type Sae, type SaeRecipe, type SaeWeights, type TrainedSae } from "./sae.js";

const RECIPE = "recipe.json";

/** All that training and measuring an autoencoder writes in its folder. */
const SAE_FOLDER: FolderKind = {
  kind: "sparse autoencoder",
  record: RECIPE,
  fits: (recipe) => saeRecipeSchema.safeParse(recipe).success,
  files: [RECIPE, "cfg.json", "sae_weights.safetensors", "summary.json", "latents.jsonl", "checkpoint.safetensors"],
};

/** What measuring another tool's autoencoder writes beside it. */
const FOREIGN_FOLDER: FolderKind = { kind: "measurement", files: ["summary.json", "latents.jsonl"] };

/** Another tool's autoencoder has no recipe, and nothing of it is askew's own but the measurements. */
export const saeFolderKind = ({ askew }: Pick<Sae["recipe"], "askew">): FolderKind =>
  askew === undefined ? FOREIGN_FOLDER : SAE_FOLDER;

const WEIGHTS = "sae_weights.safetensors";
const MOST_BYTES = 2 ** 20;
const CURE = "Train one with: askew sae train";

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(1);
const saeRecipeSchema = z
  .object({
    askew: z.string(),
    model: z.object({ name: z.string(), weights: hash, base: hash }),
    layer: z.int().min(0),
    kind: z.enum(SAE_KINDS),
    size: count,
    k: count,
    tokens: count,
    batch: count,
    learningRate: z.number().positive(),
    deadAfter: z.number().positive(),
    seed: z.int(),
    texts: z.string(),
    scale: z.number().positive(),
  })
  .refine(({ k, size }) => k <= size, { path: ["k"], error: "there are fewer latents" });

export async function writeSae(folder: string, { width, weights, recipe }: TrainedSae): Promise<void> {
  await makeFolder(folder);
  const { size, k, kind, layer, model } = recipe;
  const tensors = new Map<string, Tensor>([
    ["W_enc", { shape: [width, size], data: weights.encoder }],
    ["b_enc", { shape: [size], data: weights.encoderBias }],
    ["W_dec", { shape: [size, width], data: weights.decoder }],
    ["b_dec", { shape: [width], data: weights.decoderBias }],
  ]);
  const { threshold } = weights;
  if (threshold !== undefined)
    tensors.set("threshold", { shape: [size], data: new Float32Array(size).fill(threshold) });
  await writeSafetensors(join(folder, WEIGHTS), tensors);
  await writeJson(join(folder, "cfg.json"), {
    architecture: kind === "topk" ? "topk" : "jumprelu",
    d_in: width,
    d_sae: size,
    ...(kind === "topk" && { k, rescale_acts_by_decoder_norm: false }),
    dtype: "float32",
    device: "cpu",
    apply_b_dec_to_input: true,
    normalize_activations: "none",
    reshape_activations: "none",
    metadata: {
      model_name: model.name,
      hook_name: `blocks.${layer}.hook_resid_post`,
      hook_head_index: null,
      model_sha256: model.weights,
      askew_version: recipe.askew,
    },
  });
  await writeJson(join(folder, RECIPE), recipe);
}

/**
 * Reads a sparse autoencoder that `askew sae train` made, or one of SAELens.
 * @throws {SaeError} where the folder holds none, or one that cannot be used as it was meant
 * @throws {ModelFileError} where its weights are no sound safetensors file
 *
 * @example
 * import { readSae } from "askew"; // not run: needs an autoencoder that was trained
 *
 * const { recipe } = await readSae("runs/sae");
 * console.log(recipe.kind, recipe.size, recipe.layer);
 */
export async function readSae(folder: string): Promise<Sae> {
  if (!existsSync(join(folder, RECIPE)) && existsSync(join(folder, "cfg.json"))) return readSaeLens(folder);
  const recipe = await readRecipe(join(folder, RECIPE));
  const path = join(folder, WEIGHTS);
  const { tensors } = await readSafetensors(path);
  const [width = 0] = tensors.get("W_enc")?.shape ?? [];
  const { size, kind } = recipe;
  const of = (name: string, shape: readonly number[]): Float32Array => tensorOf(tensors, path, name, shape);
  const thresholds = kind === "batchtopk" ? of("threshold", [size]) : undefined;
  if (thresholds?.some((threshold) => threshold !== thresholds[0]) === true) {
    throw new SaeError(`${path}: expected one threshold for all latents, found several. ${CURE}`);
  }
  const weights: SaeWeights = {
    encoder: of("W_enc", [width, size]),
    encoderBias: of("b_enc", [size]),
    decoder: of("W_dec", [size, width]),
    decoderBias: of("b_dec", [width]),
    ...(thresholds && { threshold: thresholds[0] as number }),
  };
  return { width, weights, recipe };
}

async function readRecipe(path: string): Promise<SaeRecipe> {
  const text = await readTextIfPresent(path, MOST_BYTES);
  let value: unknown;
  try {
    value = JSON.parse(text ?? "");
  } catch (error) {
    const found = text === undefined ? "nothing" : "no JSON";
    throw new SaeError(`${path}: expected the recipe of a sparse autoencoder, found ${found}. ${CURE}`, {
      cause: error,
    });
  }
  const read = saeRecipeSchema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new SaeError(`${path}: ${issue?.path.join(".") || "its root"}: ${issue?.message ?? "?"}. ${CURE}`);
}

/**
 * Refuses an autoencoder for a model it does not fit: another width, fewer layers, or other weights of another base.
 * @param folder as the user named it
 * @throws {SaeError}
 */
export function requireSaeFit(
  folder: string,
  { width, recipe }: Pick<Sae, "width" | "recipe">,
  config: Pick<TransformerConfig, "layers" | "width">,
  model: ModelIdentity,
): void {
  const made = `${folder} was trained on ${recipe.model.name}`;
  if (width !== config.width) {
    throw new SaeError(`${made}, of width ${width}; ${model.name} has width ${config.width}. ${CURE} ${model.name}`);
  }
  if (recipe.layer >= config.layers) {
    throw new SaeError(
      `${made} after layer ${recipe.layer}; ${model.name} has layers 0 … ${config.layers - 1}. ${CURE} ${model.name}`,
    );
  }
  if (recipe.model.weights === "") return; // another tool's file says no more
  if ([recipe.model.weights, recipe.model.base].some((known) => [model.weights, model.base].includes(known))) return;
  throw new SaeError(
    `${made} (sha256 ${recipe.model.weights.slice(0, 12)}…), and ${model.name} comes from another base ` +
      `(${model.base.slice(0, 12)}…). ${CURE} ${model.name}`,
  );
}
