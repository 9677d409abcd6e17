/**
 * The sign-flip (one-sample permutation) test: if pairs did not differ, each difference might as well carry the other
 * sign. No assumption but that symmetry.
 *
 * Source: R. A. Fisher, "The Design of Experiments" (1935), section 21.
 */
import { requireFinite } from "./check.js";
import { pairwiseSum } from "./mean.js";
import { Pcg64 } from "./pcg64.js";

/** Up to this many pairs all 2^n sign patterns are counted; beyond it they are sampled. */
const EXACT_PAIRS = 16;
const SAMPLES = 20_000;
/** Of very many pairs fewer patterns are drawn: this many signs in all, and never fewer than 1,000 patterns. */
const MOST_SIGNS = 20_000_000;

/**
 * The two-sided p-value for a mean difference of zero. Its least possible value is 2 / 2^n (0.25 with 3 pairs, 0.031
 * with 6): few seeds cannot show much, however large the effect. Above 16 pairs, (1 + hits) / (1 + 20,000) over sign
 * patterns drawn from `seed`.
 */
export function signFlipTest(differences: readonly number[], seed = 0): number {
  requireFinite("signFlipTest", differences);
  // Flipped sums that tie with the observed one in exact arithmetic must tie here too.
  const slack = 1e-12 * pairwiseSum(differences.map(Math.abs));
  const observed = Math.abs(pairwiseSum(differences)) - slack;
  if (differences.length <= EXACT_PAIRS) {
    const patterns = 2 ** differences.length;
    let extreme = 0;
    for (let pattern = 0; pattern < patterns; pattern++) {
      if (Math.abs(flippedSum(differences, (i) => ((pattern >> i) & 1) === 1)) >= observed) extreme++;
    }
    return extreme / patterns;
  }
  const generator = new Pcg64(seed);
  let extreme = 0;
  const samples = Math.min(SAMPLES, Math.max(1000, Math.floor(MOST_SIGNS / differences.length)));
  for (let sample = 0; sample < samples; sample++) {
    if (Math.abs(flippedSum(differences, () => generator.integer(2) === 1)) >= observed) extreme++;
  }
  return (1 + extreme) / (1 + samples);
}

function flippedSum(differences: readonly number[], flip: (index: number) => boolean): number {
  return differences.reduce((sum, difference, i) => sum + (flip(i) ? -difference : difference), 0);
}
