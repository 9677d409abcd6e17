/**
 * Damerau and Levenshtein's distance: insertions, deletions, substitutions and swapped neighbours.
 * @param most beyond it the exact number does not matter: `most + 1` as soon as it must be larger
 */
export function editDistance(a: string, b: string, most = Infinity): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  let smallest = 0;
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(changed, at(row, j) + 1, at(next, j - 1) + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, at(before, j - 2) + 1);
      next.push(cost);
    }
    // A swap reaches back two rows, so both must be beyond.
    const least = Math.min(...next);
    if (Math.min(smallest, least) > most) return most + 1;
    smallest = least;
    before = row;
    row = next;
  }
  return Math.min(at(row, b.length), most + 1);
}

const at = (row: readonly number[], i: number): number => row[i] as number;
