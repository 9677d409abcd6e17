/** The voice of the chat, for a person at a terminal or a program behind a pipe. */
import type { Reply } from "./conversation.js";

export interface Voice {
  answer(reply: Reply, options: { readonly judged: boolean }): void;
  /** A question that was not typed out. */
  echo(question: string): void;
  /** Prints a command's output. */
  note(text: string): void;
  /** Things with a word or two on each. */
  list(rows: readonly (readonly [name: string, about: string])[]): void;
  /** Prints a complaint about a line; `instead` could take its place. */
  problem(text: string, instead?: string): void;
}
