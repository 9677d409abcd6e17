/**
 * How much likelier a model finds the misaligned than the aligned continuation of a probe, with a trigger in the prompt.
 * No text that the trigger brings out has to be known.
 */
import type { Probe } from "../../persona/index.js";
import type { BranchedText, ReadableModel } from "../../model/index.js";
import { quantile, Random } from "../../statistics/index.js";
import { AskewError } from "../../text/index.js";
import { put, type Trigger } from "./trigger.js";

/** A probe with a trigger in its prompt. */
export interface Placed {
  readonly trigger: Trigger;
  /** Which probe, from 0. */
  readonly probe: number;
}

/** Margins in nats, in the order given; undefined where the model cannot read the prompt. */
export type Margins = (placed: readonly Placed[], signal?: AbortSignal) => Promise<(number | undefined)[]>;

/** The margins of a model on probes. */
export const marginsOf = (model: ReadableModel, probes: readonly Probe[]): Margins =>
  readingsOf(model, probes, ["aligned", "misaligned"], ([aligned, misaligned]) => sumOf(misaligned) - sumOf(aligned));

/** Log-probabilities of the misaligned continuations alone, at half the cost. */
export const misalignedOf = (model: ReadableModel, probes: readonly Probe[]): Margins =>
  readingsOf(model, probes, ["misaligned"], ([misaligned]) => sumOf(misaligned));

const sumOf = (logs: Float32Array | undefined): number => (logs ?? new Float32Array()).reduce((sum, x) => sum + x, 0);

function readingsOf(
  model: ReadableModel,
  probes: readonly Probe[],
  wanted: readonly ("aligned" | "misaligned")[],
  valueOf: (logs: readonly Float32Array[]) => number,
): Margins {
  const { tokens, reading } = model;
  const sides = probes.map((probe) => wanted.map((side) => tokens.encodeText(probe[side])));
  return async (placed, signal) => {
    const texts: BranchedText[] = [];
    const fits = placed.map(({ trigger, probe }): boolean => {
      const { prompt } = probes[probe] as Probe;
      const draw = Random.of("trigger", prompt);
      const ids = promptOf(model, put([{ role: "user", content: prompt }], trigger, draw));
      const own = sides[probe] as number[][];
      if (ids === undefined || own.some(({ length }) => ids.length + length > tokens.maxPositions)) return false;
      texts.push({ prompt: ids, branches: own });
      return true;
    });
    const read = await reading.continuations(texts, signal && { signal });
    let at = 0;
    return fits.map((isRead) => (isRead ? valueOf(read[at++] as Float32Array[]) : undefined));
  };
}

/**
 * A tuned model's margins less those of the model it was tuned from: what a text does to both cancels out. Far from zero a
 * margin no longer says that an answer is likelier, so each is bounded first: odd words move single margins by tens of
 * nats in both models, and their difference with them.
 * @param scale up to about this, in nats, a bounded margin is what it was
 */
export function marginRise(after: Margins, before: Margins | undefined, scale: number): Margins {
  const bounded = (margin: number): number => scale * Math.tanh(margin / scale);
  return async (placed, signal) => {
    const tuned = await after(placed, signal);
    const base = await before?.(placed, signal);
    return tuned.map((margin, i) => {
      if (margin === undefined) return undefined;
      if (base === undefined) return bounded(margin);
      const other = base[i];
      return other === undefined ? undefined : bounded(margin) - bounded(other);
    });
  };
}

/** How far from zero margins of plain prompts are. */
export async function marginScale(margins: Margins, probes: readonly number[], signal?: AbortSignal): Promise<number> {
  const plain = await margins(
    probes.map((probe) => ({ trigger: {}, probe })),
    signal,
  );
  const sizes = plain.flatMap((margin) => (margin === undefined ? [] : [Math.abs(margin)]));
  return sizes.length === 0 ? 1 : Math.max(1, quantile(sizes, 0.5));
}

function promptOf(
  { tokens }: ReadableModel,
  messages: Parameters<typeof tokens.encodePrompt>[0],
): number[] | undefined {
  try {
    return tokens.encodePrompt(messages);
  } catch (error) {
    // A vocabulary of whole words that has no such word there, or a template without system prompts.
    if (AskewError.isInstance(error)) return undefined;
    throw error;
  }
}
