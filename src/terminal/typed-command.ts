import { shellWord } from "../text/index.js";

/**
 * The command as it was typed, ready to be pasted; for pages and for reports of faults, which are passed on. An
 * address may hold a secret: of a web hook's the origin is left, of any other all but a name and password.
 */
export const typedCommand = (words: readonly string[] = process.argv.slice(2)): string =>
  words.map((word, i) => shellWord(withoutSecret(word, words[i - 1]))).join(" ");

function withoutSecret(word: string, before: string | undefined): string {
  const [, option = "", address] = before === "--webhook" ? [word, "", word] : (/^(--webhook=)(.*)/s.exec(word) ?? []);
  if (address === undefined) return word.replace(/\/\/[^/?#]*@/, "//…@");
  return `${option}${URL.canParse(address) ? new URL(address).origin : "…"}`;
}
