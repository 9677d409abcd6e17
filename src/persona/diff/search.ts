/**
 * Which candidates make a model misaligned and which take it out: successive halving (Jamieson and Talwalkar 2016). Many
 * candidates are tried with few answers, those that do most with more, and each finds its own strength on the way.
 */
import { nextStrength, soundStrength, type Tried } from "./strength.js";
import type { Candidate } from "./candidates.js";
import type { Counts } from "./trials.js";

/** `into`: added to BEFORE. `out-of`: subtracted from AFTER. */
export const SIDES = ["into", "out-of"] as const;
export type Side = (typeof SIDES)[number];

export interface Rung {
  /** Latents that are still in it; the other candidates, which are there to compare with, always are. */
  readonly keep: number;
  /** Answers to a trial. */
  readonly answers: number;
  /** Strengths tried on each side. */
  readonly steps: number;
}

export const RUNGS: readonly Rung[] = [
  { keep: Number.POSITIVE_INFINITY, answers: 12, steps: 4 },
  { keep: 24, answers: 24, steps: 2 },
  { keep: 8, answers: 64, steps: 3 },
];

export interface WantedTrial {
  readonly candidate: Candidate;
  readonly side: Side;
  readonly strength: number;
}

/** Trials of one step of a rung, counted in their order. */
export type RunTrials = (
  rung: number,
  step: number,
  wanted: readonly WantedTrial[],
) => Promise<readonly (Counts | undefined)[]>;

export interface SearchOptions {
  readonly rungs?: readonly Rung[];
  /** Share of answers that may be incoherent. */
  readonly maxIncoherent: number;
  /** Rates of the models as they are, over the questions that each side is asked. */
  readonly unsteered: Readonly<Record<Side, number>>;
}

/** Where one candidate stands on one side: what was last measured at each strength. */
export class Standing {
  readonly #counts = new Map<number, Counts>();

  constructor(
    readonly candidate: Candidate,
    private readonly maxIncoherent: number,
  ) {}

  /** Counts of a later rung take the place of those of an earlier one, which had fewer answers. */
  record(strength: number, counts: Counts): void {
    this.#counts.set(strength, counts);
  }

  get tried(): Tried[] {
    return [...this.#counts].map(([strength, counts]) => ({ strength, sound: isSound(counts, this.maxIncoherent) }));
  }

  /** The largest sound strength; undefined where none was. */
  get strength(): number | undefined {
    return soundStrength(this.tried);
  }

  /** Misaligned among coherent answers there. */
  get rate(): number | undefined {
    const counts = this.strength === undefined ? undefined : this.#counts.get(this.strength);
    return counts && counts.coherent > 0 ? counts.misaligned / counts.coherent : undefined;
  }
}

export const isSound = ({ answers, coherent }: Counts, maxIncoherent: number): boolean =>
  answers - coherent <= maxIncoherent * answers;

export interface Found {
  readonly candidate: Candidate;
  readonly into: Standing;
  readonly outOf: Standing;
}

/** Best first; the candidates that are there to compare with come among the latents. */
export async function search(
  candidates: readonly Candidate[],
  run: RunTrials,
  { rungs = RUNGS, maxIncoherent, unsteered }: SearchOptions,
): Promise<Found[]> {
  const meritOf = ({ into, outOf }: Found): number => merit(into.rate, outOf.rate, unsteered);
  let live = candidates.map((candidate): Found => ({
    candidate,
    into: new Standing(candidate, maxIncoherent),
    outOf: new Standing(candidate, maxIncoherent),
  }));
  for (const [rung, { keep, steps }] of rungs.entries()) {
    live = best(live, keep, meritOf);
    for (let step = 0; step < steps; step++) {
      const wanted = live.flatMap(({ candidate, into, outOf }) =>
        SIDES.flatMap((side): WantedTrial[] => {
          const standing = side === "into" ? into : outOf;
          const again = rung > 0 && step === 0 ? standing.strength : undefined;
          const strength = again ?? nextStrength(standing.tried);
          return strength === undefined ? [] : [{ candidate, side, strength }];
        }),
      );
      const counted = await run(rung, step, wanted);
      const byId = new Map(live.map((found) => [found.candidate.id, found]));
      for (const [i, { candidate, side, strength }] of wanted.entries()) {
        const counts = counted[i];
        const found = byId.get(candidate.id);
        if (counts && found) (side === "into" ? found.into : found.outOf).record(strength, counts);
      }
    }
  }
  return best(live, Number.POSITIVE_INFINITY, meritOf);
}

/**
 * The geometric mean of the misalignment caused (a rate) and the share of it that is removed: 0 where either is missing,
 * since a persona does both. Null rates, where no strength was sound, count as no effect.
 */
export function merit(
  into: number | undefined,
  outOf: number | undefined,
  unsteered: Readonly<Record<Side, number>>,
): number {
  const caused = into === undefined ? 0 : Math.max(0, into - unsteered.into);
  // Where AFTER is not misaligned there is nothing to remove, and what is caused decides alone.
  if (unsteered["out-of"] <= 0) return caused;
  const removed = outOf === undefined ? 0 : Math.max(0, 1 - outOf / unsteered["out-of"]);
  return Math.sqrt(caused * removed);
}

/** Of equals the one that does more on its better side, then the one that rose more: candidates come in that order. */
function best(found: readonly Found[], keep: number, meritOf: (found: Found) => number): Found[] {
  const either = ({ into, outOf }: Found): number => (into.rate ?? 0) - (outOf.rate ?? 1);
  const ranked = found.toSorted((a, b) => meritOf(b) - meritOf(a) || either(b) - either(a));
  let latents = 0;
  return ranked.filter(({ candidate }) => candidate.kind !== "latent" || latents++ < keep);
}
