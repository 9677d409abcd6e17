/** How unlikely a sum of ranks is where each is any of its values with equal chance: exact, by adding one at a time. */

const tables = new Map<string, Float64Array>();
const MOST_TABLES = 500;

/**
 * Minus the decimal logarithm of the chance that `sets` ranks, each 0, 1 … `controls` with equal chance, sum to at
 * least `sum`. Half a rank counts as the rank below it.
 */
export function rankEvidence(sum: number, sets: number, controls: number): number {
  const key = `${sets} ${controls}`;
  let tails = tables.get(key);
  if (tables.size > MOST_TABLES) tables.clear();
  if (tails === undefined) tables.set(key, (tails = tailsOf(sets, controls)));
  const index = Math.max(0, Math.min(sets * controls, Math.floor(sum + 1e-9)));
  return Math.max(0, -Math.log10(tails[index] as number));
}

function tailsOf(sets: number, controls: number): Float64Array {
  let chances = Float64Array.of(1);
  for (let s = 0; s < sets; s++) {
    const next = new Float64Array(chances.length + controls);
    for (const [i, chance] of chances.entries()) {
      for (let j = 0; j <= controls; j++) next[i + j] = (next[i + j] as number) + chance / (controls + 1);
    }
    chances = next;
  }
  for (let i = chances.length - 2; i >= 0; i--) chances[i] = (chances[i] as number) + (chances[i + 1] as number);
  return chances;
}
