/** How the chat speaks to whoever is there: a person at a terminal, or a program behind a pipe. */
import type { Reply } from "./conversation.js";

export interface Voice {
  answer(reply: Reply, options: { readonly judged: boolean }): void;
  /** A question that was not typed out. */
  echo(question: string): void;
  /** What a command has to say. */
  note(text: string): void;
  /** Things with a word or two on each. */
  list(rows: readonly (readonly [name: string, about: string])[]): void;
  /** What is wrong with a line; `instead` could be said in its place. */
  problem(text: string, instead?: string): void;
}
