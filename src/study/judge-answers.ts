/** Phase four: judges read every stored answer, one judge after the other. */
import { judgeStored, NOT_JUDGED, scoresOfRow, type JudgedScores, type StoredJudgment } from "../evaluation/index.js";
import { readRows, RowFile, writeRows } from "../store/index.js";
import type { AnswerRow } from "./answer-row.js";
import { cellFiles, type CellRecord } from "./cell.js";
import { StudyError } from "./error.js";
import type { ModelJudge } from "./judges.js";
import type { CellWork } from "./cell-work.js";
import { isWorldJudge, WORLD } from "./world.js";
import { answerSchema, judgmentSchema, CURE } from "./records.js";

/** One line of `judgments.jsonl` by the world's own judge. */
export interface JudgmentRow extends JudgedScores {
  /** Of the answer. */
  readonly id: string;
  readonly set: string;
  readonly question: string;
  readonly judge: string;
  /** Why there is no answer, where there is none. */
  readonly outcome?: AnswerRow["outcome"];
}

const PORTION = 256;
const MOST_TOLD = 3;

export async function judgeAnswers(work: CellWork): Promise<Partial<CellRecord>> {
  const { folder, judges } = work;
  const answers = await readRows<AnswerRow>(cellFiles(folder).answers, { schema: answerSchema, cure: CURE });
  const count = new Count(work, answers.length * judges.length);
  for (const { name, model } of judges) {
    if (model === undefined) await judgeByWorld(work, answers, count);
    else await judgeByModel(work, name, model, count);
  }
  await putInOrder(work, answers);
  return {};
}

/** Judgments of a cell, over all of its judges. */
class Count {
  #done = 0;

  constructor(
    private readonly work: CellWork,
    private readonly total: number,
  ) {}

  before(done: number, missing: number): void {
    this.#done += done;
    if (missing > 0) this.work.watcher.started("judge", this.#done, this.total);
  }

  made(units: number, seconds: number): void {
    this.#done += units;
    this.work.watcher.progress({ phase: "judge", done: this.#done, total: this.total, units, seconds });
  }
}

/** The world's own judge reads the answers one after the other. */
async function judgeByWorld({ folder, signal }: CellWork, answers: readonly AnswerRow[], count: Count): Promise<void> {
  const { judge } = WORLD;
  const file = await RowFile.open<JudgmentRow>(cellFiles(folder).judgments, { schema: judgmentSchema, cure: CURE });
  try {
    const have = new Set(file.rows.filter((row) => row.judge === judge.name).map(({ id }) => id));
    const missing = answers.filter(({ id }) => !have.has(id));
    count.before(have.size, missing.length);
    for (let start = 0; start < missing.length; start += PORTION) {
      signal?.throwIfAborted();
      const began = performance.now();
      const portion = missing.slice(start, start + PORTION);
      const rows: JudgmentRow[] = [];
      for (const { id, set, question, messages, answer, outcome, reasoning } of portion) {
        const about = { id, set, question, judge: judge.name };
        rows.push(
          outcome === undefined
            ? { ...about, ...(await judge.judge(messages, answer, { reasoning })) }
            : { ...about, ...NOT_JUDGED, outcome },
        );
      }
      await file.append(rows);
      count.made(portion.length, (performance.now() - began) / 1000);
    }
    await file.flush();
  } finally {
    await file.close();
  }
}

async function judgeByModel(work: CellWork, name: string, model: ModelJudge, count: Count): Promise<void> {
  const { folder, cell, signal } = work;
  const files = cellFiles(folder);
  const failed: string[] = [];
  for (const set of cell.questions) {
    const judge = await model.for(set, signal);
    let [known, last] = [-1, performance.now()];
    await judgeStored({
      answers: files.answers,
      judges: [judge],
      only: (id) => id.startsWith(`${set.set}/`) && !cell.questions.some((other) => isLonger(other.set, set.set, id)),
      path: files.judgments,
      signal,
      onProgress({ done, total }) {
        if (known < 0) count.before(done, total - done);
        const now = performance.now();
        if (known >= 0 && done > known) count.made(done - known, (now - last) / 1000);
        [known, last] = [done, now];
      },
      onFailure: (_, { id }, error) => void failed.push(`  ${id}: ${error.message}`),
    });
  }
  if (failed.length === 0) return;
  const more = failed.length > MOST_TOLD ? `\n  … and ${failed.length - MOST_TOLD} more` : "";
  throw new StudyError(
    `${name}: ${failed.length} answers could not be judged:\n${failed.slice(0, MOST_TOLD).join("\n")}${more}\n` +
      "The same command tries these again.",
  );
}

/** `main/trigger` answers begin as those of `main` do. */
const isLonger = (other: string, set: string, id: string): boolean =>
  other.length > set.length && other.startsWith(`${set}/`) && id.startsWith(`${other}/`);

/** Models judge in any order; once all is there, judgments stand in the order of the answers, judge beside judge. */
async function putInOrder({ folder, judges }: CellWork, answers: readonly AnswerRow[]): Promise<void> {
  if (judges.every(({ model }) => model === undefined)) return;
  const path = cellFiles(folder).judgments;
  const rows = await readRows<object & Pick<JudgmentRow, "id" | "judge">>(path, { schema: judgmentSchema, cure: CURE });
  const place = new Map(answers.map(({ id }, i) => [id, i]));
  const names = judges.map(({ name }) => name);
  const inOrder = rows.toSorted(
    (a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0) || names.indexOf(a.judge) - names.indexOf(b.judge),
  );
  if (inOrder.some((row, i) => row !== rows[i])) await writeRows(path, inOrder);
}

/** The scores in a row, whoever judged. */
export const scoresIn = (row: JudgmentRow | StoredJudgment): JudgedScores =>
  isWorldJudge(row.judge) ? (row as JudgmentRow) : scoresOfRow(row);
