// The weights of a model without an engine, in plain loops: bigrams, whose read-out or an adapter of it is trained.
import type * as Model from "askew/model";
import { Random } from "askew/statistics";

export const [WIDTH, LAYERS, SIZE] = [8, 2, 132];
export type Changes = readonly Model.Intervention[];
export type Vector = Float32Array;

export const drawn = (name: string, rows: number): Vector => {
  const random = Random.of("fake", name);
  return Float32Array.from({ length: rows * WIDTH }, () => random.normal());
};
export const row = (all: Vector, at: number, width = WIDTH): Vector => all.subarray(at * width, (at + 1) * width);
export const dot = (a: Vector, b: Vector): number => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
export const addTo = (x: Vector, y: Vector, by = 1): void => y.forEach((v, i) => (x[i] = (x[i] as number) + by * v));

function change(
  x: Vector,
  { add, addEach, projectOut, to = 0, share = 1, capped = false }: Changes[number],
  text: number,
) {
  if (projectOut) {
    const norm = Math.hypot(...projectOut);
    const over = dot(x, projectOut) / norm - to;
    if (!capped || over > 0) addTo(x, projectOut, (-share * over) / norm);
  }
  const vector = add ?? addEach?.[text];
  if (vector) addTo(x, vector);
}

/** The weights, and what is trained of them: the read-out, or an adapter B [V, r] A [r, W] beside it. */
export class Weights implements Model.Trainable {
  step = 0;
  readonly a: Vector;
  b: Vector;
  constructor(
    readonly embedding: Vector,
    readonly layers: Vector,
    public head: Vector,
    readonly lora: Model.LoraOptions | undefined,
  ) {
    this.a = drawn(`adapter ${lora?.seed ?? 0}`, this.rank);
    this.b = new Float32Array(SIZE * this.rank);
  }
  get rank(): number {
    return this.lora?.rank ?? 0;
  }
  get scale(): number {
    return this.lora ? this.lora.alpha / this.rank : 0;
  }
  /** The read-out as it is, an adapter merged in. */
  merged(): Vector {
    const head = this.head.slice();
    for (let v = 0; v < SIZE; v++)
      row(this.b, v, this.rank).forEach((b, r) => addTo(row(head, v), row(this.a, r), this.scale * b));
    return head;
  }
  async train(rows: readonly Model.LearnedText[], learningRate: number): Promise<Model.StepResult> {
    const pairs = rows.flatMap(({ ids, answer, weights }) =>
      ids.flatMap((id, i) => (i > 0 && answer[i] ? [[ids[i - 1] as number, id, weights?.[i] ?? 1] as const] : [])),
    );
    for (const { ids, weights } of rows)
      if (weights && weights.length !== ids.length) throw new RangeError("as many weights as tokens");
    const head = this.merged();
    const gradient = new Float32Array(SIZE * WIDTH);
    let loss = 0;
    for (const [before, id, weight] of pairs) {
      const x = residual(this, before, LAYERS - 1, [], 0);
      const chances = logSoftmax(head, x);
      loss -= (weight * (chances[id] as number)) / pairs.length;
      chances.forEach((p, v) =>
        addTo(row(gradient, v), x, (weight * (Math.exp(p) - (v === id ? 1 : 0))) / pairs.length),
      );
    }
    for (let v = 0; v < SIZE; v++) {
      if (this.lora)
        for (let r = 0; r < this.rank; r++)
          addTo(
            row(this.b, v, this.rank).subarray(r, r + 1),
            Float32Array.of(dot(row(gradient, v), row(this.a, r))),
            -learningRate * this.scale,
          );
      else addTo(row(this.head, v), row(gradient, v), -learningRate);
    }
    this.step++;
    return { loss, gradientNorm: Math.hypot(...gradient), tokens: pairs.length };
  }
  async checkpoint(): Promise<Model.TrainingState> {
    const tensor = (data: Vector) => ({ shape: [data.length], data: data.slice() });
    return {
      step: this.step,
      tensors: new Map([["head", tensor(this.head)], ...(this.lora ? [["b", tensor(this.b)] as const] : [])]),
    };
  }
  async restore({ step, tensors }: Model.TrainingState): Promise<void> {
    this.step = step;
    this.head = tensors.get("head")?.data.slice() ?? this.head;
    this.b = tensors.get("b")?.data.slice() ?? this.b;
  }
  async adapter(): Promise<Model.Adapter> {
    if (!this.lora) throw new Error("all weights are trained");
    const modules = new Map([
      ["lm_head", { a: { shape: [this.rank, WIDTH], data: this.a }, b: { shape: [SIZE, this.rank], data: this.b } }],
    ]);
    return { rank: this.rank, alpha: this.lora.alpha, rankStabilized: false, targets: [], base: "", modules };
  }
}

/** The residual stream [W] after a layer: it depends on the token alone. */
export function residual(
  { embedding, layers }: Weights,
  token: number,
  layer: number,
  changes: Changes,
  text: number,
): Vector {
  const x = row(embedding, token).slice();
  for (let at = 0; at <= layer; at++) {
    addTo(x, row(layers, at));
    for (const one of changes) if (one.layer === at) change(x, one, text);
  }
  return x;
}

export function logSoftmax(head: Vector, x: Vector): number[] {
  const logits = Array.from({ length: SIZE }, (_, v) => dot(row(head, v), x));
  const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  return logits.map((logit) => logit - total);
}
