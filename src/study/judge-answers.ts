/** Phase four: a judge reads every stored answer. */
import type { Judge, JudgedScores } from "../evaluation/index.js";
import type { AnswerRow } from "./answer-row.js";
import { cellFiles, type CellRecord } from "./cell.js";
import type { CellWork } from "./make-cell.js";
import { readRows, RowFile } from "./rows.js";

/** One line of `judgments.jsonl`. */
export interface JudgmentRow extends JudgedScores {
  /** Of the answer. */
  readonly id: string;
  readonly set: string;
  readonly question: string;
  readonly judge: string;
}

const PORTION = 256;

export async function judgeAnswers(work: CellWork, judge: Judge): Promise<Partial<CellRecord>> {
  const { folder, watcher, signal } = work;
  const answers = (await readRows(cellFiles(folder).answers)) as AnswerRow[];
  const file = await RowFile.open<JudgmentRow>(cellFiles(folder).judgments);
  try {
    const have = new Set(file.rows.map(({ id }) => id));
    const missing = answers.filter(({ id }) => !have.has(id));
    if (missing.length > 0) watcher.started("judge", have.size, answers.length);
    for (let start = 0; start < missing.length; start += PORTION) {
      signal?.throwIfAborted();
      const began = performance.now();
      const portion = missing.slice(start, start + PORTION);
      const rows: JudgmentRow[] = [];
      for (const { id, set, question, messages, answer } of portion) {
        const scores = await judge.judge(messages, answer, signal && { signal });
        rows.push({ id, set, question, judge: judge.name, ...scores });
      }
      await file.append(rows);
      const done = have.size + start + portion.length;
      const seconds = (performance.now() - began) / 1000;
      watcher.progress({ phase: "judge", done, total: answers.length, units: portion.length, seconds });
    }
    await file.flush();
  } finally {
    await file.close();
  }
  return {};
}
