/** How far a fine-tune moved a model's mean activations, layer by layer, and along what. */
import { vectorAt, type Direction } from "../direction.js";
import type { ModelMeans } from "./means.js";

export interface LayerShift {
  /** From 0. */
  readonly layer: number;
  /** Length of the difference of means, AFTER minus BEFORE. */
  readonly shift: number;
  /** Mean length of the residual stream at one position, before. */
  readonly residual: number;
  readonly direction?: AlongDirection;
}

export interface AlongDirection {
  /** Of the shift and the direction; null where one of them is zero. */
  readonly cosine: number | null;
  /** Where both means lie along the direction's unit vector. */
  readonly before: number;
  readonly after: number;
  readonly length: number;
}

/** AFTER − BEFORE after one layer, [width]. */
export function shiftAt(before: ModelMeans, after: ModelMeans, width: number, layer: number): Float32Array {
  const at = layer * width;
  return Float32Array.from({ length: width }, (_, i) =>
    Math.fround((after.residual[at + i] as number) - (before.residual[at + i] as number)),
  );
}

export function layerShifts(
  before: ModelMeans,
  after: ModelMeans,
  width: number,
  direction?: Pick<Direction, "layers" | "width" | "vectors">,
): LayerShift[] {
  return before.lengths.map((residual, layer) => {
    const shift = shiftAt(before, after, width, layer);
    const length = Math.hypot(...shift);
    if (direction === undefined) return { layer, shift: length, residual };
    const vector = vectorAt(direction, layer);
    const norm = Math.hypot(...vector);
    const along = (x: ArrayLike<number>, from: number): number =>
      vector.reduce((sum, v, i) => sum + v * (x[from + i] as number), 0) / norm;
    const cosine = along(shift, 0) / length;
    return {
      layer,
      shift: length,
      residual,
      direction: {
        cosine: Number.isFinite(cosine) ? cosine : null,
        before: along(before.residual, layer * width),
        after: along(after.residual, layer * width),
        length: norm,
      },
    };
  });
}

/** Mean size of the cosine of two random directions, √(2 / πW): what a cosine has to be seen against. */
export const chanceCosine = (width: number): number => Math.sqrt(2 / (Math.PI * width));
