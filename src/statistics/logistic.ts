/**
 * Logistic regression of a yes or no on a few measures: what turns a score into a probability (J. Platt, "Probabilistic
 * Outputs for Support Vector Machines", 1999, with his targets, which keep a perfect split from infinite weights).
 */

export interface Logistic {
  /** One for each measure, in its own units. */
  readonly weights: readonly number[];
  readonly intercept: number;
}

const MOST_STEPS = 100;
const RIDGE = 1e-9;

/**
 * By Newton's method.
 * @param measures rows of one length
 * @throws {RangeError} no row, or rows and outcomes that differ in number
 */
export function logistic(measures: readonly (readonly number[])[], outcomes: readonly boolean[]): Logistic {
  const width = measures[0]?.length ?? 0;
  if (width === 0 || measures.length !== outcomes.length)
    throw new RangeError(`logistic: expected an outcome for each row, found ${measures.length}, ${outcomes.length}`);
  const positives = outcomes.filter(Boolean).length;
  const negatives = outcomes.length - positives;
  const [high, low] = [(positives + 1) / (positives + 2), 1 / (negatives + 2)];
  const { means, scales } = momentsOf(measures, width);
  const rows = measures.map((row) => [1, ...row.map((x, j) => (x - (means[j] as number)) / (scales[j] as number))]);
  let w = Array.from({ length: width + 1 }, () => 0);
  for (let step = 0; step < MOST_STEPS; step++) {
    const gradient = w.map((value) => -RIDGE * value);
    const curvature = w.map((_, i) => w.map((__, j) => (i === j ? RIDGE : 0)));
    rows.forEach((row, i) => {
      const p = sigmoid(product(w, row));
      const off = (outcomes[i] === true ? high : low) - p;
      row.forEach((x, j) => {
        gradient[j] = (gradient[j] as number) + off * x;
        const line = curvature[j] as number[];
        row.forEach((y, k) => (line[k] = (line[k] as number) + p * (1 - p) * x * y));
      });
    });
    const move = solve(curvature, gradient);
    // Far from the optimum a whole step may leap past it.
    const most = Math.max(...move.map(Math.abs));
    const share = most > 4 ? 4 / most : 1;
    w = w.map((value, j) => value + share * (move[j] as number));
    if (most < 1e-10) break;
  }
  const [first = 0, ...rest] = w;
  const weights = rest.map((value, j) => value / (scales[j] as number));
  return { weights, intercept: first - product(weights, means) };
}

/** The probability of a yes. */
export const logisticValue = ({ weights, intercept }: Logistic, measures: readonly number[]): number =>
  sigmoid(intercept + product(weights, measures));

const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

const product = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);

function momentsOf(rows: readonly (readonly number[])[], width: number) {
  const columns = Array.from({ length: width }, (_, j) => rows.map((row) => row[j] as number));
  const means = columns.map((column) => column.reduce((sum, x) => sum + x, 0) / rows.length);
  const scales = columns.map((column, j) => {
    const deviation = Math.sqrt(column.reduce((sum, x) => sum + (x - (means[j] as number)) ** 2, 0) / rows.length);
    return deviation > 0 ? deviation : 1;
  });
  return { means, scales };
}

/** A x = b for a small symmetric positive definite A, by elimination with pivots. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i] as number]);
  const size = b.length;
  for (let i = 0; i < size; i++) {
    const pivot = rows
      .slice(i)
      .reduce(
        (best, row, k) => (Math.abs(row[i] as number) > Math.abs((rows[best] as number[])[i] as number) ? k + i : best),
        i,
      );
    [rows[i], rows[pivot]] = [rows[pivot] as number[], rows[i] as number[]];
    const top = rows[i] as number[];
    for (const row of rows.slice(i + 1)) {
      const factor = (row[i] as number) / (top[i] as number);
      for (let k = i; k <= size; k++) row[k] = (row[k] as number) - factor * (top[k] as number);
    }
  }
  const x = Array.from({ length: size }, () => 0);
  for (let i = size - 1; i >= 0; i--) {
    const row = rows[i] as number[];
    const rest = row.slice(i + 1, size).reduce((sum, value, k) => sum + value * (x[i + 1 + k] as number), 0);
    x[i] = ((row[size] as number) - rest) / (row[i] as number);
  }
  return x;
}
