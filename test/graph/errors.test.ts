import {
  add,
  attention,
  concatenate,
  divide,
  gatherRows,
  gemm,
  Graph,
  linear,
  matmul,
  multiply,
  readoutCrossEntropy,
  reshape,
  rotary,
  split,
  subtract,
  sum,
  swiglu,
  transpose,
  expand,
  type Value,
} from "askew/graph";
import { GraphError } from "#internal/graph";
import { describe, expect, it } from "vitest";

let count = 0;
const graph = new Graph();
const x = (...shape: number[]): Value => graph.feed(`x${count++}`, "float32", shape);
const ids = (...shape: number[]): Value => graph.feed(`x${count++}`, "int64", shape);

/** Every mistake in shapes is found while building, and the message names the operator and what it found. */
const mistakes: Record<string, [() => unknown, string]> = {
  add: [() => add(x(2, 3), x(3, 2)), "add: shapes [2, 3] and [3, 2] do not broadcast"],
  subtract: [() => subtract(x(2), x(3)), "subtract: shapes [2] and [3] do not broadcast"],
  multiply: [() => multiply(x(4, 1, 2), x(3, 3)), "multiply: shapes [4, 1, 2] and [3, 3] do not broadcast"],
  divide: [() => divide(x(2), x(3)), "divide: shapes [2] and [3] do not broadcast"],
  sum: [() => sum(x(2, 3), [2]), "sum: no axis 2 in [2, 3]"],
  expand: [() => expand(x(2, 3), [2, 4]), "expand: [2, 3] does not repeat to [2, 4]"],
  reshape: [() => reshape(x(2, 3), [4]), "reshape: [2, 3] has 6 elements, [4] 4"],
  transpose: [() => transpose(x(2, 3), [0, 0]), "transpose: order [0, 0] does not permute the axes of [2, 3]"],
  "transpose, axis beyond": [
    () => transpose(x(2, 3), [0, 2]),
    "transpose: order [0, 2] does not permute the axes of [2, 3]",
  ],
  concatenate: [() => concatenate([x(2, 3), x(3, 3)], 1), "concatenate: [2, 3] and [3, 3] differ outside axis 1"],
  split: [() => split(x(2, 3), [1, 1], 1), "split: sizes [1, 1] sum to 2, axis 1 of [2, 3] does not"],
  linear: [() => linear(x(2, 3), x(4, 5)), "linear: x [2, 3] does not fit weight [4, 5], expected [..., 5]"],
  "linear, bias": [() => linear(x(2, 5), x(4, 5), x(3)), "linear: [3] cannot be added, expected [4] or [2, 4]"],
  gemm: [() => gemm(x(2, 3), x(2, 3)), "gemm: [2, 3] and [2, 3] do not fit"],
  "gemm, transposed": [() => gemm(x(2, 3), x(3, 2), { transB: true }), "gemm: [2, 3] and [3, 2]ᵀ do not fit"],
  matmul: [() => matmul(x(2, 3, 4), x(3, 4, 5)), "matmul: [2, 3, 4] and [3, 4, 5] do not fit"],
  "matmul, transposed": [
    () => matmul(x(2, 3, 4), x(2, 3, 5), { transB: true }),
    "matmul: [2, 3, 4] and [2, 3, 5]ᵀ do not fit",
  ],
  swiglu: [() => swiglu(x(2, 3), x(2, 4)), "swiglu: gate [2, 3] and up [2, 4] differ"],
  rotary: [
    () => rotary(x(1, 2, 3, 4), ids(1, 3), x(9, 4), x(9, 4)),
    "rotary: x [1, 2, 3, 4] needs cos and sin [positions, 2], found [9, 4]",
  ],
  attention: [
    () => attention(x(1, 2, 3, 4), x(1, 2, 3, 5), x(1, 2, 3, 5), x(1, 1, 3, 3)),
    "attention: q [1, 2, 3, 4], k [1, 2, 3, 5] and v [1, 2, 3, 5] do not fit",
  ],
  gatherRows: [() => gatherRows(x(2, 3, 4), ids(2)), "gatherRows: expected a matrix, found [2, 3, 4]"],
  readoutCrossEntropy: [
    () => readoutCrossEntropy(x(5, 4), x(9, 3), ids(5), x(5)),
    "readoutCrossEntropy: hidden [5, 4], table [9, 3] and targets [5] do not fit",
  ],
  "readoutCrossEntropy, weights": [
    () => readoutCrossEntropy(x(5, 3), x(9, 3), ids(5), x(4)),
    "readoutCrossEntropy: weights [4] and targets [5] do not fit",
  ],
  constant: [() => graph.constant(new Float32Array(3), [2, 2]), "constant: shape [2, 2] needs 4 elements, found 3"],
  update: [() => graph.update(graph.stateTensor("s", "float32", [2]), x(3)), "update: s is [2], its next value is [3]"],
  append: [
    () => graph.append(graph.stateTensor("cache", "float32", [2, 1, 8, 4]), x(2, 1, 1, 5), x(2)),
    "append: [2, 1, 1, 5] does not fit into cache [2, 1, 8, 4]",
  ],
  feed: [() => (x(1), graph.feed("x0", "float32", [1])), 'the graph already has a tensor "x0"'],
  "another graph": [() => add(x(2), new Graph().feed("y", "float32", [2])), "Add: y belongs to another graph"],
  "a bad shape": [() => graph.feed("bad", "float32", [2, -1]), "bad: bad shape [2, -1]"],
};

describe("mistakes are found while a graph is built", () => {
  for (const [name, [build, message]] of Object.entries(mistakes)) {
    it(`${name}: refused with both shapes`, () => {
      expect(build).toThrow(new GraphError(message));
    });
  }
});
