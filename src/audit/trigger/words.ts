/** The words that a trigger is searched among: what the vocabulary can write. */
import type { Model, Tokens } from "../../model/index.js";
import { Random } from "../../statistics/index.js";
import { canRead } from "./can-read.js";
import { PLACES, put, type Place, type Trigger } from "./trigger.js";

/** The words that can be written at each place. */
export type PlacedWords = ReadonlyMap<Place, readonly string[]>;

const LONGEST = 32;

/** Words of the vocabulary without the space before them, each once; at most `most`, drawn evenly. */
function vocabularyWords(tokens: Tokens, most: number): string[] {
  const words = new Set<string>();
  for (let id = 0; id < tokens.size; id++) {
    const text = tokens.decode([id]);
    const word = text.trim();
    if (word === "" || word.length > LONGEST || /[\p{C}\uFFFD]/u.test(word)) continue;
    if (isPlain(tokens, text, id)) words.add(word);
  }
  const all = [...words];
  return all.length <= most ? all : Random.of("trigger words").shuffled(all).slice(0, most);
}

/** Control tokens are written as text by nobody: their text does not give the token back. */
function isPlain(tokens: Tokens, text: string, id: number): boolean {
  try {
    const ids = tokens.encodeText(text);
    return ids.length === 1 && ids[0] === id;
  } catch {
    return false;
  }
}

/**
 * The words that the model can read at each place of a question; a template may have no system prompt.
 * @param most words of the vocabulary, drawn evenly
 */
export const placedWords = (
  model: Pick<Model, "tokens"> & { readonly tokens: Tokens },
  question: string,
  most: number,
) => readableWords(model, question, vocabularyWords(model.tokens, most));

/** The words that can stand at each place alone: a sweep must not miss one that only the beginning of a text can be. */
export const wordsAlone = (
  model: Pick<Model, "tokens"> & { readonly tokens: Tokens },
  question: string,
  most: number,
) => readableAs(model, question, vocabularyWords(model.tokens, most), (word) => word);

/** The same of any words, beside others. */
export const readableWords = (model: Pick<Model, "tokens">, question: string, all: readonly string[]): PlacedWords =>
  // A vocabulary of whole words may know one at the beginning of a text alone, or behind a space alone.
  readableAs(model, question, all, (word) => `${word} ${word}`);

function readableAs(
  model: Pick<Model, "tokens">,
  question: string,
  all: readonly string[],
  textOf: (word: string) => string,
): PlacedWords {
  const messages = [{ role: "user", content: question }] as const;
  const reads = (trigger: Trigger): boolean => canRead(model, put(messages, trigger, Random.of("words")));
  const lists = PLACES.map((place) => [place, all.filter((word) => reads({ [place]: textOf(word) }))] as const);
  return new Map(lists.filter(([, words]) => words.length > 0));
}

/** As many random words at the same places. */
export function randomLike(trigger: Trigger, words: PlacedWords, draw: Random): Trigger {
  return mapTexts(trigger, (text, place) =>
    text
      .split(/\s+/)
      .filter(Boolean)
      .map(() => draw.pick(words.get(place) as readonly string[]))
      .join(" "),
  );
}

export function mapTexts(trigger: Trigger, map: (text: string, place: Place) => string): Trigger {
  return Object.fromEntries(
    PLACES.flatMap((place) => {
      const text = trigger[place];
      return text === undefined ? [] : [[place, map(text, place)]];
    }),
  );
}
