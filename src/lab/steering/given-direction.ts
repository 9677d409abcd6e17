/** A direction that was given on the command line: read and checked against the model; layers that were named. */
import { readDirection, requireFit, type Direction, type SteeringVectors } from "../../persona/index.js";
import { UsageError } from "../../text/index.js";
import type { OpenedModel } from "../models/find-model.js";
import { fileSha256 } from "../../store/index.js";

export interface GivenDirection {
  readonly direction: Direction;
  readonly sha256: string;
}

export async function openDirection(
  path: string,
  { model, identity }: Pick<OpenedModel, "model" | "identity">,
  anyModel: boolean | undefined,
): Promise<GivenDirection> {
  const direction = await readDirection(path, model.reading.shape);
  requireFit(path, direction, model.reading.shape, identity, { anyModel: anyModel ?? false });
  return { direction, sha256: await fileSha256(path) };
}

/** `all`, or numbers from 0; by default the layer that the direction's recipe chose. */
export function layersOf(text: string | undefined, { layers, recipe }: SteeringVectors): number[] {
  if (text === undefined) return [recipe.layer];
  if (text === "all") return Array.from({ length: layers }, (_, layer) => layer);
  const named = text.split(",").map((part) => {
    const layer = Number(part);
    if (/^\s*\d+\s*$/.test(part) && layer < layers) return layer;
    throw new UsageError(
      `--layers: there is no layer "${part.trim()}"`,
      `Choose from 0 … ${layers - 1}, with commas between them, or all.`,
    );
  });
  // Twice would steer twice.
  return [...new Set(named)];
}
