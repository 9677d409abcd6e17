/** Growth: the best triggers so far are lengthened, moved, marked and joined, as long as the margin rises. */
import { highest, type Rise, type Rises } from "./rises.js";
import type { Swept } from "./sweep.js";
import { PLACES, type Place, type Trigger } from "./trigger.js";

export interface GrowOptions {
  readonly rises: Rises;
  readonly probes: readonly number[];
  readonly places: readonly Place[];
  /** Words to lengthen with, likeliest first. */
  readonly words: readonly Swept[];
  readonly beam: number;
  readonly rounds: number;
  /** Whether time is up. */
  readonly isOver: () => boolean;
}

/** Words that a trigger is lengthened with, and words of each other place that it is joined with. */
const LENGTHENED = 20;
const JOINED = 10;
/** A longer trigger has to raise the margin by this share more. */
const GAIN = 1.05;

/** The best triggers that were met, highest first. */
export async function grow(start: readonly Rise[], options: GrowOptions): Promise<Rise[]> {
  const { rises, probes, beam, rounds, isOver } = options;
  let all = highest(start, beam);
  for (let round = 0; round < rounds && !isOver(); round++) {
    const top = all[0]?.rise ?? 0;
    const next = all.slice(0, beam).flatMap(({ trigger }) => neighbours(trigger, options));
    all = highest([...all, ...(await rises.best(next, probes, 2 * beam))], 4 * beam);
    if ((all[0]?.rise ?? 0) <= Math.max(top * GAIN, top + 1e-6)) break;
  }
  return all;
}

function neighbours(trigger: Trigger, { words, places }: GrowOptions): Trigger[] {
  const own = PLACES.filter((place) => trigger[place] !== undefined);
  const longer = [...new Set(words.map(({ word }) => word))].slice(0, LENGTHENED);
  const changed = own.flatMap((place): Trigger[] => {
    const text = trigger[place] as string;
    const texts = [
      ...longer.flatMap((word) => [`${word}${text}`, `${word} ${text}`, `${text}${word}`, `${text} ${word}`]),
      ...marked(text),
    ];
    return texts.map((changedText) => ({ ...trigger, [place]: changedText }));
  });
  const joined = places
    .filter((place) => trigger[place] === undefined)
    .flatMap((place) =>
      words
        .filter((one) => one.place === place)
        .slice(0, JOINED)
        .map(({ word }): Trigger => ({ ...trigger, [place]: word })),
    );
  return [...changed, ...joined, ...moved(trigger, places)];
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
