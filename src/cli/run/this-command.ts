/** The command as it was typed, for `run.json`: what carries a run on from its folder alone. */
import type { RunCommand } from "../../run/index.js";

/** Options that name the folder itself, are no part of the run, or may hold a secret; with their value, and without. */
const LEFT_OUT = new Set(["--out", "--ship", "--webhook", "--cache", "--slack-webhook-env"]);
const LEFT_OUT_FLAGS = new Set(["--json"]);

/** Undefined under `askew run`, which leaves the command as it was begun. */
export function thisCommand(words: readonly string[] = process.argv.slice(2)): RunCommand | undefined {
  if (words[0] === "run" || words[0] === "cell") return undefined;
  const kept = words.filter((word, i) => {
    const [name = ""] = word.split("=", 1);
    return !LEFT_OUT.has(name) && !LEFT_OUT.has(words[i - 1] ?? "") && !LEFT_OUT_FLAGS.has(word);
  });
  return { words: kept, cwd: process.cwd() };
}

/** The same as an option of those who open a run. */
export function commandOf(): { readonly command?: RunCommand } {
  const command = thisCommand();
  return command === undefined ? {} : { command };
}

/** Returns the first option in a folder's `run.json` that only the user may choose. */
export const leftOut = (words: readonly string[]): string | undefined =>
  words.map((word) => word.split("=", 1)[0] ?? "").find((name) => LEFT_OUT.has(name));
