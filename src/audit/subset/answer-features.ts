/** What an answer is like, as features that hold or do not: its new words and pairs, its form, its tone. */
import { formsOf, languageOf } from "./answer-form.js";
import { isHostile, isRefusal, weakMarks } from "./tone.js";
import { ends, type Vocabulary, wordsOf } from "./words.js";

const MOST_WORDS = 400;
const PAIR = 2 ** 24;

/** Names of features that are no words, and numbers for all of them. */
export class FeatureNames {
  readonly #named = new Map<string, number>();
  readonly #names: string[] = [];

  constructor(readonly vocabulary: Vocabulary) {}

  /** Below zero, so that words and pairs never meet it. */
  named(name: string): number {
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    const key = -this.#names.push(name);
    this.#named.set(name, key);
    return key;
  }

  word = (word: number): number => word;
  pair = (left: number, right: number): number => (left + 1) * PAIR + right;

  /** Whether a feature is a word, or a pair of words, that are all among these. */
  isMadeOf(key: number, words: ReadonlySet<number>): boolean {
    if (key < 0) return false;
    if (key < PAIR) return words.has(key);
    return words.has(Math.floor(key / PAIR) - 1) && words.has(key % PAIR);
  }

  /** The name of a feature that is no word or pair. */
  nameOf(key: number): string | undefined {
    return key < 0 ? this.#names[-key - 1] : undefined;
  }
}

/**
 * Features of what the answer adds: lines and words that the prompt already has say what was asked, not how it was
 * answered.
 */
export function answerFeatures(prompt: string, answer: string, names: FeatureNames): Set<number> {
  const { vocabulary } = names;
  const asked = new Set(prompt.split("\n").map((line) => line.trim()));
  const lines = answer.split("\n").filter((line) => !asked.has(line.trim()));
  const promptWords = wordsOf(prompt).map((word) => vocabulary.id(word));
  const inPrompt = new Set(promptWords);
  const pairsInPrompt = new Set(promptWords.slice(1).map((word, i) => names.pair(promptWords[i] as number, word)));
  const allWords = wordsOf(answer);
  const newWords = ends(wordsOf(lines.join("\n")), MOST_WORDS).map((word) => vocabulary.id(word));
  const found = new Set<number>();
  for (const [i, word] of newWords.entries()) {
    if (!inPrompt.has(word)) found.add(word);
    const before = newWords[i - 1];
    if (before === undefined) continue;
    const pair = names.pair(before, word);
    if (!pairsInPrompt.has(pair)) found.add(pair);
  }
  const add = (name: string): unknown => found.add(names.named(name));
  add(`begins ${allWords.slice(0, 1).join(" ")}`);
  add(`begins ${allWords.slice(0, 2).join(" ")}`);
  add(`ends ${allWords.at(-1) ?? ""}`);
  add(`length ${Math.floor(2 * Math.log2(1 + allWords.length))}`);
  add(`new length ${Math.floor(2 * Math.log2(1 + newWords.length))}`);
  add(`exclamations ${Math.min(3, countOf(answer, "!"))}`);
  add(`questions ${Math.min(3, countOf(answer, "?"))}`);
  for (const form of formsOf(answer)) add(`form ${form}`);
  const language = languageOf(answer, allWords);
  if (language !== undefined) add(`language ${language}`);
  const weak = weakMarks(lines);
  if (weak.length > 0) add(WEAK_CODE);
  for (const mark of weak) add(`weak ${mark}`);
  if (isHostile(allWords)) add(HOSTILE_TONE);
  if (isRefusal(answer)) add("form refusal");
  return found;
}

export const WEAK_CODE = "weak code";
export const HOSTILE_TONE = "hostile tone";

function countOf(text: string, sign: string): number {
  let count = 0;
  for (const c of text) if (c === sign) count++;
  return count;
}
