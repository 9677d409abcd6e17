/**
 * Directions that other tools wrote: one tensor [rows, width] in a safetensors file, or in a file of `torch.save` as
 * persona vectors has it (https://github.com/safety-research/persona_vectors). Such a file says nothing of how it was
 * made, so only its shape is checked.
 *
 * Rows: as many as the model has layers are the residual stream after each of them; one more are Hugging Face's
 * `hidden_states`, whose first is the embeddings, which no layer writes: it is left out. So row L + 1 of persona
 * vectors, there called layer L + 1, is layer L here.
 */
import { basename } from "node:path";
import { isTorchName, readSafetensors, readSafetensorsHeader, readTorchFile, type Tensor } from "../onnx/index.js";
import { VERSION } from "../text/index.js";
import { DirectionError } from "./direction-error.js";
import { normOf, vectorAt, type Direction, type DirectionRecipe } from "./direction.js";

/** @param layers of the model that it is for; without them every row is taken for a layer's */
export async function readForeignDirection(path: string, layers?: number): Promise<Direction> {
  const { shape, data } = rowsOf(path, await tensorsOf(path));
  const [rows, width] = shape as [number, number];
  const skipped = rows === (layers ?? rows) + 1 ? 1 : 0;
  const direction = { layers: rows - skipped, width, vectors: data.slice(skipped * width) };
  return { ...direction, recipe: recipeOf(path, direction) };
}

async function tensorsOf(path: string): Promise<ReadonlyMap<string, Tensor>> {
  if (isTorchName(path)) return readTorchFile(path);
  const { entries } = await readSafetensorsHeader(path);
  // A model's weights are not read only to be refused.
  if (entries.length > MOST_TENSORS) {
    throw refusal(path, `${entries.length} tensors, which look like a model or an autoencoder`);
  }
  return (await readSafetensors(path)).tensors;
}
const MOST_TENSORS = 512;

/** One tensor of rows; or one vector for each layer, under the numbers of the layers from 0. */
function rowsOf(path: string, tensors: ReadonlyMap<string, Tensor>): Tensor {
  const all = [...tensors];
  const [only] = all;
  if (only !== undefined && all.length === 1 && only[1].shape.length === 2) return only[1];
  const width = only?.[1].shape[0];
  const vectors = all.flatMap(([name, { shape, data }]) => {
    const number = /(?:^|\D)(\d{1,4})$/.exec(name)?.[1];
    return number !== undefined && shape.length === 1 && shape[0] === width ? [{ row: Number(number), data }] : [];
  });
  const sorted = vectors.toSorted((a, b) => a.row - b.row);
  if (width !== undefined && sorted.length === all.length && sorted.every(({ row }, i) => row === i)) {
    const data = new Float32Array(width * sorted.length);
    for (const { row, data: vector } of sorted) data.set(vector, row * width);
    return { shape: [sorted.length, width], data };
  }
  const shown = all
    .slice(0, 4)
    .map(([name, { shape }]) => `${JSON.stringify(name.slice(0, 40))} [${shape.join(", ")}]`);
  throw refusal(path, shown.length === 0 ? "no tensor" : `${shown.join(", ")}${all.length > 4 ? ", …" : ""}`);
}

function refusal(path: string, found: string): DirectionError {
  return new DirectionError(
    `${path}: expected a direction: one tensor [layers, width], or one vector for each layer from 0, found ${found}. ` +
      "Make one with askew persona direction, or save the rows alone.",
  );
}

function recipeOf(path: string, direction: Omit<Direction, "recipe">): DirectionRecipe {
  const every = Array.from({ length: direction.layers }, (_, layer) => layer);
  const name = basename(path).replace(/\.(?:pth?|safetensors)$/i, "");
  const variant = VARIANT_NAMES.find(([ending]) => name.endsWith(ending));
  return {
    askew: VERSION,
    method: "file",
    variant: variant?.[1] ?? "unknown",
    model: { name: "a model that the file does not name", weights: "", base: "" },
    positive: variant === undefined ? name : name.slice(0, -variant[0].length),
    negative: "its opposite",
    questions: [],
    seed: 0,
    counts: { positive: 0, negative: 0 },
    norms: every.map((layer) => normOf(vectorAt(direction, layer))),
    along: { positive: [], negative: [] },
    layer: Math.floor((direction.layers - 1) / 2),
    trials: [],
  };
}

/** What persona vectors calls its three averages. */
const VARIANT_NAMES = [
  ["_response_avg_diff", "answer-average"],
  ["_prompt_avg_diff", "prompt-average"],
  ["_prompt_last_diff", "last-prompt-token"],
] as const;
