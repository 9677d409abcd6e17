/**
 * Asking a model behind a server: as many requests at a time as it bears, and every answer is on its way to the disk
 * as it comes, for it was paid for. Once all are there they are put into the order of the requests.
 */
import { type QuestionRequest } from "../evaluation/index.js";
import { writeRows, type RowFile } from "../store/index.js";
import { answerRow, type AnswerRow } from "./answer-row.js";
import { StudyError } from "./error.js";
import type { CellWork } from "./cell-work.js";
import { portionsOf } from "./requests.js";

const MOST_TOLD = 3;

/** Asks what `file` does not hold yet; it must hold answers to `requests` only. */
export async function askServer(
  { model, watcher, signal }: CellWork,
  file: RowFile<AnswerRow>,
  requests: readonly QuestionRequest[],
): Promise<void> {
  const rows = new Map(file.rows.map((row) => [row.id, row]));
  const missing = requests.filter(({ id }) => !rows.has(id));
  const failed: string[] = [];
  let last = performance.now();
  for (const portion of portionsOf(missing, Infinity)) {
    const { temperature, maxTokens } = portion[0] as QuestionRequest;
    for await (const { request, answer } of model.answers(portion, {
      temperature,
      maxTokens,
      ...(signal && { signal }),
      onFailure: ({ id }, error) => void failed.push(`  ${id}: ${error.message}`),
    })) {
      if (answer.outcome === "error" || answer.outcome === "abort") {
        failed.push(`  ${request.id}: the server broke the answer off`);
        continue;
      }
      const row = answerRow(request, answer);
      await file.append([row]);
      rows.set(row.id, row);
      const now = performance.now();
      const seconds = (now - last) / 1000;
      last = now;
      watcher.progress({ phase: "ask", done: rows.size, total: requests.length, units: 1, seconds });
    }
  }
  await file.flush();
  if (failed.length > 0) {
    const more = failed.length > MOST_TOLD ? `\n  … and ${failed.length - MOST_TOLD} more` : "";
    throw new StudyError(
      `${model.name}: ${failed.length} of ${requests.length} answers could not be had:\n` +
        `${failed.slice(0, MOST_TOLD).join("\n")}${more}\nThe same command tries these again.`,
    );
  }
  const inOrder = requests.map(({ id }) => rows.get(id) as AnswerRow);
  const stored = [...rows.keys()];
  if (inOrder.some(({ id }, i) => id !== stored[i])) await writeRows(file.path, inOrder);
}
