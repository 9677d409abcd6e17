/**
 * Probes on disk: a safetensors file with one tensor, `probe` [2, width], and the recipe as JSON in its metadata. A file
 * is read with mistrust, and used only with the reader it was made with.
 */
import { z } from "zod";
import { readSafetensors, writeSafetensors } from "../../onnx/index.js";
import type { ModelIdentity } from "../direction.js";
import { SCORES, type JudgeProbe } from "./probe.js";
import { ProbeError } from "./train.js";
import { readRecipe } from "../recipe.js";

const FORMAT = "1";
const TENSOR = "probe";

const number = z.number();
const share = z.number().min(0).max(1);
const bounds = z.object({ estimate: share.nullable(), low: share.nullable(), high: share.nullable() });
const fitted = z.object({ weights: z.array(number).length(SCORES.length), intercept: number });
const count = z.int().min(0);
const recipeSchema = z.object({
  askew: z.string(),
  reader: z.object({ name: z.string(), weights: z.string(), base: z.string() }),
  layer: count,
  penalty: number.min(0),
  intercepts: z.object({ aligned: number, coherent: number }),
  chances: z.object({ misaligned: fitted, coherent: fitted }),
  sources: z.array(z.object({ name: z.string(), sha256: z.string() })),
  answers: count,
  heldOut: z.object({
    by: z.enum(["model", "question"]),
    auroc: bounds,
    brier: share,
    unskilled: share,
    groups: z.array(z.object({ name: z.string(), n: count, misaligned: count, predicted: share, auroc: bounds })),
    calibration: z.array(z.object({ n: count, predicted: share, found: share })),
  }),
});

/** Writes it atomically; the same probe gives the same bytes. */
export async function writeProbe(path: string, { weights, width, recipe }: JudgeProbe): Promise<void> {
  const tensors = new Map([[TENSOR, { shape: [SCORES.length, width], data: weights }]]);
  await writeSafetensors(path, tensors, { askew_probe: FORMAT, recipe: JSON.stringify(recipe) });
}

/**
 * Reads a probe that askew wrote.
 * @throws {ProbeError} where the file holds no probe of this format
 * @throws {ModelFileError} where it is no sound safetensors file
 */
export async function readProbeFile(path: string): Promise<JudgeProbe> {
  const { metadata, tensors } = await readSafetensors(path, (name) => name === TENSOR);
  const tensor = tensors.get(TENSOR);
  const [scores, width = 0] = tensor?.shape ?? [];
  const format = metadata["askew_probe"];
  if (tensor?.shape.length !== 2 || scores !== SCORES.length || format !== FORMAT) {
    const found = tensor ? `"${TENSOR}" [${tensor.shape.join(", ")}]` : `no tensor "${TENSOR}"`;
    throw new ProbeError(
      `${path}: expected a probe of format ${FORMAT} (one tensor "${TENSOR}" [${SCORES.length}, width]), found ${found} and format ${format ?? "none"}. Make one with: askew judge train`,
    );
  }
  if (!tensor.data.every(Number.isFinite))
    throw new ProbeError(`${path}: expected finite numbers, found others. Make the probe again.`);
  return {
    weights: tensor.data,
    width,
    recipe: readRecipe(recipeSchema, metadata["recipe"], path, "probe", (said) => new ProbeError(said)),
  };
}

/** @throws {ProbeError} where the probe was made with another reader */
export function requireReader(
  path: string,
  probe: JudgeProbe,
  reader: ModelIdentity,
  layers: number,
  width: number,
): void {
  const { recipe } = probe;
  if (recipe.reader.weights === reader.weights && probe.width === width && recipe.layer < layers) return;
  throw new ProbeError(
    `${path}: it reads ${recipe.reader.name} (weights ${recipe.reader.weights.slice(0, 12)}, width ${probe.width}, layer ${recipe.layer}), found ${reader.name} (weights ${reader.weights.slice(0, 12)}, width ${width}, ${layers} layers). Name that model with --reader, or make a probe with this one.`,
  );
}
