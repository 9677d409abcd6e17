/** Finalists: what each does to both models at its own strength, beside a random direction of equal length. */
import { cosine } from "../direction.js";
import {
  noEstimate,
  Random,
  relativeReduction,
  shareDifference,
  wilson,
  type Estimate,
} from "../../statistics/index.js";
import { unitOf, type Candidate } from "./candidates.js";
import { isSound, merit, type Found, type Side, type WantedTrial } from "./search.js";
import { coherenceOf, rateOf, type Counts } from "./trials.js";

export interface SideEffect {
  /** In mean lengths of the residual stream. */
  readonly strength: number;
  /** Of the vector that is added or subtracted. */
  readonly length: number;
  readonly rate: Estimate;
  readonly coherent: Estimate;
  /** Fewer answers are coherent than was asked for, at the strength that was found with other answers. */
  readonly tooIncoherent: boolean;
  /** By how much the rate differs from the unsteered model's, in the direction hoped for. */
  readonly effect: Estimate;
  /** The random direction's. */
  readonly random: { readonly rate: Estimate; readonly coherent: Estimate };
}

export interface Ranked {
  readonly id: string;
  readonly kind: Candidate["kind"];
  readonly latent?: number;
  /** Null where no strength left the model coherent. */
  readonly into: SideEffect | null;
  readonly outOf: SideEffect | null;
  /** Share of AFTER's rate that is gone. */
  readonly removedShare: Estimate;
  /** See `merit`. */
  readonly score: number;
  /** With the shift of the means, and with a direction that was given; null where that is zero. */
  readonly cosine: { readonly shift: number | null; readonly direction?: number | null };
}

export interface FinalTrial extends WantedTrial {
  /** Which finalist it belongs to, and whether it is that one's random control. */
  readonly of: string;
  readonly control: boolean;
}

/** Each finalist on both sides at the strength it found, and a random direction of the same length. */
export function finalTrials(found: readonly Found[], seed: number): FinalTrial[] {
  return found.flatMap(({ candidate, into, outOf }) =>
    ([into, outOf] as const).flatMap(({ strength }, i): FinalTrial[] => {
      if (strength === undefined) return [];
      const side: Side = i === 0 ? "into" : "out-of";
      const own = { side, strength, of: candidate.id };
      return [
        { ...own, candidate, control: false },
        { ...own, candidate: randomCandidate(candidate.unit.length, seed, candidate.id), control: true },
      ];
    }),
  );
}

/** A random direction that is named after what it is the control of. */
export function randomCandidate(width: number, seed: number, name: string | number): Candidate {
  const random = Random.of("diff", "random direction", seed, name);
  return {
    id: `random-${name}`,
    kind: "random",
    unit: unitOf(Float32Array.from({ length: width }, () => random.normal())),
  };
}

interface Compared {
  readonly unsteered: Readonly<Record<Side, Counts>>;
  readonly maxIncoherent: number;
  /** Mean length of the residual stream. */
  readonly length: number;
  readonly shift: Float32Array;
  readonly direction?: Float32Array;
}

export function rankFinalists(
  found: readonly Found[],
  trials: readonly FinalTrial[],
  counts: readonly Counts[],
  compared: Compared,
): Ranked[] {
  const { unsteered, maxIncoherent, length, shift, direction } = compared;
  const countsOf = (id: string, side: Side, control: boolean): Counts | undefined =>
    counts[trials.findIndex((trial) => trial.of === id && trial.side === side && trial.control === control)];
  const effectOf = (id: string, side: Side, strength: number | undefined): SideEffect | null => {
    const own = countsOf(id, side, false);
    const random = countsOf(id, side, true);
    if (strength === undefined || own === undefined || random === undefined) return null;
    const steered = rateOf(own);
    const plain = rateOf(unsteered[side]);
    return {
      strength,
      length: strength * length,
      ...sharesOf(own),
      tooIncoherent: !isSound(own, maxIncoherent),
      effect: side === "into" ? shareDifference(steered, plain) : shareDifference(plain, steered),
      random: sharesOf(random),
    };
  };
  const plain = { into: shareOf(unsteered.into), "out-of": shareOf(unsteered["out-of"]) };
  const ranked = found.map(({ candidate, into, outOf }): Ranked => {
    const { id, kind, latent, unit } = candidate;
    const added = effectOf(id, "into", into.strength);
    const taken = effectOf(id, "out-of", outOf.strength);
    const left = countsOf(id, "out-of", false);
    return {
      id,
      kind,
      ...(latent !== undefined && { latent }),
      into: added,
      outOf: taken,
      removedShare: left ? relativeReduction(rateOf(unsteered["out-of"]), rateOf(left)) : noEstimate(),
      score: merit(added?.rate.estimate ?? undefined, taken?.rate.estimate ?? undefined, plain),
      cosine: { shift: cosine(unit, shift), ...(direction && { direction: cosine(unit, direction) }) },
    };
  });
  return ranked.toSorted((a, b) => b.score - a.score);
}

function sharesOf(counts: Counts): { readonly rate: Estimate; readonly coherent: Estimate } {
  const [rate, coherent] = [rateOf(counts), coherenceOf(counts)];
  return { rate: wilson(rate.hits, rate.n), coherent: wilson(coherent.hits, coherent.n) };
}

const shareOf = (counts: Counts): number => {
  const { hits, n } = rateOf(counts);
  return n === 0 ? 0 : hits / n;
};
