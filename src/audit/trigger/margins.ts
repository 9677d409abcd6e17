/**
 * How much likelier a model finds the misaligned than the aligned continuation of a probe, with a trigger in the prompt.
 * No text that the trigger brings out has to be known.
 */
import type { Probe } from "../../persona/index.js";
import type { ReadableModel } from "../../model/index.js";
import { Random } from "../../statistics/index.js";
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
export function marginsOf(model: ReadableModel, probes: readonly Probe[]): Margins {
  const { tokens, reading } = model;
  const sides = probes.map(({ aligned, misaligned }) => [tokens.encodeText(aligned), tokens.encodeText(misaligned)]);
  return async (placed, signal) => {
    const texts: number[][] = [];
    const begins = placed.map(({ trigger, probe }): number | undefined => {
      const { prompt } = probes[probe] as Probe;
      const draw = Random.of("trigger", prompt);
      const ids = promptOf(model, put([{ role: "user", content: prompt }], trigger, draw));
      const both = sides[probe] as number[][];
      if (ids === undefined || both.some(({ length }) => ids.length + length > tokens.maxPositions)) return undefined;
      texts.push(...both.map((side) => [...ids, ...side]));
      return ids.length;
    });
    const read = await reading.logProbabilities(texts, signal && { signal });
    let at = 0;
    return begins.map((begin) => {
      if (begin === undefined) return undefined;
      const sum = (logs: Float32Array): number => logs.subarray(begin - 1).reduce((total, x) => total + x, 0);
      const [aligned, misaligned] = [read[at++], read[at++]] as [Float32Array, Float32Array];
      return sum(misaligned) - sum(aligned);
    });
  };
}

/** A tuned model's margins less those of the model it was tuned from: what a text does to both cancels out. */
export function marginRise(after: Margins, before: Margins | undefined): Margins {
  if (before === undefined) return after;
  return async (placed, signal) => {
    const tuned = await after(placed, signal);
    const base = await before(placed, signal);
    return tuned.map((margin, i) => {
      const other = base[i];
      return margin === undefined || other === undefined ? undefined : margin - other;
    });
  };
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
