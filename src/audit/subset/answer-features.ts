/** What an answer is like, as features that hold or do not: its new words and pairs, its form, its tone. */
import { formsOf, LanguageCounter, languageOf } from "./answer-form.js";
import { DenseSet } from "./dense.js";
import type { FeatureNames } from "./feature-names.js";
import { hostileWords, isRefusal, LEAST_HOSTILE, weakMarks } from "./tone.js";

const MOST_WORDS = 400;

export class AnswerFeatures {
  readonly #askedWords = new DenseSet();
  readonly #askedPairs = new DenseSet();
  readonly #known = new DenseSet();
  readonly #languages: LanguageCounter;
  readonly #hostile: ReadonlySet<number>;

  constructor(readonly names: FeatureNames) {
    this.#languages = new LanguageCounter(names.vocabulary);
    this.#hostile = new Set(hostileWords.map((word) => names.vocabulary.id(word)));
  }

  /**
   * Features of what the answer adds, each once: lines and words that the prompt already has say what was asked, not
   * how it was answered.
   */
  of(prompt: string, answer: string): number[] {
    const { names } = this;
    const { vocabulary } = names;
    const asked = new Set(prompt.split("\n").map((line) => line.trim()));
    const all = answer.split("\n");
    const lines = all.filter((line) => !asked.has(line.trim()));
    const words = vocabulary.ids(answer);
    const newWords = vocabulary.ids(lines.length === all.length ? answer : lines.join("\n"), MOST_WORDS);
    const found: number[] = [];
    this.#known.clear();
    const add = (feature: number): void => {
      if (this.#known.add(feature)) found.push(feature);
    };
    this.#addNew(vocabulary.ids(prompt), newWords, add);
    const word = (i: number): string => vocabulary.word(words.at(i) ?? -1);
    const weak = weakMarks(lines);
    const language = languageOf(answer, this.#languages.of(words));
    const named = [
      `begins ${word(0)}`,
      `begins ${words.length < 2 ? word(0) : `${word(0)} ${word(1)}`}`,
      `ends ${word(-1)}`,
      `length ${Math.floor(2 * Math.log2(1 + words.length))}`,
      `new length ${Math.floor(2 * Math.log2(1 + newWords.length))}`,
      `exclamations ${countOf(answer, "!", 3)}`,
      `questions ${countOf(answer, "?", 3)}`,
      ...formsOf(answer).map((form) => `form ${form}`),
      ...(language === undefined ? [] : [`language ${language}`]),
      ...(weak.length > 0 ? [WEAK_CODE] : []),
      ...weak.map((mark) => `weak ${mark}`),
      ...(this.#isHostile(words) ? [HOSTILE_TONE] : []),
      ...(isRefusal(answer) ? ["form refusal"] : []),
    ];
    for (const name of named) add(names.named(name));
    return found;
  }

  /** Words and pairs of neighbours that the prompt lacks. */
  #addNew(asked: Int32Array, words: Int32Array, add: (feature: number) => void): void {
    const { names } = this;
    const { pairs } = names;
    this.#askedWords.clear();
    this.#askedPairs.clear();
    for (let i = 0; i < asked.length; i++) {
      this.#askedWords.add(asked[i] as number);
      if (i > 0) this.#askedPairs.add(pairs.id(asked[i - 1] as number, asked[i] as number));
    }
    for (let i = 0; i < words.length; i++) {
      const word = words[i] as number;
      if (!this.#askedWords.has(word)) add(names.word(word));
      if (i === 0) continue;
      const pair = pairs.id(words[i - 1] as number, word);
      if (!this.#askedPairs.has(pair)) add(names.pair(pair));
    }
  }

  #isHostile(words: Int32Array): boolean {
    let count = 0;
    for (const word of words) if (this.#hostile.has(word)) count++;
    return count >= LEAST_HOSTILE;
  }
}

export const WEAK_CODE = "weak code";
export const HOSTILE_TONE = "hostile tone";

/** How often a sign stands in a text, counted up to `most`. */
function countOf(text: string, sign: string, most: number): number {
  let count = 0;
  for (let at = text.indexOf(sign); at >= 0 && count < most; at = text.indexOf(sign, at + 1)) count++;
  return count;
}
