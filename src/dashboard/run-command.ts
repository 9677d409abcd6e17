/** The command that began a run, as its record keeps it. */
import { join } from "node:path";
import { isObject, isText, readObject } from "./plain-file.js";

/** Its words without `askew`; none where the record holds no command. */
export async function commandOf(folder: string): Promise<readonly string[]> {
  return wordsIn((await readObject(join(folder, "run.json")))?.["command"]) ?? [];
}

export function wordsIn(command: unknown): readonly string[] | undefined {
  const words = isObject(command) ? command["words"] : undefined;
  return Array.isArray(words) && words.every(isText) ? words : undefined;
}

/** What an option was given: `--direction FILE` or `--direction=FILE`. */
export function optionIn(words: readonly string[], name: string): string | undefined {
  const at = words.findIndex((word) => word === name || word.startsWith(`${name}=`));
  const word = words[at];
  if (word === undefined) return undefined;
  return word === name ? words[at + 1] : word.slice(name.length + 1);
}
