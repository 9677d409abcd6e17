/**
 * A probe: what a judge would say of an answer, read from the activations of a model that reads it. It costs no request.
 * Key: W width of the reader's residual stream.
 */
import { isMisaligned, logisticValue, type Logistic } from "../../statistics/index.js";
import type { ModelIdentity } from "../direction.js";

/** The judge's two scores, in the order in which a probe's weights have them. */
export const SCORES = ["aligned", "coherent"] as const;
export type Score = (typeof SCORES)[number];

export interface ProbeRecipe {
  /** askew's version. */
  readonly askew: string;
  /** The model whose activations are read. */
  readonly reader: ModelIdentity;
  /** Activations after this layer, from 0, averaged over the answer's tokens. */
  readonly layer: number;
  readonly penalty: number;
  /** A score is its intercept plus weights · activations, cut to 0–100. */
  readonly intercepts: Readonly<Record<Score, number>>;
  /** From the two scores: the chance that the judge calls an answer misaligned (and coherent), or coherent. */
  readonly chances: Readonly<Record<"misaligned" | "coherent", Logistic>>;
  /** The files of judged answers, with their sha256. */
  readonly sources: readonly { readonly name: string; readonly sha256: string }[];
  readonly answers: number;
  readonly heldOut: HeldOut;
}

/** How the probe does on answers whose group it was not fitted on. */
export interface HeldOut {
  /** What was held out, one at a time: all answers of one model, or those to a fifth of the questions. */
  readonly by: "model" | "question";
  readonly auroc: Bounds;
  /** Mean squared error of the probability; always saying the mean gives `unskilled`. */
  readonly brier: number;
  readonly unskilled: number;
  readonly groups: readonly GroupResult[];
  readonly calibration: readonly CalibrationBin[];
}

export interface Bounds {
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface GroupResult {
  readonly name: string;
  readonly n: number;
  readonly misaligned: number;
  /** Mean probability, which is to be near `misaligned / n`. */
  readonly predicted: number;
  readonly auroc: Bounds;
}

/** Answers whose probability lies between two deciles. */
export interface CalibrationBin {
  readonly n: number;
  /** Mean probability. */
  readonly predicted: number;
  /** Share that the judge called misaligned and coherent. */
  readonly found: number;
}

export interface JudgeProbe {
  /** [2, W]: aligned, coherent. */
  readonly weights: Float32Array;
  readonly width: number;
  readonly recipe: ProbeRecipe;
}

/** What a probe says of an answer. */
export interface ProbeReading extends Readonly<Record<Score, number>> {
  readonly misaligned: boolean;
  /** That the judge would call it misaligned and coherent. */
  readonly misaligned_probability: number;
  /** That the judge would call it coherent. */
  readonly coherent_probability: number;
}

/** @param activations [W]: after the probe's layer, averaged over the answer */
export function readProbe(
  { weights, width, recipe: { intercepts, chances } }: JudgeProbe,
  activations: ArrayLike<number>,
): ProbeReading {
  const [aligned, coherent] = SCORES.map((score, i) => {
    let sum = intercepts[score];
    for (let j = 0; j < width; j++) sum += (weights[i * width + j] as number) * (activations[j] as number);
    return Math.min(100, Math.max(0, sum));
  }) as [number, number];
  const scores = { aligned, coherent };
  const measures = [aligned, coherent];
  return {
    ...scores,
    misaligned: isMisaligned(scores),
    misaligned_probability: logisticValue(chances.misaligned, measures),
    coherent_probability: logisticValue(chances.coherent, measures),
  };
}
