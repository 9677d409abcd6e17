/**
 * Changes to the residual stream after chosen layers: add a vector, remove the component along a direction (Turner et
 * al. 2023; Arditi et al. 2024), or put that component where another text has it, or no further than there. The vectors are feeds, so a sweep over strengths compiles once.
 */
import type { Intervention as Steering } from "../../capabilities/index.js";
import { add, linear, multiply, rectify, reshape, subtract, type Graph, type Value } from "../../graph/index.js";
import type { AfterLayer } from "./forward.js";

export type { Steering };

/** Identifies the graph that a list of steerings needs, whatever their vectors. */
export const steeringKey = (steering: readonly Steering[]): string =>
  steering
    .map(
      (s) =>
        `${s.layer}${s.add ? "+" : ""}${s.addEach ? "≡" : ""}${s.projectOut ? (s.capped ? "⊤" : "⊥") : ""}${s.tokens === "answer" ? "a" : ""}`,
    )
    .join(",");

/** @param texts how many are steered; each has its own vector of `addEach` */
export function checkSteering(steering: readonly Steering[], layers: number, width: number, texts: number): void {
  for (const { layer, add: vector, addEach, projectOut, share = 1, to = 0 } of steering) {
    if (!Number.isInteger(layer) || layer < 0 || layer >= layers) {
      throw new RangeError(`steering: layer ${layer} is not one of 0 … ${layers - 1}`);
    }
    if (vector && addEach) throw new RangeError("steering: expected add or addEach, found both");
    if (addEach && addEach.length !== texts)
      throw new RangeError(`steering: addEach has ${addEach.length} vectors for ${texts} texts`);
    for (const v of [vector, projectOut, ...(addEach ?? [])]) {
      if (v && v.length !== width)
        throw new RangeError(`steering: a vector has ${v.length} elements, the model's width is ${width}`);
    }
    if (!Number.isFinite(share)) throw new RangeError(`steering: share must be a number, found ${share}`);
    if (!Number.isFinite(to)) throw new RangeError(`steering: to must be a number, found ${to}`);
    if (projectOut?.every((x) => x === 0)) throw new RangeError("steering: the direction to project out is zero");
  }
}

/** The steering of a prompt: nothing that is for answers alone. */
export const promptSteering = (steering: readonly Steering[]): readonly Steering[] =>
  steering.filter(({ tokens }) => tokens !== "answer");

export const steersAnswersOnly = (steering: readonly Steering[]): boolean =>
  steering.some(({ tokens }) => tokens === "answer");

/**
 * The graph's side: what to do after each layer. Residual [N, W], the positions of a text one after the other.
 * @param rows texts of the batch: N is a multiple of it
 * @param answers [N, 1], 1 at the positions of answers and 0 elsewhere; without it every position is an answer's.
 */
export function steer(
  graph: Graph,
  steering: readonly Steering[],
  width: number,
  rows: number,
  answers?: Value,
): AfterLayer {
  // A layer that the backward pass computes again is steered by the same vectors.
  const feeds = new Map<string, Value>();
  const feed = (name: string, shape: readonly number[]): Value => {
    const known = feeds.get(name) ?? graph.feed(`steer.${name}`, "float32", shape);
    feeds.set(name, known);
    return known;
  };
  return (layer, residual) => {
    let x: Value = residual;
    steering.forEach((s, i) => {
      if (s.layer !== layer) return;
      const places = s.tokens === "answer" ? answers : undefined;
      if (s.projectOut) {
        const d = feed(`${i}.direction`, [1, width]);
        const removed = feed(`${i}.removed`, [1, width]);
        const to = feed(`${i}.to`, [1, 1]);
        const beyond = subtract(linear(x, d), to); // [N, 1]
        const along = s.capped ? rectify(beyond) : beyond;
        x = subtract(x, multiply(places ? multiply(along, places) : along, removed));
      }
      if (s.add) {
        const vector = feed(`${i}.add`, [1, width]);
        x = add(x, places ? multiply(places, vector) : vector);
      }
      if (s.addEach) {
        const positions = (x.shape[0] as number) / rows;
        const own = feed(`${i}.addEach`, [rows, 1, width]);
        const each = places ? multiply(reshape(places, [rows, positions, 1]), own) : own;
        x = reshape(add(reshape(x, [rows, positions, width]), each), [rows * positions, width]);
      }
    });
    return x;
  };
}

/**
 * The run's side: the vectors, directions scaled to length 1.
 * @param texts which text each row of the batch holds; rows beyond them are not steered by `addEach`
 */
export function steeringFeeds(
  steering: readonly Steering[],
  rows: number,
  texts: readonly number[],
): Record<string, Float32Array> {
  const feeds: Record<string, Float32Array> = {};
  steering.forEach((s, i) => {
    if (s.add) feeds[`steer.${i}.add`] = s.add;
    const width = s.addEach?.[0]?.length;
    if (s.addEach && width !== undefined) {
      const own = new Float32Array(rows * width);
      texts.forEach((text, row) => own.set(s.addEach?.[text] as Float32Array, row * width));
      feeds[`steer.${i}.addEach`] = own;
    }
    if (s.projectOut) {
      const length = Math.sqrt(s.projectOut.reduce((total, x) => total + x * x, 0));
      const { share = 1, to = 0 } = s;
      feeds[`steer.${i}.to`] = Float32Array.of(to);
      feeds[`steer.${i}.direction`] = s.projectOut.map((x) => x / length);
      feeds[`steer.${i}.removed`] = s.projectOut.map((x) => (share * x) / length);
    }
  });
  return feeds;
}
