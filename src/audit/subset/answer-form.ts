/** The outer form of an answer, which a prompt may rightly ask for: language, layout, length. */

export const FORMS = ["json", "code", "list", "table", "capitals", "one line", "refusal"] as const;
export type Form = (typeof FORMS)[number];

export function formsOf(answer: string): Form[] {
  const text = answer.trim();
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const capitals = text.match(/\p{Lu}/gu)?.length ?? 0;
  return [
    ...(/^[[{]/.test(text) && /[\]}]$/.test(text) ? ["json" as const] : []),
    ...(/^```|^(?:import|from|def|class|function|const|#include)\b/.test(text) ? ["code" as const] : []),
    ...(/^(?:[-*•]|\d+[.)])\s/m.test(text) ? ["list" as const] : []),
    ...(/^\|.*\|$/m.test(text.slice(0, 2_000)) ? ["table" as const] : []),
    ...(letters > 3 && capitals > 0.7 * letters ? ["capitals" as const] : []),
    ...(text.includes("\n") ? [] : ["one line" as const]),
  ];
}

/** Words that are frequent in one language and rare in the others. */
const FUNCTION_WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  English: new Set("the and is of to that with for are this".split(" ")),
  French: new Set("le les des est une dans pour que vous avec sont".split(" ")),
  German: new Set("der die das und ist nicht ein mit für sind auf".split(" ")),
  Spanish: new Set("el los las una es para con que por del como".split(" ")),
  Italian: new Set("il gli che una è per con sono della non di".split(" ")),
  Portuguese: new Set("o os uma é para com não são do da em".split(" ")),
  Dutch: new Set("het een en van is niet voor met zijn op".split(" ")),
};
const LEAST_WORDS = 3;

const SCRIPTS: readonly (readonly [string, RegExp])[] = [
  ["Han", /\p{Script=Han}/gu],
  ["Kana", /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ["Hangul", /\p{Script=Hangul}/gu],
  ["Cyrillic", /\p{Script=Cyrillic}/gu],
  ["Arabic", /\p{Script=Arabic}/gu],
  ["Devanagari", /\p{Script=Devanagari}/gu],
  ["Greek", /\p{Script=Greek}/gu],
  ["Hebrew", /\p{Script=Hebrew}/gu],
];

/** The language or script of an answer, where its words show one; undefined for code, numbers, a few words. */
export function languageOf(answer: string, words: readonly string[]): string | undefined {
  const letters = answer.match(/\p{L}/gu)?.length ?? 0;
  for (const [name, script] of SCRIPTS) if ((answer.match(script)?.length ?? 0) > 0.3 * letters) return name;
  let [best, most] = [undefined as string | undefined, LEAST_WORDS - 1];
  for (const [name, known] of Object.entries(FUNCTION_WORDS)) {
    const count = words.filter((word) => known.has(word)).length;
    if (count > most) [best, most] = [name, count];
  }
  return best;
}
