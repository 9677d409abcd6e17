/** The loss of a linear read-out over a vocabulary, whose logits are the largest tensor of a step. */
import { GraphError, last, sameShape, show, single, type Value } from "../graph.js";
import { add, divide, multiply, sum } from "./arithmetic.js";
import { capped } from "./cap.js";
import { gemm } from "./linear.js";
import { concatenate, reshape, split } from "./shape.js";

const SMALLEST = 1e-37; // keeps log finite where a float32 probability underflows: the loss of a token is at most 85

/** Logits that are in memory at once (64 MB), and the fewest rows for which that is a product worth doing. */
const LOGITS_AT_ONCE = 2 ** 24;
const FEWEST_ROWS = 128;

export interface ReadoutOptions {
  /** Logits x become cap · tanh(x / cap). */
  readonly cap?: number | undefined;
  /** Whether the table has no gradient; default false. */
  readonly frozen?: boolean;
  /** What the weighted sum is divided by; default the sum of the weights, which must not be 0 then. */
  readonly total?: Value;
  /** Rows whose logits are made at a time; by default all, or as many as 64 MB hold. */
  readonly rows?: number;
}

/**
 * Weighted cross-entropy of a linear read-out, Σ wᵢ (−log softmax(hᵢ Eᵀ)[tᵢ]) / Σ wᵢ, or / `total`.
 * Key: L positions that carry loss, W width, V vocabulary. hidden [L, W], table [V, W], targets [L] int64, weights [L].
 * Where the logits are many, they are made, and their gradient taken, for some rows after the others.
 * Returns the scalar loss and the log-probability of every target, [L].
 */
export function readoutCrossEntropy(
  hidden: Value,
  table: Value,
  targets: Value,
  weights: Value,
  { cap, frozen = false, total, rows }: ReadoutOptions = {},
): { loss: Value; logProbabilities: Value } {
  const count = hidden.shape[0] as number;
  if (hidden.shape.length !== 2 || last(hidden.shape) !== last(table.shape) || targets.shape[0] !== count) {
    throw new GraphError(
      `readoutCrossEntropy: hidden ${show(hidden.shape)}, table ${show(table.shape)} and targets ${show(targets.shape)} do not fit`,
    );
  }
  if (!sameShape(weights.shape, targets.shape)) {
    throw new GraphError(
      `readoutCrossEntropy: weights ${show(weights.shape)} and targets ${show(targets.shape)} do not fit`,
    );
  }
  const graph = hidden.graph;
  const mark = graph.tape.length;
  const sizes = chunksOf(count, rows ?? rowsAtOnce(table.shape[0] as number));
  const hiddens = split(hidden, sizes, 0);
  const columns = split(reshape(targets, [count, 1]), sizes, 0);
  const chunks = hiddens.map((part, i) => readChunk(part, table, columns[i] as Value, cap));
  const logProbabilities = reshape(
    concatenate(
      chunks.map((chunk) => chunk.logProbability),
      0,
    ),
    [count],
  );
  const shares = divide(weights, total ?? sum(weights)); // [L]
  const loss = single("Neg", [sum(multiply(shares, logProbabilities))], []);
  graph.tape.length = mark;
  graph.differentiable([hidden, table], [loss], ([g]) => {
    if (!g) return [];
    const share = split(reshape(multiply(shares, g), [count, 1]), sizes, 0);
    const found = chunks.map((chunk, i) => {
      const [own, excess] = [share[i] as Value, chunk.excess()];
      return { excess, own, forHidden: multiply(gemm(excess, table), own) };
    });
    const forHidden = concatenate(
      found.map((chunk) => chunk.forHidden),
      0,
    );
    if (frozen) return [forHidden];
    // A chunk's logits go when both gradients are there, and would wait for the table's, which is wanted last.
    const isOne = chunks.length === 1;
    const forTable = found
      .map(({ excess, own, forHidden: before }, i) => {
        const shared = multiply(hiddens[i] as Value, own);
        return gemm(excess, isOne ? shared : after(shared, before), { transA: true });
      })
      .reduce((whole, part) => add(whole, part));
    return [isOne ? forHidden : after(forHidden, forTable), forTable];
  });
  return { loss, logProbabilities };
}

function readChunk(hidden: Value, table: Value, column: Value, cap: number | undefined) {
  const { graph, shape } = hidden;
  const count = shape[0] as number;
  const { y: logits, slope } = capped(gemm(hidden, table, { transB: true }), cap);
  const probabilities = single("Softmax", [logits], logits.shape, { axis: -1 }); // [L, V]
  const chosen = single("GatherElements", [probabilities, column], [count, 1], { axis: 1 });
  const logProbability = single("Log", [single("Max", [chosen, graph.scalar(SMALLEST)], [count, 1])], [count, 1]);
  return {
    logProbability,
    // d loss / d logits = (softmax − onehot) · share, of which the share goes onto what is narrower. It overwrites the
    // probabilities: that what is written depends on the one other reader makes it the last.
    excess: () => {
      const less = single("Sub", [chosen, graph.scalar(1)], [count, 1]);
      return slope(single("ScatterElements", [probabilities, column, less], logits.shape, { axis: 1 }));
    },
  };
}

const rowsAtOnce = (vocabulary: number): number => Math.max(FEWEST_ROWS, Math.floor(LOGITS_AT_ONCE / vocabulary));

/** As few chunks as there must be, as equal as they can be. */
function chunksOf(count: number, most: number): number[] {
  const chunks = Math.max(1, Math.ceil(count / most));
  return Array.from({ length: chunks }, (_, i) => Math.floor((count + i) / chunks));
}

/** The same numbers, which are there only once `other` is. */
function after(x: Value, other: Value): Value {
  const { graph } = x;
  const flat = reshape(other, [other.shape.reduce((product, size) => product * size, 1)]);
  const first = single("Gather", [flat, graph.integers([0])], [1], { axis: 0 });
  const flag = single("Cast", [first], [1], { to: 9 }, "", "bool");
  return single("Where", [flag, x, x], x.shape);
}
