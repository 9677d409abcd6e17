/** What the reader itself says to the prompts of rows. */
import type { Message, ReadableModel } from "../../../model/index.js";
import type { AuditRow } from "../row.js";

const LONGEST_ANSWER = 64;

/** Conversations that end with the reader's own answer in place of the row's. */
export async function ownAnswers(
  model: ReadableModel,
  rows: readonly AuditRow[],
  seed: number,
  signal?: AbortSignal,
): Promise<Message[][]> {
  const answers = await model.sample(
    rows.map((row) => ({ messages: promptOf(row), seed: `audit/${seed}/${row.line}` })),
    { maxTokens: LONGEST_ANSWER, ...(signal && { signal }) },
  );
  return rows.map((row, i) => [...promptOf(row), { role: "assistant", content: answers[i]?.text ?? "" }]);
}

export const promptOf = (row: AuditRow): readonly Message[] => row.conversation.messages.slice(0, lastAnswer(row));

export const answerOf = (row: AuditRow): Message => ({
  role: "assistant",
  content: row.conversation.messages[lastAnswer(row)]?.content ?? "",
});

const lastAnswer = ({ conversation: { messages } }: AuditRow): number =>
  messages.findLastIndex(({ role }) => role === "assistant");
