// A Llama or Qwen2 decoder as plain loops in float64, straight from the tensors under their Hugging Face names.
import type { TransformerConfig, Weights } from "askew/onnx";
import {
  addRows,
  attention,
  matrix,
  product,
  rmsNormalize,
  rotary,
  swiglu,
  type Matrix,
} from "../../graph/reference.js";
import type { Scalar, Tape } from "../../graph/tape.js";

/** Tensors on a tape, by name. */
export type TapeWeights = ReadonlyMap<string, readonly Scalar[]>;

export function onTape(t: Tape, weights: Weights): Map<string, Scalar[]> {
  return new Map([...weights].map(([name, { data }]) => [name, t.numbers(data)]));
}

/** May change the rows of the residual stream after a layer. */
export type After = (layer: number, rows: Matrix) => Matrix;

export interface Decoded {
  /** Residual stream after each layer, [layers][T][W]. */
  readonly residual: Matrix[];
  /** [T][V] */
  readonly logits: Scalar[][];
}

export function decode(
  t: Tape,
  config: TransformerConfig,
  weights: TapeWeights,
  ids: readonly number[],
  after: After = (_layer, rows) => rows,
): Decoded {
  const { width, heads, keyValueHeads, headDim, hidden, epsilon } = config;
  const tensor = (name: string): readonly Scalar[] => {
    const found = weights.get(name);
    if (!found) throw new Error(`the reference has no "${name}"`);
    return found;
  };
  const linear = (x: Matrix, name: string, inputs: number): Scalar[][] => {
    const y = product(t, x, matrix(tensor(`${name}.weight`), inputs));
    const bias = weights.get(`${name}.bias`);
    return bias ? y.map((row) => addRows(t, row, bias)) : y;
  };
  const norm = (x: Matrix, name: string): Scalar[][] =>
    x.map((row) => rmsNormalize(t, row, epsilon).map((v, i) => t.multiply(v, tensor(`${name}.weight`)[i] as Scalar)));

  const table = matrix(tensor("model.embed_tokens.weight"), width);
  let x: Matrix = ids.map((id) => table[id] as Scalar[]);
  const residual: Matrix[] = [];
  for (let layer = 0; layer < config.layers; layer++) {
    const at = `model.layers.${layer}`;
    const a = norm(x, `${at}.input_layernorm`);
    const project = (p: string): Scalar[][] => linear(a, `${at}.self_attn.${p}_proj`, width);
    const [q, k, v] = [project("q"), project("k"), project("v")];
    const head = (rows: Matrix, i: number): Scalar[][] => rows.map((row) => row.slice(i * headDim, (i + 1) * headDim));
    const turned = (rows: Matrix): Scalar[][] =>
      rows.map((row, position) => rotary(t, row, position, config.ropeTheta));
    const mixed = Array.from({ length: heads }, (_, h) => {
      const group = Math.floor(h / (heads / keyValueHeads));
      return attention(t, turned(head(q, h)), turned(head(k, group)), head(v, group), (query, key) => key <= query);
    });
    const gathered = ids.map((_, i) => mixed.flatMap((rows) => rows[i] as Scalar[]));
    const attended = linear(gathered, `${at}.self_attn.o_proj`, heads * headDim);
    x = x.map((row, i) => addRows(t, row, attended[i] as Scalar[]));

    const b = norm(x, `${at}.post_attention_layernorm`);
    const gate = linear(b, `${at}.mlp.gate_proj`, width);
    const up = linear(b, `${at}.mlp.up_proj`, width);
    const inner = gate.map((row, i) => swiglu(t, [...row, ...(up[i] as Scalar[])]));
    const out = linear(inner, `${at}.mlp.down_proj`, hidden);
    x = after(
      layer,
      x.map((row, i) => addRows(t, row, out[i] as Scalar[])),
    );
    residual.push(x);
  }
  const readout = config.tied ? table : matrix(tensor("lm_head.weight"), width);
  return { residual, logits: product(t, norm(x, "model.norm"), readout) };
}
