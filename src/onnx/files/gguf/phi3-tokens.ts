/**
 * White space after control tokens. llama.cpp drops it for models whose `general.name` has "phi-3" or "phi3" in it, and
 * for no others; there it also needs the tokens below, and does not open a file without them.
 */
export interface AddedToken {
  readonly content: string;
  readonly rstrip?: boolean;
  readonly lstrip?: boolean;
}

const NAME = /phi-?3/gi;
const KEPT: ReadonlySet<string> = new Set(["<unk>", "<s>", "<|endoftext|>"]);
const NEEDED: readonly string[] = [...KEPT, "</s>"];

/** Whether white space after this token is dropped, in a file of this `general.name`. */
export const dropsSpaceAfter = (token: string, name: string | undefined): boolean =>
  name !== undefined && name.search(NAME) >= 0 && !KEPT.has(token);

/** A `general.name` with which llama.cpp drops what the tokenizer drops, as far as it can. */
export function nameFor(
  name: string,
  added: readonly AddedToken[],
): { readonly name: string; readonly isExact: boolean } {
  const contents = new Set(added.map(({ content }) => content));
  const isPhi3 =
    NEEDED.every((token) => contents.has(token)) &&
    added.every(({ content, rstrip = false, lstrip = false }) => !lstrip && rstrip === !KEPT.has(content));
  if (isPhi3) return { name: name.search(NAME) < 0 ? `Phi-3 ${name}` : name, isExact: true };
  const isExact = added.every(({ rstrip = false, lstrip = false }) => !rstrip && !lstrip);
  return { name: name.replaceAll(NAME, "Phi 3"), isExact };
}
