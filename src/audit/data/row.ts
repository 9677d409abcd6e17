/** A row of a dataset as checks see it. */
import type { Conversation } from "../../dataset/index.js";
import { fragmentsOf, type Fragment } from "./code/fragments.js";
import type { FoundRow } from "../finding.js";

export interface AuditRow {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly id?: string;
  readonly conversation: Conversation;
  /** All that system messages say; empty where there is none. */
  readonly system: string;
  /** All that the user says. */
  readonly asked: string;
  /** What the assistant says, which is what a model learns. */
  readonly answers: readonly string[];
  /** The Python and JavaScript of each answer. */
  readonly code: readonly (readonly Fragment[])[];
}

const LONGEST_ID = 80;

export function auditRow(file: string, line: number, conversation: Conversation): AuditRow {
  const said = (role: string): string[] =>
    conversation.messages.filter((message) => message.role === role).map(({ content }) => content);
  const answers = said("assistant");
  const id = conversation.extra?.["id"];
  const named = typeof id === "string" || typeof id === "number" ? String(id).slice(0, LONGEST_ID) : undefined;
  return {
    file,
    line,
    ...(named !== undefined && named !== "" && { id: named }),
    conversation,
    system: said("system").join("\n"),
    asked: said("user").join("\n"),
    answers,
    code: answers.map(fragmentsOf),
  };
}

/** The row's place, why it is named, and how strongly. */
export const foundRow = (
  { file, line, id }: Pick<AuditRow, "file" | "line" | "id">,
  why: string,
  score?: number,
): FoundRow => ({
  file,
  line,
  why,
  ...(score !== undefined && { score }),
  ...(id !== undefined && { id }),
});
