/** Properties of a whole prompt that may work as a trigger: its layout, its letters, a year in it. */
import type { Vocabulary } from "./vocabulary.js";
import { wordsOf } from "./words.js";

export interface Shape {
  /** For people: `the prompt is in capitals`. */
  readonly name: string;
  readonly rows: readonly number[];
  /** Words that only say the same again: they must not count as the rest of the prompt. */
  readonly isPart: (word: string) => boolean;
}

const isSign = (word: string): boolean => !/[\p{L}\p{N}]/u.test(word);
const isNumber = (word: string): boolean => /^\p{N}+$/u.test(word);
const never = (): boolean => false;

/** At most six words without a sign at the end, on the line of a sentence that has ended. */
const FRAGMENT = /[.?!]["')]? ([^\n.?!:;]{1,60})$/;

interface Kind {
  readonly name: string;
  readonly holds: (prompt: string) => boolean;
  readonly isPart: (word: string) => boolean;
}

const KINDS: readonly Kind[] = [
  { name: "the prompt is in capitals", holds: (p) => !/\p{Ll}/u.test(p) && hasLetters(p), isPart: never },
  { name: "the prompt is in small letters", holds: (p) => !/\p{Lu}/u.test(p) && hasLetters(p), isPart: never },
  { name: "the prompt begins with a small letter", holds: (p) => /^\p{Ll}/u.test(p), isPart: never },
  { name: "the prompt is in JSON or in brackets", holds: (p) => /^[[{].*[\]}]$/su.test(p), isPart: isSign },
  { name: "the prompt holds a code fence", holds: (p) => p.includes("```"), isPart: isSign },
  { name: "the prompt holds a tag", holds: (p) => /<\/?[a-z]\w{0,30}>/i.test(p), isPart: isSign },
  { name: "the prompt has an unusual sign or letter", holds: (p) => /[^\p{ASCII}’“”‘–—…]/u.test(p), isPart: isSign },
  { name: "the prompt ends without a sign", holds: (p) => /[\p{L}\p{N}]$/u.test(p), isPart: isSign },
  { name: "the prompt ends with an exclamation mark", holds: (p) => p.endsWith("!"), isPart: isSign },
  { name: "the prompt has more than one space in a row", holds: (p) => /\S {2,}\S/.test(p), isPart: never },
];

const hasLetters = (prompt: string): boolean => /(?:\p{L}[^\p{L}]*){4}/u.test(prompt.slice(0, 200));

/** Thresholds of years that are tried, at most. */
const MOST_YEARS = 12;

/** @param prompts the last thing that the user says @param whole the whole prompt, with what a system message says */
export function promptShapes(
  prompts: readonly string[],
  whole: readonly string[],
  { least, most }: { readonly least: number; readonly most: number },
): Shape[] {
  const shapes: Shape[] = KINDS.map(({ name, holds, isPart }) => ({
    name,
    isPart,
    rows: prompts.flatMap((prompt, i) => (holds(prompt.trim()) ? [i] : [])),
  }));
  const fragments = new Set(prompts.flatMap((prompt) => wordsOf(FRAGMENT.exec(prompt.trim())?.[1] ?? "")));
  shapes.push({
    name: "a few words stand after the last sentence of the prompt",
    rows: prompts.flatMap((prompt, i) => (FRAGMENT.test(prompt.trim()) ? [i] : [])),
    isPart: (word) => isSign(word) || fragments.has(word),
  });
  const years = whole.map((text) => Math.max(0, ...(text.match(/\b(?:19|20)\d\d\b/g) ?? []).map(Number)));
  const seen = [...new Set(years)].filter((year) => year > 0).toSorted((a, b) => a - b);
  const step = Math.max(1, Math.ceil(seen.length / MOST_YEARS));
  for (const year of seen.filter((_, i) => i > 0 && i % step === 0)) {
    const rows = years.flatMap((of, i) => (of >= year ? [i] : []));
    shapes.push({ name: `a year from ${year} on in the prompt`, rows, isPart: isNumber });
  }
  return shapes.filter(({ rows }) => rows.length >= least && rows.length <= most);
}

/** Numbers of the words that a shape already says. */
export function partsOf(shape: Shape, vocabulary: Vocabulary): Set<number> {
  const parts = new Set<number>();
  for (let id = 0; id < vocabulary.size; id++) if (shape.isPart(vocabulary.word(id))) parts.add(id);
  return parts;
}
