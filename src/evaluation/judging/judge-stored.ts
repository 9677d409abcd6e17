/**
 * Stored answers judged, by one judge after the other, without being sampled again. Judgments are rows of their own,
 * kept as they come; a file has one judgment of an answer by a judge, and is carried on where it stopped.
 */
import { AnswerFileError } from "../answers/error.js";
import { KeySet } from "../answers/key-set.js";
import { storedAnswers, type AnswerToJudge, type StoredFile } from "../answers/stored-answers.js";
import { isCoherent } from "../../statistics/index.js";
import { RowFile, sha256 } from "../../store/index.js";
import { judgeAnswers, type Judge } from "../judge.js";
import type { NoAnswer } from "../../model/index.js";
import { NoAnswerCounts, type NoAnswers } from "../answers/no-answer.js";
import { SameAnswers, type Repeated } from "../answers/same-answers.js";
import { filtered, portionsOf } from "../answers/streams.js";
import { noteScoring, type Earlier } from "./earlier.js";
import { JudgeError } from "./error.js";
import { OwnWorld } from "./own-world.js";
import { ReplyStore } from "./reply-store.js";
import { isCut, promptHash } from "./rubric.js";
import { RubricJudge } from "./rubric-judge.js";
import { columnsOf } from "./judged-columns.js";
import type { Ruling } from "./ruling.js";
import type { ScoreColumn } from "./scores.js";

/** One line of a file of judgments; a column of the prompt's name for every prompt of the rubric stands in it too. */
export interface StoredJudgment {
  /** Of the answer. */
  readonly id: string;
  readonly set?: string;
  /** The question's name. */
  readonly question: string;
  readonly judge: string;
  /** Twelve hexadecimal digits that stand for the answer's words, so that no judgment is taken for another answer's. */
  readonly hash: string;
  readonly aligned?: ScoreColumn;
  readonly coherent?: ScoreColumn;
  /** As `isMisaligned` defines it; null where the judge did not say. */
  readonly misaligned?: boolean | null;
  /** Of a rubric judge: the hash of its prompts, and how it was scored: `expected`, or `samples/5`. */
  readonly prompts?: string;
  readonly scoring?: string;
  /** The judge saw only the beginning. */
  readonly cut?: true;
  /** Why there is no answer, where there is none: nobody was asked about it. */
  readonly outcome?: NoAnswer;
  /** What the judge said, raw, and what it came to. */
  readonly rulings?: Readonly<Record<string, Omit<Ruling, "score">>>;
}

/** A judge that reads one answer at a time, or a model that judges many at once by its rubric. */
export type AnyJudge = Judge | RubricJudge;

export interface JudgeStoredOptions extends StoredFile {
  readonly judges: readonly AnyJudge[];
  /** Which answers are meant, by their ids; all unless given. */
  readonly only?: (id: string) => boolean;
  /** The file of judgments. */
  readonly path: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: JudgeProgress) => void;
  /** Hears of an answer that alone could not be judged; without it the first such failure ends all. */
  readonly onFailure?: (judge: string, answer: AnswerToJudge, error: Error) => void;
}

/** `unanswered` and `cutThoughts` are of new rows: the judge was not asked. */
export interface JudgeProgress extends NoAnswers {
  /** Judgments in the file that are wanted. */
  readonly done: number;
  readonly total: number;
  readonly before: number;
  readonly failed: number;
  /** New judgments in which a prompt got no usable reply; they are kept raw, without a score. */
  readonly unread: number;
  /** New judgments that have a score. */
  readonly scored: number;
  /** Of those, the ones that call their answer incoherent. */
  readonly incoherent: number;
}

export interface JudgeResult extends JudgeProgress {
  /** Answers of the file that are one and the same text. */
  readonly repeated: Repeated;
  /** Rows of the file without thoughts, where those were judged. */
  readonly leftOut: number;
}

/** With so many failures, or so many replies without a score, and nothing else, the rest would be no better. */
const HOPELESS = 32;

export async function judgeStored(options: JudgeStoredOptions): Promise<JudgeResult> {
  const { judges, path, signal, onProgress, onFailure, only = () => true } = options;
  const have = { judged: new KeySet(), same: new KeySet(), sameAnswer: new KeySet() };
  const earlier = new Map<string, Earlier>();
  const onRow = (row: Partial<StoredJudgment>, line: number): void => {
    if (typeof row.id !== "string" || typeof row.judge !== "string") {
      throw new AnswerFileError(
        `${path}, line ${line}: expected a judgment with id and judge. Choose another file with --out.`,
      );
    }
    if (!have.judged.add(keyOf(row))) {
      throw new AnswerFileError(`${path}, line ${line}: a second judgment of ${row.id} by ${row.judge}. Remove one.`);
    }
    have.same.add(wholeKeyOf(row));
    have.sameAnswer.add(wholeKeyOf({ ...row, scoring: "any" }));
    noteScoring(earlier, row);
  };
  const file = await RowFile.open<object>(path, { onRow, begins: '{"id":' });
  let [before, total, failed, unread, scored, incoherent, leftOut] = [0, 0, 0, 0, 0, 0, 0];
  const none = new NoAnswerCounts();
  const same = new SameAnswers();
  let kept: ReplyStore | undefined;
  let isOver = false;
  try {
    for (const judge of judges) {
      const found = earlier.get(judge.name);
      if (judge instanceof RubricJudge && found !== undefined) judge.carryOn(found.scoring, found.isScored);
    }
    const isThere = (judge: AnyJudge, answer: AnswerToJudge): boolean => {
      const about = aboutOf(judge, answer);
      const isAny = answer.outcome !== undefined || (judge instanceof RubricJudge && !judge.isChosen);
      return isAny ? have.sameAnswer.has(wholeKeyOf({ ...about, scoring: "any" })) : have.same.has(wholeKeyOf(about));
    };
    const ids = new KeySet();
    const worlds = judges.map((judge) => new OwnWorld(judge));
    for await (const answer of storedAnswers({ ...options, onLeftOut: () => leftOut++ })) {
      if (!ids.add(answer.id)) {
        throw new AnswerFileError(`${options.answers}: a second answer named ${JSON.stringify(answer.id)}.`);
      }
      if (!only(answer.id)) continue;
      if (answer.outcome === undefined) hearAnswer(same, answer);
      for (const [place, judge] of judges.entries()) {
        total++;
        if (isThere(judge, answer)) {
          before++;
          continue;
        }
        if (answer.outcome === undefined) worlds[place]?.look(answer.messages, answer.answer);
        if (have.judged.has(keyOf({ id: answer.id, judge: judge.name }))) {
          throw new AnswerFileError(
            `${path} has a judgment of ${answer.id} by ${judge.name} already, with other prompts, another way of scoring, or of another answer. Give the same settings to carry on, or choose another file with --out.`,
          );
        }
      }
    }
    for (const world of worlds) world.require(options.answers);
    let done = before;
    const progress = (): JudgeProgress => {
      const { unanswered, cutThoughts } = none;
      return { done, total, before, failed, unread, scored, incoherent, unanswered, cutThoughts };
    };
    const tell = (): void => onProgress?.(progress());
    tell();
    for (const judge of judges) {
      const missing = filtered(storedAnswers(options), (answer) => only(answer.id) && !isThere(judge, answer));
      const heard = (answer: AnswerToJudge, error: Error): void => {
        failed++;
        if (onFailure === undefined || (done === before && failed >= HOPELESS)) throw error;
        onFailure(judge.name, answer, error);
        tell();
      };
      const write = async ({ row, outcome, finish, isUnread }: NewRow): Promise<void> => {
        signal?.throwIfAborted();
        await file.append([row]);
        done++;
        if (outcome !== undefined) none.add(outcome, finish);
        else if (isUnread) unread++;
        else {
          scored++;
          const { coherent } = row as StoredJudgment;
          if (typeof coherent === "number" && !isCoherent(coherent)) incoherent++;
        }
        tell();
      };
      kept ??= judge instanceof RubricJudge ? await ReplyStore.open(path) : undefined;
      const answered = answeredAmong(missing, judge, write);
      for await (const row of rowsOf(judge, answered, onFailure && heard, kept)) {
        await write(row);
        if (before === 0 && scored === 0 && unread >= HOPELESS) throw scorelessError(judge.name, unread, row);
      }
    }
    const isDone = before + scored + unread + none.total === total;
    await kept?.close(isDone);
    kept = undefined;
    isOver = total > 0; // a file of no judgments is none
    return { ...progress(), repeated: same.found, leftOut };
  } finally {
    await (isOver ? file.close() : file.abandon());
    await kept?.close(false);
  }
}

function hearAnswer(same: SameAnswers, { set = "", questionId, question, answer, about }: AnswerToJudge): void {
  const { temperature } = about;
  const prompt = sha256(`${set}\0${questionId}\0${question}`).slice(0, 16);
  const at = typeof temperature === "number" ? { temperature } : {};
  same.hear({ prompt, question: questionId, answer, ...at });
}

/** Passes on what can be judged; writes down what is no answer at once. */
async function* answeredAmong(
  answers: AsyncIterable<AnswerToJudge>,
  judge: AnyJudge,
  write: (row: NewRow) => Promise<void>,
): AsyncGenerator<AnswerToJudge, void> {
  for await (const answer of answers) {
    const isEmpty = judge instanceof RubricJudge && answer.answer.trim() === "";
    const outcome = answer.outcome ?? (isEmpty ? "empty" : undefined);
    if (outcome === undefined) yield answer;
    else {
      const { finish } = answer;
      await write({ row: unansweredRow(judge, answer, outcome), outcome, finish, isUnread: false });
    }
  }
}

/** A row of nulls, which nothing takes for a score; that the model declined stands where a judge would say so. */
function unansweredRow(judge: AnyJudge, answer: AnswerToJudge, outcome: NoAnswer): object {
  const { scoring: _, ...about } = aboutOf(judge, answer);
  const isRefusal = outcome === "refusal";
  const names =
    judge instanceof RubricJudge
      ? judge.rubric.promptsFor(answer.questionId).map(({ name }) => name)
      : ["aligned", "coherent"];
  const columns = names.map((name) => [name, isRefusal && name === "aligned" ? "REFUSAL" : null]);
  return { ...about, ...Object.fromEntries(columns), misaligned: isRefusal ? false : null, outcome };
}

function scorelessError(judge: string, count: number, { row }: NewRow): JudgeError {
  const { rulings = {} } = row as StoredJudgment;
  const said = Object.values(rulings)[0]?.replies[0] ?? "";
  return new JudgeError(
    `${judge} gave none of the first ${count} answers a score; its last reply was ${JSON.stringify(said.slice(0, 80))}. ` +
      "What it said is kept raw. Choose another judge, or prompts that ask for a number from 0 to 100 (--prompts), with another --out.",
  );
}

/** Answers that a judge of many reads at a time. */
const PORTION = 64;

interface NewRow {
  readonly row: object;
  readonly isUnread: boolean;
  readonly outcome?: NoAnswer;
  readonly finish?: AnswerToJudge["finish"];
}

async function* rowsOf(
  judge: AnyJudge,
  answers: AsyncIterable<AnswerToJudge>,
  onFailure: ((answer: AnswerToJudge, error: Error) => void) | undefined,
  kept: ReplyStore | undefined,
): AsyncGenerator<NewRow, void> {
  if (!(judge instanceof RubricJudge)) {
    for await (const portion of portionsOf(answers, judge.judgeMany === undefined ? 1 : PORTION)) {
      const asked = portion.map(({ questionId: question, ...answer }) => ({ ...answer, question }));
      const scores = await judgeAnswers(judge, asked);
      for (const [i, answer] of portion.entries())
        yield { row: { ...aboutOf(judge, answer), ...scores[i] }, isUnread: false };
    }
    return;
  }
  for await (const { item, rulings } of judge.judgments(answers, onFailure, kept)) {
    if (Object.keys(rulings).length === 0) continue;
    const isUnread = Object.values(rulings).some(({ outcome }) => outcome === "none");
    yield { row: { ...aboutOf(judge, item), ...columnsOf(rulings) }, isUnread };
  }
}

function aboutOf(judge: AnyJudge, answer: AnswerToJudge): StoredJudgment {
  const { id, set, questionId, question, answer: text, about } = answer;
  const rubric = judge instanceof RubricJudge ? judge : undefined;
  return {
    id,
    ...(set !== undefined && { set }),
    question: questionId,
    ...about,
    judge: judge.name,
    ...(rubric && { prompts: promptHash(rubric.rubric.promptsFor(questionId)), scoring: rubric.scoringName }),
    hash: sha256(`${question}\0${text}`).slice(0, 12),
    ...(rubric && isCut(question, text) && { cut: true }),
  };
}

const keyOf = ({ id, judge }: Pick<Partial<StoredJudgment>, "id" | "judge">): string => JSON.stringify([id, judge]);

const wholeKeyOf = ({ id, judge, hash, prompts, scoring }: Partial<StoredJudgment>): string =>
  JSON.stringify([id, judge, hash, prompts, scoring]);
