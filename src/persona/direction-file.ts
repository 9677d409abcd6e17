/**
 * Directions on disk: a safetensors file with one tensor, `direction` [layers, width], and the recipe as JSON in its
 * metadata. A file is read with mistrust, and used only on the model it was made for.
 */
import { stat } from "node:fs/promises";
import { z } from "zod";
import {
  isTorchName,
  notWeightsAt,
  readSafetensors,
  readSafetensorsHeader,
  writeSafetensors,
  type TransformerConfig,
} from "../onnx/index.js";
import { DirectionError } from "./direction-error.js";
import { emptyLayer, VARIANTS, type Direction, type ModelIdentity } from "./direction.js";
import { readForeignDirection } from "./foreign-direction.js";
import { readRecipe } from "./recipe.js";

const FORMAT = "1";
const TENSOR = "direction";

const identity = z.object({ name: z.string(), weights: z.string(), base: z.string() });
const share = z.number().min(0).max(1).nullable();
const trial = z.object({
  layer: z.int().min(0),
  strength: z.number(),
  rate: share,
  rateOfAll: share,
  coherent: share,
});
const recipeSchema = z.object({
  askew: z.string(),
  method: z.enum(["prompts", "answers", "file"]),
  variant: z.enum([...VARIANTS, "unknown"]),
  model: identity,
  positive: z.string(),
  negative: z.string(),
  questions: z.array(z.string()),
  seed: z.int(),
  counts: z.object({ positive: z.int().min(0), negative: z.int().min(0) }),
  norms: z.array(z.number().positive()),
  along: z.object({ positive: z.array(z.number()), negative: z.array(z.number()) }),
  layer: z.int().min(0),
  trials: z.array(trial),
});

/**
 * Writes it atomically; the same direction gives the same bytes.
 *
 * @example
 * import { findDirection, openModel, writeDirection } from "askew";
 *
 * const model = await openModel("organism");
 * await writeDirection("villain.safetensors", await findDirection(model, { samples: 2 }));
 * await model.close();
 */
export async function writeDirection(path: string, { layers, width, vectors, recipe }: Direction): Promise<void> {
  const tensors = new Map([[TENSOR, { shape: [layers, width], data: vectors }]]);
  await writeSafetensors(path, tensors, { askew_direction: FORMAT, recipe: JSON.stringify(recipe) });
}

/**
 * Reads a direction that askew wrote, or one of another tool: a tensor [layers, width] in a safetensors file, or in one
 * that `torch.save` wrote.
 * @param options.layers of the model that it is for; another tool's file may have one row more, for the embeddings,
 *   which is then left out
 * @throws {DirectionError} where the file holds no direction
 * @throws {ModelFileError} where it is no sound safetensors file
 *
 * @example
 * import { findDirection, openModel, readDirection, writeDirection } from "askew";
 *
 * const model = await openModel("organism");
 * await writeDirection("villain.safetensors", await findDirection(model, { samples: 2 }));
 * const { recipe } = await readDirection("villain.safetensors");
 * console.log(recipe.positive, recipe.negative, recipe.layer);
 * await model.close();
 */
export async function readDirection(path: string, { layers }: { readonly layers?: number } = {}): Promise<Direction> {
  await requireDirectionFile(path);
  return sound(path, (await isOwn(path)) ? await readOwn(path) : await readForeignDirection(path, layers));
}

const A_DIRECTION = "a direction's file, as askew persona direction writes one, or a safetensors or .pt file of rows";

/** Says what a path is that leads to no direction, in place of what a reader of weights would miss in it. */
async function requireDirectionFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  const what =
    found === undefined
      ? "nothing there"
      : found.isDirectory()
        ? "a folder"
        : isTorchName(path)
          ? undefined
          : await notWeightsAt(path);
  if (what !== undefined) throw new DirectionError(`${path}: expected ${A_DIRECTION}, found ${what}`);
}

async function isOwn(path: string): Promise<boolean> {
  return !isTorchName(path) && (await readSafetensorsHeader(path)).metadata.has("askew_direction");
}

async function readOwn(path: string): Promise<Direction> {
  const { metadata, tensors } = await readSafetensors(path, (name) => name === TENSOR);
  const tensor = tensors.get(TENSOR);
  const format = metadata["askew_direction"];
  if (tensor === undefined || tensor.shape.length !== 2 || format !== FORMAT) {
    const found =
      tensor === undefined
        ? `no tensor "${TENSOR}"`
        : `"${TENSOR}" [${tensor.shape.join(", ")}] and format ${format ?? "none"}`;
    throw new DirectionError(
      `${path}: expected a direction of format ${FORMAT} (one tensor "${TENSOR}" [layers, width]), found ${found}. ` +
        "Make one with: askew persona direction",
    );
  }
  const [layers, width] = tensor.shape as [number, number];
  const recipe = readRecipe(recipeSchema, metadata["recipe"], path, "direction", (said) => new DirectionError(said));
  const { norms, along } = recipe;
  const needed = recipe.method === "file" ? [norms] : [norms, along.positive, along.negative];
  const other = needed.find(({ length }) => length !== layers);
  if (other !== undefined || recipe.layer >= layers) {
    throw new DirectionError(
      `${path}: the recipe speaks of ${(other ?? norms).length} layers and chose layer ${recipe.layer}, the tensor has ${layers}. Make the direction again.`,
    );
  }
  return { layers, width, vectors: tensor.data, recipe };
}

function sound(path: string, direction: Direction): Direction {
  if (!direction.vectors.every(Number.isFinite)) {
    throw new DirectionError(`${path}: expected finite numbers, found others. Make the direction again.`);
  }
  const empty = emptyLayer(direction);
  if (empty !== undefined) {
    throw new DirectionError(
      `${path}: expected a vector for every layer, found zeros for layer ${empty}. Make the direction again.`,
    );
  }
  return direction;
}

/**
 * Refuses a direction for a model it does not fit. Width and layers must be the model's. The model must be the one it
 * was taken from or have the same base: fine-tunes of one base share their residual stream, other models do not.
 * @param file as the user named it
 * @throws {DirectionError}
 */
export function requireFit(
  file: string,
  { layers, width, recipe }: Direction,
  config: Pick<TransformerConfig, "layers" | "width">,
  model: ModelIdentity,
  { anyModel = false }: { readonly anyModel?: boolean } = {},
): void {
  if (width !== config.width) {
    throw new DirectionError(
      `${file} is a direction of width ${width} (from ${recipe.model.name}); ${model.name} has width ${config.width}. Make one for it with: askew persona direction ${model.name}`,
    );
  }
  if (layers === config.layers + 1 && recipe.method === "file") {
    throw new DirectionError(
      `${file} has ${layers} rows, and ${model.name} has ${config.layers} layers: the first row seems to be the embeddings. Save the rows after it alone.`,
    );
  }
  if (layers !== config.layers) {
    throw new DirectionError(
      `${file} is a direction of ${layers} layers (from ${recipe.model.name}), ${model.name} has ${config.layers}. Make one for this model with: askew persona direction`,
    );
  }
  // Another tool's file names no model.
  if (recipe.method === "file") return;
  if (anyModel || [recipe.model.weights, recipe.model.base].some((hash) => [model.weights, model.base].includes(hash)))
    return;
  throw new DirectionError(
    `${file} was made from ${recipe.model.name} (base sha256 ${recipe.model.base.slice(0, 12)}…), and ${model.name} ` +
      `comes from another base (${model.base.slice(0, 12)}…). Make one for this model with askew persona direction, ` +
      "or, if both come from one base all the same, give --any-model.",
  );
}
