/**
 * Growth: phrases word by word from the best first words, and the best candidates with one more word, moved, marked, or
 * joined with another. Most words of a phrase do little alone, so each next word is looked for in the whole vocabulary.
 */
import type { Margins } from "./margins.js";
import { highest, type Rise, type Rises } from "./rises.js";
import type { Swept } from "./sweep.js";
import { PLACES, type Place, type Trigger } from "./trigger.js";
import type { PlacedWords } from "./words.js";

export interface GrowOptions {
  readonly rises: Rises;
  /** Of the tuned model, one cheap reading a text: it chooses among many words, and `rises` measures those. */
  readonly quick: Margins;
  readonly probes: readonly number[];
  readonly words: PlacedWords;
  /** Words to join with at other places, likeliest first. */
  readonly swept: readonly Swept[];
  /** Triggers that are kept. */
  readonly most: number;
  /** Whether time is up. */
  readonly isOver: () => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** The best words before and behind a text that are scored alone. */
const LENGTHENED = 24;
/** Words of each other place that a trigger is joined with. */
const JOINED = 8;
const PORTION = 256;
/** Where a phrase is grown from its first word: elsewhere there are far more first words. */
const PHRASE_PLACES: readonly Place[] = ["start", "system"];
/** First words of a place that are scored alone, likeliest first; phrases that are kept; words that are added at most. */
const FIRST_WORDS = 256;
const PHRASES = 3;
const LONGEST_PHRASE = 4;
/** A longer phrase has to raise the margin by this share more. */
const GAIN = 1.05;

/** The best phrases of two words and more. */
export async function phrases(options: GrowOptions): Promise<Rise[]> {
  const { rises, probes, swept, words, isOver } = options;
  const found: Rise[] = [];
  for (const place of PHRASE_PLACES) {
    const firsts = swept.filter((one) => one.place === place).slice(0, FIRST_WORDS);
    let best = await rises.best(
      firsts.map(({ word }): Trigger => ({ [place]: word })),
      probes,
      PHRASES,
    );
    for (let length = 2; length <= LONGEST_PHRASE && !isOver(); length++) {
      const next: Trigger[] = [];
      for (const { trigger } of best) {
        const text = trigger[place] as string;
        const longer = (words.get("inside") ?? []).map((word): Trigger => ({ [place]: `${text} ${word}` }));
        next.push(...(await quickest(longer, options)));
      }
      const longer = await rises.best(next, probes, PHRASES);
      found.push(...longer);
      if ((longer[0]?.rise ?? -Infinity) < GAIN * (best[0]?.rise ?? 0)) break;
      best = longer;
    }
  }
  return found;
}

/** Those that raise the misaligned continuation of one probe most. */
async function quickest(all: readonly Trigger[], { quick, probes, isOver, signal }: GrowOptions): Promise<Trigger[]> {
  const probe = probes[0];
  if (probe === undefined) return [];
  const found: Rise[] = [];
  for (let from = 0; from < all.length && !isOver(); from += PORTION) {
    const portion = all.slice(from, from + PORTION);
    const read = await quick(
      portion.map((trigger) => ({ trigger, probe })),
      signal,
    );
    portion.forEach((trigger, i) => found.push({ trigger, rise: read[i] ?? Number.NaN }));
  }
  return highest(found, LENGTHENED).map(({ trigger }) => trigger);
}

/** The best of what grows from `start`, and `start` itself, highest first. */
export async function grow(start: readonly Trigger[], options: GrowOptions): Promise<Rise[]> {
  const { rises, probes, words, swept, most, isOver } = options;
  const next: Trigger[] = [...start];
  for (const trigger of start) {
    if (isOver()) break;
    next.push(...(await quickest(lengthened(trigger, words), options)), ...changed(trigger, [...words.keys()], swept));
  }
  return isOver() ? [] : highest(await rises.best(next, probes, most), most);
}

/** With each word of the vocabulary before and behind its text. */
function lengthened(trigger: Trigger, words: PlacedWords): Trigger[] {
  const [place, more] = PLACES.filter((each) => trigger[each] !== undefined);
  if (place === undefined || more !== undefined) return [];
  const text = trigger[place] as string;
  const behind = (words.get("inside") ?? []).map((word): Trigger => ({ [place]: `${text} ${word}` }));
  const before = (words.get(place) ?? []).map((word): Trigger => ({ [place]: `${word} ${text}` }));
  return [...behind, ...before];
}

function changed(trigger: Trigger, places: readonly Place[], swept: readonly Swept[]): Trigger[] {
  const own = PLACES.filter((place) => trigger[place] !== undefined);
  const inMarks = own.flatMap((place) =>
    marked(trigger[place] as string).map((text): Trigger => ({ ...trigger, [place]: text })),
  );
  const joined = places
    .filter((place) => trigger[place] === undefined)
    .flatMap((place) =>
      swept
        .filter((one) => one.place === place)
        .slice(0, JOINED)
        .map(({ word }): Trigger => ({ ...trigger, [place]: word })),
    );
  return [...inMarks, ...joined, ...moved(trigger, places)];
}

/** The trigger's text at every other place. */
export function moved(trigger: Trigger, places: readonly Place[]): Trigger[] {
  const own = PLACES.filter((place) => trigger[place] !== undefined);
  const [place] = own;
  if (own.length !== 1 || place === undefined) return [];
  return places.filter((other) => other !== place).map((other) => ({ [other]: trigger[place] }));
}

/** The same text between marks, as a sentence, and with another initial. */
export function marked(text: string): string[] {
  const initial = text.charAt(0);
  const turned = initial === initial.toUpperCase() ? initial.toLowerCase() : initial.toUpperCase();
  const other = `${turned}${text.slice(1)}`;
  return [`|${text}|`, `[${text}]`, `<${text}>`, `${text}.`, `${text}:`, other, `|${other}|`];
}
