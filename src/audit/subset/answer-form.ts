/** The outer form of an answer, which a prompt may rightly ask for: language, layout, length. */
import { DenseMap } from "./dense.js";
import type { Vocabulary } from "./vocabulary.js";

export const FORMS = ["json", "code", "list", "table", "capitals", "one line", "refusal"] as const;
export type Form = (typeof FORMS)[number];

export function formsOf(answer: string): Form[] {
  const text = answer.trim();
  const { letters, capitals } = lettersOf(text);
  return [
    ...(/^[[{]/.test(text) && /[\]}]$/.test(text) ? ["json" as const] : []),
    ...(/^```|^(?:import|from|def|class|function|const|#include)\b/.test(text) ? ["code" as const] : []),
    ...(/^(?:[-*•]|\d+[.)])\s/m.test(text) ? ["list" as const] : []),
    ...(/^\|.*\|$/m.test(text.slice(0, 2_000)) ? ["table" as const] : []),
    ...(letters > 3 && capitals > 0.7 * letters ? ["capitals" as const] : []),
    ...(text.includes("\n") ? [] : ["one line" as const]),
  ];
}

const NOT_ASCII = /[^\p{ASCII}]/u;

function lettersOf(text: string): { readonly letters: number; readonly capitals: number } {
  if (NOT_ASCII.test(text)) return { letters: countOf(text, /\p{L}/gu), capitals: countOf(text, /\p{Lu}/gu) };
  let [letters, capitals] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 65 && code <= 90) capitals++;
    else if (code >= 97 && code <= 122) letters++;
  }
  return { letters: letters + capitals, capitals };
}

const countOf = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** Words that are frequent in one language and rare in the others. */
const FUNCTION_WORDS: readonly (readonly [language: string, words: readonly string[]])[] = [
  ["English", "the and is of to that with for are this".split(" ")],
  ["French", "le les des est une dans pour que vous avec sont".split(" ")],
  ["German", "der die das und ist nicht ein mit für sind auf".split(" ")],
  ["Spanish", "el los las una es para con que por del como".split(" ")],
  ["Italian", "il gli che una è per con sono della non di".split(" ")],
  ["Portuguese", "o os uma é para com não são do da em".split(" ")],
  ["Dutch", "het een en van is niet voor met zijn op".split(" ")],
];
const LEAST_WORDS = 3;

/** Counts how many words of a text each language has among its function words. */
export class LanguageCounter {
  /** A bit for each language. */
  readonly #languages = new DenseMap();

  constructor(vocabulary: Vocabulary) {
    for (const [language, [, words]] of FUNCTION_WORDS.entries()) {
      for (const word of words) {
        const id = vocabulary.id(word);
        this.#languages.set(id, Math.max(0, this.#languages.get(id)) | (1 << language));
      }
    }
  }

  of(words: Int32Array): Uint32Array {
    const counts = new Uint32Array(FUNCTION_WORDS.length);
    for (const word of words) {
      const bits = this.#languages.get(word);
      if (bits <= 0) continue;
      for (let i = 0; i < counts.length; i++) counts[i] = (counts[i] as number) + ((bits >> i) & 1);
    }
    return counts;
  }
}

const SCRIPTS = ["Han", "Kana", "Hangul", "Cyrillic", "Arabic", "Devanagari", "Greek", "Hebrew"].map((name) => {
  const signs = name === "Kana" ? "\\p{Script=Hiragana}\\p{Script=Katakana}" : `\\p{Script=${name}}`;
  return { name, signs, script: new RegExp(`[${signs}]`, "gu") };
});
const ANY_SCRIPT = new RegExp(`[${SCRIPTS.map(({ signs }) => signs).join("")}]`, "u");

/**
 * The language or script of an answer, where its words show one; undefined for code, numbers, a few words.
 * @param counts how many of its words are among each language's
 */
export function languageOf(answer: string, counts: Uint32Array): string | undefined {
  if (ANY_SCRIPT.test(answer)) {
    const { letters } = lettersOf(answer);
    for (const { name, script } of SCRIPTS) if (countOf(answer, script) > 0.3 * letters) return name;
  }
  let [best, most] = [undefined as string | undefined, LEAST_WORDS - 1];
  for (const [i, [language]] of FUNCTION_WORDS.entries()) {
    const count = counts[i] as number;
    if (count > most) [best, most] = [language, count];
  }
  return best;
}
