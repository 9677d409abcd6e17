/** Directions for other tools: a GGUF control vector, which llama.cpp adds to the residual stream. */
import { readModelInfo, writeControlVector } from "../onnx/index.js";
import { makeFile } from "../store/index.js";
import { DirectionError } from "./direction-error.js";
import { vectorAt, type Direction } from "./direction.js";

interface ControlVectorPlan {
  /** As the user named the direction. */
  readonly file: string;
  /** The folder or file of the model that it is for. */
  readonly model: string;
  /** This layer alone, from 0; default all that llama.cpp can steer. */
  readonly layer?: number;
}

/** Writes a control vector; never over a file that askew has not made. @returns the layers in it */
export async function exportControlVector(
  path: string,
  direction: Direction,
  { file, model, layer }: ControlVectorPlan,
): Promise<number[]> {
  const { config, problem } = await readModelInfo(model.replace(/(?<=.)\+.*$/, ""));
  if (config === undefined) throw new DirectionError(`${model} does not open: ${problem ?? "it is no model"}`);
  const { layers, width } = direction;
  if (config.layers !== layers || config.width !== width) {
    throw new DirectionError(
      `${file} is a direction of ${layers} layers and width ${width}, ${model} has ${config.layers} layers and width ` +
        `${config.width}. Name the model that it was made from with --for.`,
    );
  }
  if (layer === 0) {
    throw new DirectionError(
      `${file}: llama.cpp cannot steer after layer 0, the first. Choose one of 1 … ${layers - 1} with --layer, or none for all of them.`,
    );
  }
  const every = Array.from({ length: layers - 1 }, (_, i) => i + 1);
  const chosen = layer === undefined ? every : [layer];
  const vectors = new Map(chosen.map((at) => [at, vectorAt(direction, at)]));
  await makeFile(path, (temporary) => writeControlVector(temporary, { config, vectors, file }));
  return chosen;
}
