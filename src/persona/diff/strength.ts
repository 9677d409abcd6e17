/**
 * How strongly to steer: the largest strength that leaves the model as coherent as is asked, found by doubling and
 * halving until it is bracketed, then by bisection of the logarithm. Strength is in mean lengths of the residual stream.
 */

export interface Tried {
  readonly strength: number;
  /** Whether enough of its answers were coherent. */
  readonly sound: boolean;
}

/** Weaker steering than this is none; stronger leaves nothing of the stream. */
export const STRENGTHS = { first: 0.5, least: 1 / 32, most: 4 } as const;

/** The largest sound strength; undefined while none is. */
export function soundStrength(tried: readonly Tried[]): number | undefined {
  const sound = tried.filter((one) => one.sound).map(({ strength }) => strength);
  return sound.length === 0 ? undefined : Math.max(...sound);
}

/** What to try next; undefined where the end of the range is reached. */
export function nextStrength(tried: readonly Tried[]): number | undefined {
  if (tried.length === 0) return STRENGTHS.first;
  const low = soundStrength(tried);
  // With few answers a weak strength may look broken where a stronger one is sound: what is sound counts.
  const broken = tried.filter(({ sound, strength }) => !sound && strength > (low ?? 0)).map(({ strength }) => strength);
  const next =
    low === undefined ? Math.min(...broken) / 2 : broken.length === 0 ? 2 * low : Math.sqrt(low * Math.min(...broken));
  return next < STRENGTHS.least || next > STRENGTHS.most ? undefined : Number(next.toPrecision(3));
}
