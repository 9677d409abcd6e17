/**
 * Ridge regression on wide features, such as a model's activations. Features are standardised, so that one penalty fits
 * all of them; conjugate gradients solve for the weights without a matrix of the features' products.
 *
 * Sources: A. E. Hoerl and R. W. Kennard, "Ridge Regression" (1970); M. R. Hestenes and E. Stiefel, "Methods of Conjugate
 * Gradients for Solving Linear Systems" (1952). Key: N rows, W features.
 */

export interface RidgeProblem {
  /** [N, W], row by row. */
  readonly features: Float32Array;
  /** W */
  readonly width: number;
  /** [N] */
  readonly targets: ArrayLike<number>;
  /** The rows to fit on; all unless given. */
  readonly rows?: readonly number[];
}

export interface Ridge {
  /** [W], in the features' own units. */
  readonly weights: Float64Array;
  readonly intercept: number;
}

const MOST_STEPS = 500;
const TOLERANCE = 1e-8;

/**
 * Minimises mean (y − a − x·w)² + penalty · |w|² over standardised features. One that does not vary gets weight 0.
 * @param penalty relative to the features' variance: 1 shrinks a lone feature's weight by half
 * @throws {RangeError} fewer than two rows, a negative penalty, or sizes that do not fit
 *
 * @example
 * import { ridge, ridgeValue } from "askew/statistics";
 *
 * const features = Float32Array.of(0, 1, 2, 3);
 * const fit = ridge({ features, width: 1, targets: [1, 3, 5, 7] }, 0);
 * console.log(ridgeValue(fit, Float32Array.of(10), 0)); // 21
 */
export function ridge({ features, width, targets, rows: some }: RidgeProblem, penalty: number): Ridge {
  const rows = some ?? Array.from({ length: targets.length }, (_, i) => i);
  if (features.length !== targets.length * width)
    throw new RangeError(
      `ridge: expected ${targets.length} rows of ${width} features, found ${features.length} numbers`,
    );
  if (rows.length < 2 || !(penalty >= 0))
    throw new RangeError(`ridge: expected at least two rows and a penalty from 0, found ${rows.length}, ${penalty}`);
  const n = rows.length;
  const { means, scales } = moments(features, width, rows);
  const centre = rows.reduce((sum, row) => sum + (targets[row] as number), 0) / n;
  // X w for standardised X = (F − means) / scales, without a copy of F.
  const times = (w: Float64Array): Float64Array => {
    const scaled = w.map((value, j) => value / (scales[j] as number));
    const offset = dot(scaled, means);
    return Float64Array.from(rows, (row) => rowDot(features, row * width, scaled) - offset);
  };
  const transposed = (r: Float64Array): Float64Array => {
    const sums = new Float64Array(width);
    let total = 0;
    rows.forEach((row, i) => {
      const value = r[i] as number;
      total += value;
      for (let j = 0, at = row * width; j < width; j++)
        sums[j] = (sums[j] as number) + value * (features[at + j] as number);
    });
    return sums.map((sum, j) => (sum - total * (means[j] as number)) / (scales[j] as number));
  };
  const w = new Float64Array(width);
  let residual = transposed(Float64Array.from(rows, (row) => (targets[row] as number) - centre));
  let direction = residual.slice();
  let size = dot(residual, residual);
  const enough = size * TOLERANCE * TOLERANCE;
  for (let step = 0; step < MOST_STEPS && size > enough; step++) {
    const image = transposed(times(direction)).map((value, j) => value + penalty * n * (direction[j] as number));
    const along = size / dot(direction, image);
    if (!Number.isFinite(along)) break;
    residual = residual.map((value, j) => value - along * (image[j] as number));
    direction.forEach((value, j) => (w[j] = (w[j] as number) + along * value));
    const next = dot(residual, residual);
    const more = next / size;
    direction = direction.map((value, j) => (residual[j] as number) + more * value);
    size = next;
  }
  const weights = w.map((value, j) => value / (scales[j] as number));
  return { weights, intercept: centre - dot(weights, means) };
}

/** What a fit says of one row of features. */
export const ridgeValue = ({ weights, intercept }: Ridge, features: Float32Array, row: number): number =>
  intercept + rowDot(features, row * weights.length, weights);

/** Means and standard deviations of each feature; one that does not vary is left as it is, and centred to 0. */
function moments(features: Float32Array, width: number, rows: readonly number[]) {
  const means = new Float64Array(width);
  const scales = new Float64Array(width);
  for (const row of rows)
    for (let j = 0; j < width; j++) means[j] = (means[j] as number) + (features[row * width + j] as number);
  means.forEach((sum, j) => (means[j] = sum / rows.length));
  for (const row of rows)
    for (let j = 0; j < width; j++) {
      const off = (features[row * width + j] as number) - (means[j] as number);
      scales[j] = (scales[j] as number) + off * off;
    }
  scales.forEach((sum, j) => {
    const deviation = Math.sqrt(sum / rows.length);
    scales[j] = deviation > 1e-7 * (Math.abs(means[j] as number) + 1e-30) ? deviation : Infinity;
  });
  return { means, scales };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] as number) * (b[j] as number);
  return sum;
}

function rowDot(features: Float32Array, at: number, w: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < w.length; j++) sum += (features[at + j] as number) * (w[j] as number);
  return sum;
}
