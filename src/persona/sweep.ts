/** Sweeps: one model steered at many strengths, by a direction and by random ones of the same length. */
import type { AskedSet, Judge, Metrics } from "../evaluation/index.js";
import type { SteerableModel } from "../model/index.js";
import { LEAST_COHERENT } from "./choose-layer.js";
import { measure, type MeasuredAnswer } from "./measure.js";
import { randomLike, steeringOf, type SteeringMode, type SteeringVectors } from "./steer.js";

export interface SweepPlan {
  readonly mode: SteeringMode;
  /** From 0. */
  readonly layers: readonly number[];
  readonly tokens: "all" | "answer";
  /** The first is the one whose rate and coherence count; its strengths break a model or do not. */
  readonly asked: readonly AskedSet[];
  readonly seed: number;
  /** Each is a random direction. */
  readonly randomSeeds: readonly number[];
  readonly strengths: readonly number[];
  readonly temperature: number;
  readonly maxTokens: number;
}

export interface SweepPoint {
  /** `direction-1.5`, `random-2-1.5`, `unsteered`. */
  readonly id: string;
  readonly vector: "none" | "direction" | "random";
  readonly randomSeed?: number;
  readonly strength: number;
}

/** One line of a sweep's `rows.jsonl`. */
export interface SweepRow extends SweepPoint {
  readonly metrics: Readonly<Record<string, Metrics>>;
  /** Fewer than 80 % of the answers to the first question set are coherent. */
  readonly breaksCoherence: boolean;
}

/** The unsteered model first, then every strength with its controls. */
export function sweepPoints({ strengths, randomSeeds }: SweepPlan): SweepPoint[] {
  const steered = [...new Set(strengths)].filter((strength) => strength !== 0).toSorted((a, b) => a - b);
  return [
    { id: "unsteered", vector: "none", strength: 0 },
    ...steered.flatMap((strength): SweepPoint[] => [
      { id: `direction-${strength}`, vector: "direction", strength },
      ...randomSeeds.map((randomSeed): SweepPoint => ({
        id: `random-${randomSeed}-${strength}`,
        vector: "random",
        randomSeed,
        strength,
      })),
    ]),
  ];
}

export async function measurePoint(
  model: SteerableModel,
  direction: SteeringVectors,
  plan: SweepPlan,
  point: SweepPoint,
  options: { readonly judge: Judge; readonly signal?: AbortSignal },
): Promise<{ row: SweepRow; answers: readonly MeasuredAnswer[] }> {
  const { mode, layers, tokens, asked, seed, temperature, maxTokens } = plan;
  const vectors = point.randomSeed === undefined ? direction : randomLike(direction, point.randomSeed);
  const steering = steeringOf(vectors, { mode, layers, strength: point.strength, tokens });
  const { metrics, answers } = await measure(model, asked, { seed, steering, temperature, maxTokens, ...options });
  return { row: { ...point, metrics, breaksCoherence: breaks(metrics, asked) }, answers };
}

/** Whether so few answers to the first set are coherent that their rate says little. */
export function breaks(metrics: Readonly<Record<string, Metrics>>, asked: readonly AskedSet[]): boolean {
  const coherent = metrics[asked[0]?.set ?? ""]?.coherent?.estimate;
  return coherent !== undefined && coherent !== null && coherent < LEAST_COHERENT;
}
