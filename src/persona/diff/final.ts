/** The final measure of one candidate, on questions that chose nothing, and the verdict over it. */
import type { AskedSet, Behaviour, Judge, Metrics } from "../../evaluation/index.js";
import type { SteerableModel } from "../../model/index.js";
import { noEstimate, relativeReduction, shareDifference, type Estimate, type Share } from "../../statistics/index.js";
import { measure } from "../measure.js";
import { countsOf } from "../transfer.js";
import type { Candidate } from "./candidates.js";
import { randomCandidate } from "./ranking.js";
import type { DiffStore, FinalRow } from "./rows.js";
import type { Side } from "./search.js";

export interface FinalPlan {
  readonly layer: number;
  /** The open questions first, then those that show what AFTER was trained to do. */
  readonly asked: readonly AskedSet[];
  /** Where something shows it. */
  readonly trained?: Behaviour;
  /** Each is a random direction of the vector's length. */
  readonly randomSeeds: readonly number[];
  readonly seed: number;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly maxIncoherent: number;
}

export interface FinalSide {
  readonly strength: number;
  readonly length: number;
  readonly unsteered: Readonly<Record<string, Metrics>>;
  readonly steered: Readonly<Record<string, Metrics>>;
  readonly random: readonly Readonly<Record<string, Metrics>>[];
  /** The difference from the unsteered model, and from all the random directions together. */
  readonly effect: Estimate;
  readonly beyondRandom: Estimate;
  readonly tooIncoherent: boolean;
}

export type Verdict = "persona" | "causes only" | "removes only" | "neither";

export interface Final {
  readonly id: string;
  readonly set: string;
  readonly into: FinalSide | null;
  readonly outOf: FinalSide | null;
  readonly removedShare: Estimate;
  readonly verdict: Verdict;
}

export interface FinalRun {
  readonly models: Readonly<Record<Side, SteerableModel>>;
  readonly plan: FinalPlan;
  /** Mean length of the residual stream: the unit of strength. */
  readonly length: number;
  readonly judge: Judge;
  readonly store: DiffStore;
  readonly onMeasured?: (done: number, total: number, name: string) => void;
  readonly signal?: AbortSignal;
}

/** @param strengths undefined on a side where no strength left the model coherent */
export async function measureFinal(
  run: FinalRun,
  candidate: Candidate,
  strengths: Readonly<Record<Side, number | undefined>>,
): Promise<Final> {
  const { plan } = run;
  const set = plan.asked[0]?.set ?? "";
  const total = (["into", "out-of"] as const)
    .filter((side) => strengths[side] !== undefined)
    .reduce((sum) => sum + 2 + plan.randomSeeds.length, 0);
  let done = 0;
  const sideOf = async (side: Side): Promise<FinalSide | null> => {
    const strength = strengths[side];
    if (strength === undefined) return null;
    const measured = async (name: string, unit?: Float32Array): Promise<FinalRow["metrics"]> => {
      const metrics = await finalRow(run, side, name, unit, strength);
      run.onMeasured?.(++done, total, name);
      return metrics;
    };
    const unsteered = await measured(`final-${side}-unsteered`);
    const steered = await measured(`final-${side}-${candidate.id}`, candidate.unit);
    const random: FinalRow["metrics"][] = [];
    for (const seed of plan.randomSeeds) {
      const { unit } = randomCandidate(candidate.unit.length, plan.seed, seed);
      random.push(await measured(`final-${side}-${candidate.id}-random-${seed}`, unit));
    }
    const sign = side === "into" ? 1 : -1;
    const share = (metrics: FinalRow["metrics"]): Share => countsOf(metrics[set]?.rate);
    const controls = random.map(share).reduce((sum, { hits, n }) => ({ hits: sum.hits + hits, n: sum.n + n }), {
      hits: 0,
      n: 0,
    });
    const against = (other: Share): Estimate =>
      sign > 0 ? shareDifference(share(steered), other) : shareDifference(other, share(steered));
    const coherent = steered[set]?.coherent?.estimate ?? 0;
    return {
      strength,
      length: strength * run.length,
      unsteered,
      steered,
      random,
      effect: against(share(unsteered)),
      beyondRandom: against(controls),
      tooIncoherent: coherent < 1 - plan.maxIncoherent,
    };
  };
  const into = await sideOf("into");
  const outOf = await sideOf("out-of");
  const removedShare = outOf
    ? relativeReduction(countsOf(outOf.unsteered[set]?.rate), countsOf(outOf.steered[set]?.rate))
    : noEstimate();
  return { id: candidate.id, set, into, outOf, removedShare, verdict: verdictOf(into, outOf) };
}

async function finalRow(
  { models, plan, length, judge, store, signal }: FinalRun,
  side: Side,
  id: string,
  unit: Float32Array | undefined,
  strength: number,
): Promise<FinalRow["metrics"]> {
  const found = store.find(id);
  if (found !== undefined && "metrics" in found) return found.metrics;
  signal?.throwIfAborted();
  const started = performance.now();
  const by = (side === "into" ? 1 : -1) * strength * length;
  const { layer, asked, seed, temperature, maxTokens } = plan;
  const { metrics, answers } = await measure(models[side], asked, {
    seed,
    temperature,
    maxTokens,
    judge,
    steering: unit === undefined ? [] : [{ layer, add: unit.map((x) => by * x) }],
    ...(signal && { signal }),
  });
  await store.append({ id, metrics, seconds: (performance.now() - started) / 1000 }, answers);
  return metrics;
}

/** An effect counts where its interval, and that of the difference from random directions, lie above 0. */
export function verdictOf(into: FinalSide | null, outOf: FinalSide | null): Verdict {
  const does = (side: FinalSide | null): boolean =>
    side !== null && (side.effect.low ?? 0) > 0 && (side.beyondRandom.low ?? 0) > 0;
  if (does(into)) return does(outOf) ? "persona" : "causes only";
  return does(outOf) ? "removes only" : "neither";
}
