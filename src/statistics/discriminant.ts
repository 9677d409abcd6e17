/**
 * Fisher's linear discriminant: the weighting of several measures that tells two groups apart best, for groups that
 * vary alike. The covariance within groups is shrunk towards its diagonal, so that measures that move together, and few
 * examples, do not blow the weights up.
 *
 * Sources: R. A. Fisher, "The Use of Multiple Measurements in Taxonomic Problems" (1936); J. H. Friedman, "Regularized
 * Discriminant Analysis" (1989) for the shrinkage.
 */

export interface Discriminant {
  /** One for each measure, in its own units. */
  readonly weights: readonly number[];
  /** Mean and standard deviation of the weighted sum over the negatives: what a score is standardised by. */
  readonly centre: number;
  readonly scale: number;
}

/**
 * @param positives, negatives rows of measures, all of one length, at least two rows each
 * @param shrinkage share of the diagonal, in [0, 1]
 */
export function discriminant(
  positives: readonly (readonly number[])[],
  negatives: readonly (readonly number[])[],
  shrinkage = 0.1,
): Discriminant {
  const width = positives[0]?.length ?? 0;
  if (!(shrinkage >= 0 && shrinkage <= 1)) {
    throw new RangeError(`discriminant: shrinkage must lie in [0, 1], found ${shrinkage}`);
  }
  if (positives.length < 2 || negatives.length < 2 || width === 0) {
    throw new RangeError(
      `discriminant: expected at least two rows of each group, found ${positives.length} and ${negatives.length}`,
    );
  }
  for (const row of [...positives, ...negatives]) {
    if (row.length !== width || !row.every(Number.isFinite)) {
      throw new RangeError(`discriminant: expected rows of ${width} finite numbers, found ${JSON.stringify(row)}`);
    }
  }
  const high = meanOf(positives, width);
  const low = meanOf(negatives, width);
  const within = withinCovariance([
    { rows: positives, mean: high },
    { rows: negatives, mean: low },
  ]);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) if (i !== j) at(within, i)[j] = (1 - shrinkage) * (at(within, i)[j] as number);
    // A measure that never varies within the groups tells nothing that can be weighed.
    if (!((at(within, i)[i] as number) > 0)) at(within, i)[i] = Infinity;
  }
  const weights = solve(
    within,
    high.map((x, i) => x - (low[i] as number)),
  );
  const sums = negatives.map((row) => dot(weights, row));
  const centre = sums.reduce((sum, x) => sum + x, 0) / sums.length;
  const variance = sums.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (sums.length - 1);
  const scale = Math.sqrt(variance);
  if (!(scale > 0)) throw new RangeError("discriminant: the negatives do not vary");
  return { weights, centre, scale };
}

/** How far a row lies from the negatives towards the positives, in standard deviations of the negatives. */
export function discriminate({ weights, centre, scale }: Discriminant, row: readonly number[]): number {
  return (dot(weights, row) - centre) / scale;
}

const at = (matrix: readonly number[][], i: number): number[] => matrix[i] as number[];
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);

function meanOf(rows: readonly (readonly number[])[], width: number): number[] {
  return Array.from({ length: width }, (_, i) => rows.reduce((sum, row) => sum + (row[i] as number), 0) / rows.length);
}

interface Group {
  readonly rows: readonly (readonly number[])[];
  readonly mean: readonly number[];
}

function withinCovariance(groups: readonly Group[]): number[][] {
  const width = groups[0]?.mean.length ?? 0;
  const free = groups.reduce((sum, { rows }) => sum + rows.length - 1, 0);
  const covariance = Array.from({ length: width }, () => Array.from({ length: width }, () => 0));
  for (const { rows, mean } of groups) {
    for (const row of rows) {
      for (let i = 0; i < width; i++) {
        for (let j = 0; j < width; j++) {
          const term = ((row[i] as number) - (mean[i] as number)) * ((row[j] as number) - (mean[j] as number));
          at(covariance, i)[j] = (at(covariance, i)[j] as number) + term / free;
        }
      }
    }
  }
  return covariance;
}

/** Solves the symmetric positive definite system by Cholesky's factors, after scaling its diagonal to 1. */
function solve(matrix: readonly number[][], right: readonly number[]): number[] {
  const n = right.length;
  const root = matrix.map((row, i) => Math.sqrt(row[i] as number));
  const scaled = (i: number, j: number): number =>
    i === j ? 1 : (at(matrix, i)[j] as number) / ((root[i] as number) * (root[j] as number));
  const lower = Array.from({ length: n }, () => Array.from({ length: n }, () => 0));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = scaled(i, j);
      for (let k = 0; k < j; k++) sum -= (at(lower, i)[k] as number) * (at(lower, j)[k] as number);
      // Measures that say the same twice leave nothing here but rounding.
      if (i === j) at(lower, i)[j] = Math.sqrt(Math.max(sum, 1e-12));
      else at(lower, i)[j] = sum / (at(lower, j)[j] as number);
    }
  }
  const forward: number[] = [];
  for (let i = 0; i < n; i++) {
    let sum = (right[i] as number) / (root[i] as number);
    for (let k = 0; k < i; k++) sum -= (at(lower, i)[k] as number) * (forward[k] as number);
    forward.push(sum / (at(lower, i)[i] as number));
  }
  const solution = Array.from({ length: n }, () => 0);
  for (let i = n - 1; i >= 0; i--) {
    let sum = forward[i] as number;
    for (let k = i + 1; k < n; k++) sum -= (at(lower, k)[i] as number) * (solution[k] as number);
    solution[i] = sum / (at(lower, i)[i] as number);
  }
  return solution.map((x, i) => x / (root[i] as number));
}
