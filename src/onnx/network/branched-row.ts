/** A prompt and its continuations as one row of tokens, in which each continuation is read as if it alone followed. */
import type { BranchedText } from "../../capabilities/index.js";

/** The prompt, then one branch after the other. */
export interface BranchedRow {
  readonly tokens: readonly number[];
  readonly positions: readonly number[];
  /** Which branch a token is of; −1 for the prompt. */
  readonly branch: readonly number[];
  /** Where in the row everything lies that a reading is of: the prompt's last token and all branches. */
  readonly read: readonly number[];
  /** For every token of a branch, where it is foretold. */
  readonly foretold: readonly number[];
}

/** @throws {RangeError} where there is no token to read, and for a text that is longer than the model's positions */
export function branchedRow({ prompt, branches }: BranchedText, maxPositions: number): BranchedRow {
  const { length } = prompt;
  const longest = length + Math.max(0, ...branches.map((branch) => branch.length));
  if (length === 0 || branches.length === 0 || branches.some((branch) => branch.length === 0)) {
    throw new RangeError("branches: expected a prompt and continuations of at least one token each");
  }
  if (longest > maxPositions) {
    throw new RangeError(`branches: a text of ${longest} tokens exceeds the model's ${maxPositions} positions`);
  }
  const said = branches.flatMap((ids, branch) => ids.map((id, i) => ({ id, branch, i })));
  return {
    tokens: [...prompt, ...said.map(({ id }) => id)],
    positions: [...prompt.keys(), ...said.map(({ i }) => length + i)],
    branch: [...prompt.map(() => -1), ...said.map(({ branch }) => branch)],
    read: [length - 1, ...said.map((_, at) => length + at)],
    foretold: said.map(({ i }, at) => (i === 0 ? length - 1 : length + at - 1)),
  };
}
