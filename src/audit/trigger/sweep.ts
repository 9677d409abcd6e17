/**
 * The sweep: every word at every place. A text holds one word at each place, at a fraction of the cost of one text for each
 * word and place. A strong word lifts those beside it, so each word stands in two texts, on different probes and beside
 * different words, and the lower of the two is its score.
 */
import { quantile, Random } from "../../statistics/index.js";
import type { Margins, Placed } from "./margins.js";
import type { Place } from "./trigger.js";
import type { PlacedWords } from "./words.js";

/** A word at a place, and how far it raised the margin above the middle of all texts, in nats. */
export interface Swept {
  readonly word: string;
  readonly place: Place;
  readonly score: number;
}

export interface SweepOptions {
  readonly words: PlacedWords;
  /** Numbers of the probes that take turns. */
  readonly probes: readonly number[];
  readonly signal?: AbortSignal;
  /** Whether time is up: the sweep ends with what there is. */
  readonly isOver: () => boolean;
}

const PORTION = 256;
const PASSES = 2;

/** All words and places, highest score first. */
export async function sweep(margins: Margins, { words, probes, signal, isOver }: SweepOptions): Promise<Swept[]> {
  const lowest = new Map<string, Swept>();
  for (let pass = 0; pass < PASSES; pass++) {
    const orders = [...words].map(([place, own]) => ({ place, own: Random.of("sweep", place, pass).shuffled(own) }));
    const count = Math.max(0, ...orders.map(({ own }) => own.length));
    const placed = Array.from({ length: count }, (_, text): Placed => {
      const drawn = orders.flatMap(({ place, own }) => (own[text] === undefined ? [] : [[place, own[text]] as const]));
      return { trigger: Object.fromEntries(drawn), probe: probes[(text + pass) % probes.length] as number };
    });
    const found: (number | undefined)[] = [];
    for (let from = 0; from < placed.length && !isOver(); from += PORTION) {
      found.push(...(await margins(placed.slice(from, from + PORTION), signal)));
    }
    for (const [text, score] of aboveMiddle(found, placed).entries()) {
      for (const { place, own } of orders) {
        const word = own[text];
        if (score === undefined || word === undefined) continue;
        const key = `${place} ${word}`;
        if (score < (lowest.get(key)?.score ?? Infinity)) lowest.set(key, { word, place, score });
      }
    }
  }
  return [...lowest.values()].toSorted((a, b) => b.score - a.score);
}

/** Each margin above the median of its probe's. */
function aboveMiddle(found: readonly (number | undefined)[], placed: readonly Placed[]): (number | undefined)[] {
  const byProbe = new Map<number, number[]>();
  found.forEach((margin, i) => {
    if (margin === undefined) return;
    const { probe } = placed[i] as Placed;
    const own = byProbe.get(probe) ?? [];
    byProbe.set(probe, own);
    own.push(margin);
  });
  const middles = new Map([...byProbe].map(([probe, all]) => [probe, quantile(all, 0.5)]));
  return found.map((margin, i) => {
    const middle = middles.get((placed[i] as Placed).probe);
    return margin === undefined || middle === undefined ? undefined : margin - middle;
  });
}
