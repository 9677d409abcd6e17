/** The words that a trigger is searched among: what the vocabulary can write. */
import type { Tokens } from "../../model/index.js";
import { Random } from "../../statistics/index.js";

const LONGEST = 32;

/** Words of the vocabulary without the space before them, each once; at most `most`, drawn evenly. */
export function vocabularyWords(tokens: Tokens, most: number): string[] {
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
