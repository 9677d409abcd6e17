/** The statistics of the search for a hidden subset as plainly as they can be written: what the fast ones must equal. */

export type Rows = readonly (readonly number[])[];

const FOLDS = 5;
const PRIOR = 2;

const countIn = (rows: Rows, feature: number): number => rows.filter((row) => row.includes(feature)).length;

const total = (row: readonly number[], weight: (feature: number) => number): number =>
  row.reduce((sum, feature) => sum + weight(feature), 0);

const rankOf = (score: number, others: readonly number[]): number => {
  const [below, equal] = [others.filter((one) => one < score), others.filter((one) => one === score)];
  return (below.length + equal.length / 2) / others.length;
};

/** AUROC of `inside` against `outside` by naive Bayes, cross-fitted. */
export function plainSeparation(
  rows: Rows,
  inside: readonly number[],
  outside: readonly number[],
  ignored: ReadonlySet<number>,
): number {
  const of = (numbers: readonly number[]): Rows => numbers.map((number) => rows[number] ?? []);
  const folds = Math.min(FOLDS, inside.length);
  let sum = 0;
  for (let fold = 0; fold < folds; fold++) {
    const held = inside.filter((_, i) => i % folds === fold);
    const learned = inside.filter((_, i) => i % folds !== fold);
    const weight = (feature: number): number => {
      if (ignored.has(feature)) return 0;
      const here = countIn(of(learned), feature);
      const others = countIn(rows, feature) - countIn(of(inside), feature);
      const background = (others + 0.5) / (rows.length - inside.length + 1);
      if (here === 0) return Math.log(PRIOR / (learned.length + PRIOR));
      return Math.log((here + PRIOR * background) / ((learned.length + PRIOR) * background));
    };
    const scores = of(outside).map((row) => total(row, weight));
    for (const row of of(held)) sum += rankOf(total(row, weight), scores);
  }
  return sum / inside.length;
}

/** For each set, the rank of its `chosen` member among the others, by naive Bayes learned from the other folds' sets. */
export function plainRanks(
  rows: Rows,
  sets: readonly (readonly number[])[],
  chosen: readonly number[],
  ignored: ReadonlySet<number>,
): number[] {
  const k = (sets[0]?.length ?? 0) - 1;
  const folds = Math.min(FOLDS, sets.length);
  const of = (numbers: readonly number[]): Rows => numbers.map((number) => rows[number] ?? []);
  const all = of(sets.flat());
  return sets.map((set, s) => {
    const learned = sets.flatMap((one, i) => (i % folds === s % folds ? [] : [{ one, pick: chosen[i] ?? 0 }]));
    const weight = (feature: number): number => {
      // What one member alone has can teach nothing, nor what no set outside the fold has.
      if (ignored.has(feature) || countIn(all, feature) < 2) return 0;
      const here = countIn(of(learned.map(({ one, pick }) => one[pick] ?? 0)), feature);
      const everywhere = countIn(of(learned.flatMap(({ one }) => one)), feature);
      if (everywhere === 0) return 0;
      if (here === 0) return Math.log(PRIOR / (learned.length + PRIOR));
      const background = (countIn(rows, feature) + 0.5) / (rows.length + 1);
      const base = (everywhere - here + k * PRIOR * background) / (learned.length * k + k * PRIOR);
      return Math.log((here + PRIOR * base) / ((learned.length + PRIOR) * base));
    };
    const scores = of(set).map((row) => total(row, weight));
    const pick = chosen[s] ?? 0;
    return rankOf(scores[pick] ?? 0, scores.toSpliced(pick, 1));
  });
}

/** Rows by the cosine of their rare words with those of one row; the earlier first where two are as near. */
export function plainNearest(rows: Rows, row: number, excluded: ReadonlySet<number>): number[] {
  const n = rows.length;
  const weight = (feature: number): number => {
    const count = countIn(rows, feature);
    return count > Math.max(20, 0.1 * n) ? 0 : Math.log(n / count) ** 2;
  };
  const own = rows[row] ?? [];
  return rows
    .map((other, i) => {
      const shared = total(
        own.filter((feature) => other.includes(feature)),
        weight,
      );
      return { i, score: shared / Math.sqrt(total(other, weight) || 1) };
    })
    .filter(({ i, score }) => i !== row && score > 0 && !excluded.has(i))
    .toSorted((a, b) => b.score - a.score || a.i - b.i)
    .map(({ i }) => i);
}

/** Phrases of one to three words in `least` to `most` rows, of those in the same rows the shortest. */
export function plainPhrases(rows: readonly Int32Array[], least: number, most: number, edge: number) {
  const found = new Map<string, { readonly words: number[]; readonly rows: number[]; readonly places: number[] }>();
  for (const length of [1, 2, 3]) {
    const phrases = new Map<string, { readonly words: number[]; readonly rows: number[]; readonly places: number[] }>();
    for (const [i, row] of rows.entries()) {
      for (let j = 0; j + length <= row.length; j++) {
        const words = [...row.subarray(j, j + length)];
        const phrase = phrases.get(words.join(" ")) ?? { words, rows: [], places: [] };
        phrases.set(words.join(" "), phrase);
        if (phrase.rows.at(-1) === i) continue;
        phrase.rows.push(i);
        phrase.places.push(j);
      }
    }
    for (const phrase of phrases.values()) {
      const isFrequent = phrase.rows.length >= least && phrase.rows.length <= most;
      const isWhole = phrase.words[1] !== edge || length === 2;
      const isMarks = phrase.words[0] === edge && phrase.words.at(-1) === edge;
      const key = phrase.rows.join(" ");
      if (isFrequent && isWhole && !isMarks && !found.has(key)) found.set(key, phrase);
    }
  }
  return [...found.values()];
}

/** The words around a phrase that at least 95 % of its rows share. */
export function plainSpan(
  rows: readonly Int32Array[],
  phrase: { readonly words: readonly number[]; readonly rows: readonly number[]; readonly places: readonly number[] },
): { readonly words: number[]; readonly from: number; readonly to: number } {
  const shared = (offset: number): number | undefined => {
    const words = phrase.rows.map((row, k) => rows[row]?.[(phrase.places[k] ?? 0) + offset]);
    return words.find(
      (word) => word !== undefined && words.filter((other) => other === word).length >= 0.95 * words.length,
    );
  };
  const words = [...phrase.words];
  let [from, to] = [0, words.length];
  for (let next = shared(to); next !== undefined && words.length < 40; next = shared(++to)) words.push(next);
  for (let next = shared(from - 1); next !== undefined && words.length < 40; next = shared(--from - 1)) {
    words.unshift(next);
  }
  return { words, from, to };
}
