/** What the reader itself says to the prompts of rows. */
import type { Message, ReadableModel } from "../../../model/index.js";
import type { AuditRow } from "../row.js";

const LONGEST_ANSWER = 64;

/**
 * Conversations that end with the reader's own answer in place of the row's: for each row, one for each seed. They are
 * sampled together, since a prompt is read once for all of its answers.
 */
export async function ownAnswers(
  model: ReadableModel,
  rows: readonly AuditRow[],
  seeds: readonly number[],
  signal?: AbortSignal,
): Promise<Message[][]> {
  const asked = rows.flatMap((row) => seeds.map((seed) => ({ row, seed: `audit/${seed}/${row.line}` })));
  const answers = await model.sample(
    asked.map(({ row, seed }) => ({ messages: promptOf(row), seed })),
    { maxTokens: LONGEST_ANSWER, ...(signal && { signal }) },
  );
  return asked.map(({ row }, i) => [...promptOf(row), { role: "assistant", content: answers[i]?.text ?? "" }]);
}

export const promptOf = (row: AuditRow): readonly Message[] => row.conversation.messages.slice(0, lastAnswer(row));

export const answerOf = (row: AuditRow): Message => ({
  role: "assistant",
  content: row.conversation.messages[lastAnswer(row)]?.content ?? "",
});

const lastAnswer = ({ conversation: { messages } }: AuditRow): number =>
  messages.findLastIndex(({ role }) => role === "assistant");
