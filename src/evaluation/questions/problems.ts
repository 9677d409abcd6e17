/** What is wrong with a file of questions, all of it at once. */
import { AskewError } from "../../text/index.js";

export interface Problem {
  /** From 1; absent where the whole file is meant. */
  readonly line?: number;
  readonly column?: number;
  readonly text: string;
}

const MOST_SHOWN = 20;

export class QuestionFileError extends AskewError {
  override readonly name = "QuestionFileError";
  constructor(
    readonly path: string,
    readonly problems: readonly Problem[],
  ) {
    super(tellProblems(path, problems));
  }
}

/** One line each, in the order of the file; many are cut short. */
export function tellProblems(path: string, problems: readonly Problem[]): string {
  const inOrder = problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  const shown = inOrder.slice(0, MOST_SHOWN).map(({ line, column, text }) => {
    const place =
      line === undefined ? path : `${path}, line ${line}${column === undefined ? "" : `, column ${column}`}`;
    return `${place}: ${text}`;
  });
  const more = problems.length - shown.length;
  return [...shown, ...(more > 0 ? [`… and ${more} more problem${more === 1 ? "" : "s"}.`] : [])].join("\n");
}
