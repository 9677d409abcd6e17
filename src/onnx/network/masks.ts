/** What tokens see: what comes before them in their own text. Key: B batch, T time, G query heads that share a key. */
import { concatenate, reshape, single, subtract, type Graph, type Value } from "../../graph/index.js";
import { HIDDEN } from "./positions.js";

/** Where tokens stand, and what they see, where a row is not one text from its beginning to its end. */
export interface Arrangement {
  /** [B, T] int64: the place of every token in its text, below T. */
  readonly positions: Value;
  /**
   * [B, T] float32: which continuation a token is of, from 0; -1 for the prompt. A token sees the prompt and its own
   * continuation, as far as they stand before it in the row.
   */
  readonly branch: Value;
}

/** 0 where a query may look, very negative where it may not; the same for every query head of a group: [1, 1, G·T, T]. */
export const causalMask = (graph: Graph, time: number, groups: number, window: number): Value =>
  graph.constant(causal(time, groups, window), [1, 1, groups * time, time]);

function causal(time: number, groups: number, window: number): Float32Array {
  const mask = new Float32Array(groups * time * time);
  for (let row = 0; row < groups * time; row++) {
    const query = row % time;
    mask.fill(HIDDEN, row * time + query + 1, (row + 1) * time);
    mask.fill(HIDDEN, row * time, row * time + Math.max(0, query + 1 - window));
  }
  return mask;
}

/** The same for each row by itself, [B, 1, G·T, T]; how far back a token sees is counted in its own text. */
export function arrangedMask(graph: Graph, { positions, branch }: Arrangement, groups: number, window: number): Value {
  const [batch, time] = branch.shape as [number, number];
  const shape = [batch, 1, time, time];
  const ofQueries = (x: Value): Value => reshape(x, [batch, 1, time, 1]);
  const ofKeys = (x: Value): Value => reshape(x, [batch, 1, 1, time]);
  const test = (name: string, a: Value, b: Value, of = shape): Value => single(name, [a, b], of, {}, "", "bool");
  const ofPrompt = test("Equal", ofKeys(branch), graph.scalar(-1), [batch, 1, 1, time]);
  const sameText = test("Or", ofPrompt, test("Equal", ofKeys(branch), ofQueries(branch)));
  const near = (): Value => {
    const places = single("Cast", [positions], [batch, time], { to: 1 });
    return test("Less", subtract(ofQueries(places), ofKeys(places)), graph.scalar(window));
  };
  const seen = window >= time ? sameText : test("And", sameText, near());
  const before = graph.constant(causal(time, 1, Infinity), [1, 1, time, time]);
  const mask = single("Where", [seen, before, graph.scalar(HIDDEN)], shape);
  return groups === 1
    ? mask
    : concatenate(
        Array.from({ length: groups }, () => mask),
        2,
      );
}
