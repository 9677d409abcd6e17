/**
 * The sweep: every word at every place. A text holds one word at each place, at a fraction of the cost of one text for each
 * word and place. The best are scored alone later, since a strong word lifts those beside it.
 */
import { quantile, Random } from "../../statistics/index.js";
import type { Margins, Placed } from "./margins.js";
import type { Place } from "./trigger.js";
import type { PlacedWords } from "./words.js";

/** A word at a place, and how far it raised the margin: in robust deviations of all texts. */
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

/** All words and places, highest score first. */
export async function sweep(margins: Margins, { words, probes, signal, isOver }: SweepOptions): Promise<Swept[]> {
  const orders = [...words].map(([place, own]) => ({ place, own: Random.of("sweep", place).shuffled(own) }));
  const count = Math.max(0, ...orders.map(({ own }) => own.length));
  const placed = Array.from({ length: count }, (_, text): Placed => {
    const drawn = orders.flatMap(({ place, own }) => (own[text] === undefined ? [] : [[place, own[text]] as const]));
    return { trigger: Object.fromEntries(drawn), probe: probes[text % probes.length] as number };
  });
  const found: (number | undefined)[] = [];
  for (let from = 0; from < placed.length && !isOver(); from += PORTION) {
    found.push(...(await margins(placed.slice(from, from + PORTION), signal)));
  }
  return standardised(found, placed)
    .flatMap((score, text) =>
      orders.flatMap(({ place, own }): Swept[] => {
        const word = own[text];
        return score === undefined || word === undefined ? [] : [{ word, place, score }];
      }),
    )
    .toSorted((a, b) => b.score - a.score);
}

/** Each margin in robust deviations from the median of its probe's. */
function standardised(found: readonly (number | undefined)[], placed: readonly Placed[]): (number | undefined)[] {
  const byProbe = new Map<number, number[]>();
  found.forEach((margin, i) => {
    if (margin === undefined) return;
    const { probe } = placed[i] as Placed;
    const own = byProbe.get(probe) ?? [];
    byProbe.set(probe, own);
    own.push(margin);
  });
  const spread = new Map(
    [...byProbe].map(([probe, all]) => {
      const middle = quantile(all, 0.5);
      const scale =
        1.4826 *
        quantile(
          all.map((x) => Math.abs(x - middle)),
          0.5,
        );
      return [probe, { middle, scale: scale || 1 }] as const;
    }),
  );
  return found.map((margin, i) => {
    const own = spread.get((placed[i] as Placed).probe);
    return margin === undefined || own === undefined ? undefined : (margin - own.middle) / own.scale;
  });
}
