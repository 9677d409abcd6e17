/** Rotary embeddings (Su et al. 2021) and the ways in which models stretch them for long texts. */
import type { RopeScaling, TransformerConfig } from "./transformer-config.js";

export interface RopeTables {
  /** Angles of a head: half of the part of it that is rotated. */
  readonly half: number;
  /** Cosines and sines of the angles for positions 0 … length−1, each [length, half]. */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/** @param theta the rotary base, where a layer has its own; its angles are then not stretched */
export function ropeTables(config: TransformerConfig, length: number, theta?: number): RopeTables {
  const rotated = config.rotaryDim ?? config.headDim;
  const half = rotated / 2;
  const scaling = theta === undefined ? config.ropeScaling : undefined;
  const cos = new Float32Array(length * half);
  const sin = new Float32Array(length * half);
  const factor = scaling?.kind === "longrope" ? scaling.attentionFactor : 1;
  for (let i = 0; i < half; i++) {
    const wavelength = (theta ?? config.ropeTheta) ** ((2 * i) / rotated);
    const stretched = wavelength * stretch(scaling, wavelength, i);
    for (let position = 0; position < length; position++) {
      const angle = position / stretched;
      cos[position * half + i] = factor * Math.cos(angle);
      sin[position * half + i] = factor * Math.sin(angle);
    }
  }
  return { half, cos, sin };
}

/** What every wavelength is multiplied with, in texts within the original positions. */
export function wavelengthFactors(config: TransformerConfig): number[] {
  const rotated = config.rotaryDim ?? config.headDim;
  return Array.from({ length: rotated / 2 }, (_, i) =>
    stretch(config.ropeScaling, config.ropeTheta ** ((2 * i) / rotated), i),
  );
}

/** What the i-th wavelength (over 2π) is multiplied with. */
function stretch(scaling: RopeScaling | undefined, wavelength: number, i: number): number {
  if (scaling === undefined) return 1;
  if (scaling.kind === "linear") return scaling.factor;
  if (scaling.kind === "longrope") return scaling.short[i] as number;
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions } = scaling;
  const turns = originalPositions / (2 * Math.PI * wavelength);
  if (turns > high) return 1;
  if (turns < low) return factor;
  const smooth = (turns - low) / (high - low);
  return 1 / ((1 - smooth) / factor + smooth);
}
