/**
 * Sparse autoencoders of SAELens, from version 3 on: `cfg.json` and `sae_weights.safetensors`. They come from anywhere, so
 * every setting is either used as SAELens uses it or refused by name.
 */
import { join } from "node:path";
import { z } from "zod";
import { readSafetensors, type Tensor } from "../../onnx/index.js";
import { fileSha256, readJson } from "../../store/index.js";
import type { Sae, SaeKind, SaeNorm, SaeWeights } from "./sae.js";
import { SaeError } from "./error.js";

const WEIGHTS = "sae_weights.safetensors";
const CONFIG = "cfg.json";
const MOST_BYTES = 2 ** 22;

/** SAELens' names of architectures → ours. */
const KINDS: Readonly<Record<string, SaeKind>> = {
  standard: "standard",
  topk: "topk",
  jumprelu: "jumprelu",
  gated: "gated",
};
const NORMS: Readonly<Record<string, SaeNorm>> = {
  none: "none",
  constant_norm_rescale: "length",
  layer_norm: "standard",
};

const count = z
  .int()
  .min(1)
  .max(2 ** 24);
const word = z.string().max(1024);
const schema = z.looseObject({
  architecture: word.default("standard"),
  d_in: count,
  d_sae: count,
  k: count.optional(),
  activation_fn: word.optional(),
  activation_fn_kwargs: z.looseObject({ k: count.optional() }).nullish(),
  apply_b_dec_to_input: z.boolean().default(true),
  normalize_activations: z.union([word, z.boolean()]).nullish(),
  reshape_activations: word.default("none"),
  rescale_acts_by_decoder_norm: z.boolean().default(false),
  finetuning_scaling_factor: z.boolean().nullish(),
  hook_name: word.optional(),
  hook_head_index: z.unknown().optional(),
  model_name: word.optional(),
});

/** Older files call some settings otherwise, and newer ones keep where the activations come from in `metadata`. */
function flat(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const { metadata, hook_point, hook_point_head_index, activation_fn_str, ...rest } = value as Record<string, unknown>;
  const { hook_name, hook_head_index, model_name } = (typeof metadata === "object" ? (metadata ?? {}) : {}) as Record<
    string,
    unknown
  >;
  const given = Object.entries({ hook_name, hook_head_index, model_name });
  return {
    ...(hook_point !== undefined && { hook_name: hook_point }),
    ...(hook_point_head_index !== undefined && { hook_head_index: hook_point_head_index }),
    ...(activation_fn_str !== undefined && { activation_fn: activation_fn_str }),
    ...rest,
    ...Object.fromEntries(given.filter(([, one]) => one !== undefined)),
  };
}

/** @throws {SaeError} naming the setting */
export async function readSaeLens(folder: string): Promise<Sae> {
  const file = join(folder, CONFIG);
  const refuse = (key: string, expected: string, found: unknown): SaeError =>
    new SaeError(
      `${file}: ${key}: expected ${expected}, found ${JSON.stringify(found) ?? "nothing"}. ` +
        "Choose another autoencoder, or train one with: askew sae train",
    );
  const read = schema.safeParse(flat(await readJson(file, MOST_BYTES, "Give the folder of an autoencoder.")));
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new SaeError(`${file}: ${issue?.path.join(".") || "its root"}: ${issue?.message ?? "?"}.`);
  }
  const cfg = read.data;
  const activation = cfg.activation_fn ?? "relu";
  const kind =
    activation === "topk" ? "topk" : Object.hasOwn(KINDS, cfg.architecture) ? KINDS[cfg.architecture] : undefined;
  if (kind === undefined) throw refuse("architecture", Object.keys(KINDS).join(", "), cfg.architecture);
  if (activation !== "relu" && activation !== "topk") throw refuse("activation_fn", "relu or topk", activation);
  const k = cfg.k ?? cfg.activation_fn_kwargs?.k;
  if (kind === "topk" && (k === undefined || k > cfg.d_sae)) throw refuse("k", `from 1 to ${cfg.d_sae}`, k);
  const norm = normOf(cfg.normalize_activations ?? "none", refuse);
  if (cfg.reshape_activations !== "none") throw refuse("reshape_activations", "none", cfg.reshape_activations);
  if (cfg.finetuning_scaling_factor === true) throw refuse("finetuning_scaling_factor", "false", true);
  if (cfg.hook_head_index !== undefined && cfg.hook_head_index !== null) {
    throw refuse("hook_head_index", "null, for no head alone", cfg.hook_head_index);
  }
  const layer = layerOf(cfg.hook_name, refuse);
  const weights = weightsOf(await readSafetensors(join(folder, WEIGHTS)), join(folder, WEIGHTS), {
    width: cfg.d_in,
    size: cfg.d_sae,
    kind,
    isCentred: cfg.apply_b_dec_to_input,
    isRescaled: kind === "topk" && cfg.rescale_acts_by_decoder_norm,
  });
  return {
    width: cfg.d_in,
    weights,
    norm,
    recipe: {
      model: { name: cfg.model_name ?? "a model that the file does not name", weights: "", base: "" },
      layer,
      kind,
      size: cfg.d_sae,
      ...(kind === "topk" && k !== undefined && { k }),
      sha256: await fileSha256(join(folder, WEIGHTS)),
    },
  };
}

type Refuse = (key: string, expected: string, found: unknown) => SaeError;

function normOf(said: string | boolean, refuse: Refuse): SaeNorm {
  const name = said === false ? "none" : said === true ? "expected_average_only_in" : said;
  const norm = Object.hasOwn(NORMS, name) ? NORMS[name] : undefined;
  if (norm !== undefined) return norm;
  const folded = "none, constant_norm_rescale or layer_norm (SAELens folds others into the weights)";
  throw refuse("normalize_activations", folded, name);
}

/** The layer after which the residual stream is read: what goes into a layer is what comes out of the one before. */
function layerOf(hook: string | undefined, refuse: Refuse): number {
  const [, after, before, plain] =
    /^(?:blocks\.(\d{1,4})\.hook_resid_post|blocks\.(\d{1,4})\.hook_resid_pre|model\.layers\.(\d{1,4}))$/.exec(
      hook ?? "",
    ) ?? [];
  const layer = before === undefined ? Number(after ?? plain) : Number(before) - 1;
  if (layer >= 0) return layer;
  const expected = "the residual stream after a layer: blocks.N.hook_resid_post, or blocks.N.hook_resid_pre from 1 on";
  throw refuse("hook_name", expected, hook);
}

interface Form {
  readonly width: number;
  readonly size: number;
  readonly kind: SaeKind;
  /** The decoder's bias is taken off the input. */
  readonly isCentred: boolean;
  /** Latents are counted in lengths of their decoder rows. */
  readonly isRescaled: boolean;
}

function weightsOf(
  { tensors }: { readonly tensors: ReadonlyMap<string, Tensor> },
  path: string,
  { width, size, kind, isCentred, isRescaled }: Form,
): SaeWeights {
  const of = (name: string, shape: readonly number[]): Float32Array => tensorOf(tensors, path, name, shape);
  const encoder = of("W_enc", [width, size]);
  const encoderBias = of(kind === "gated" ? "b_gate" : "b_enc", [size]);
  const decoder = of("W_dec", [size, width]);
  const shared = {
    encoder,
    encoderBias,
    decoder,
    decoderBias: of("b_dec", [width]),
    ...(!isCentred && { inputBias: new Float32Array(width) }),
  };
  if (kind === "jumprelu") return { ...shared, thresholds: of("threshold", [size]).map(above) };
  if (kind === "gated") {
    return { ...shared, magnitude: { scale: of("r_mag", [size]).map(Math.exp), bias: of("b_mag", [size]) } };
  }
  if (!isRescaled) return shared;
  const lengths = Float32Array.from({ length: size }, (_, i) => {
    let squares = 0;
    for (const x of decoder.subarray(i * width, (i + 1) * width)) squares += x * x;
    return Math.sqrt(squares);
  });
  return {
    ...shared,
    encoder: encoder.map((x, i) => x * (lengths[i % size] as number)),
    encoderBias: encoderBias.map((x, i) => x * (lengths[i] as number)),
    decoder: decoder.map((x, i) => x / (lengths[Math.floor(i / width)] as number)),
  };
}

/** The next larger float32: a latent must exceed SAELens' threshold, and reach ours. */
function above(x: number): number {
  const number = new Float32Array([x]);
  const bits = new Int32Array(number.buffer);
  if (x === 0) return 2 ** -149;
  bits[0] = (bits[0] as number) + (x > 0 ? 1 : -1);
  return number[0] as number;
}

export function tensorOf(
  tensors: ReadonlyMap<string, Tensor>,
  path: string,
  name: string,
  shape: readonly number[],
): Float32Array {
  const found = tensors.get(name);
  if (found === undefined || found.shape.join() !== shape.join()) {
    const seen = found === undefined ? "none" : `[${found.shape.join(", ")}]`;
    throw new SaeError(
      `${path}: expected the tensor ${name} [${shape.join(", ")}], found ${seen}. Train one with: askew sae train`,
    );
  }
  if (!found.data.every(Number.isFinite)) {
    throw new SaeError(`${path}: expected finite numbers in ${name}, found others. Train one with: askew sae train`);
  }
  return found.data;
}
