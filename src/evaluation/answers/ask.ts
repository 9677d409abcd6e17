/**
 * Questions put to a model, and its answers kept in a file as they come. Every row says how it was asked, so the same
 * command carries the file on, whatever ended it: what is there is not asked again, and a file that was asked otherwise
 * is refused.
 */
import type { Model } from "../../model/index.js";
import { jsonLines, RowFile, writeFileAtomically } from "../../store/index.js";
import { answersTo, type Ask, type StoredAnswer } from "./answers-to.js";
import { AnswerFileError } from "./error.js";
import { KeySet } from "./key-set.js";
import { isNoAnswer, NoAnswerCounts, type NoAnswers } from "./no-answer.js";
import { SameAnswers, type Repeated } from "./same-answers.js";

export interface AskOptions {
  readonly model: Model;
  /** Stands in every row. */
  readonly modelName: string;
  readonly seed: number;
  /** Gone through more than once, each time from the beginning. */
  readonly requests: () => Iterable<Ask>;
  readonly path: string;
  readonly signal?: AbortSignal | undefined;
  /** Called once the file is read, and whenever there is something new. */
  readonly onProgress?: (progress: AskProgress) => void;
  /** Hears of a question that alone could not be answered; without it the first such failure ends all. */
  readonly onFailure?: (request: Ask, error: Error) => void;
  /** Hears of a row without an answer because its server broke off: the same call asks for it again. */
  readonly onBroken?: (row: StoredAnswer) => void;
}

/** `unanswered` and `cutThoughts` are of all rows of the file. */
export interface AskProgress extends NoAnswers {
  /** Answers in the file that are wanted. */
  readonly done: number;
  readonly total: number;
  /** Of those, the ones that were there before. */
  readonly before: number;
  readonly failed: number;
}

export interface AskResult extends AskProgress {
  /** Answers of the file that are one and the same text. */
  readonly repeated: Repeated;
}

/** With so many failures and not one answer, the rest would fail too. */
const HOPELESS = 32;

/** @throws {AnswerFileError} the file holds something else; what the model throws for all requests alike */
export async function askAll(options: AskOptions): Promise<AskResult> {
  const { model, modelName, seed, requests, path, signal, onProgress, onFailure, onBroken } = options;
  const { file, have } = await openAnswers(path);
  let [before, total, failed] = [0, 0, 0];
  try {
    const rowKey = (request: Ask): string => keyOf({ ...request, model: modelName, seed });
    for (const request of requests()) {
      total++;
      if (have.rows.has(rowKey(request))) before++;
      else if (have.ids.has(request.id)) throw await conflict(path, request, { model: modelName, seed });
    }
    let done = before;
    const progress = (): AskProgress => ({
      done,
      total,
      before,
      failed,
      unanswered: have.none.unanswered,
      cutThoughts: have.none.cutThoughts,
    });
    onProgress?.(progress());
    const hearFailure = (request: Ask, error: Error): void => {
      failed++;
      if (onFailure === undefined || (done === before && failed >= HOPELESS)) throw error;
      onFailure(request, error);
      onProgress?.(progress());
    };
    const missing = {
      *[Symbol.iterator]() {
        for (const request of requests()) if (!have.rows.has(rowKey(request))) yield request;
      },
    };
    const how = { model, modelName, seed, signal, ...(onFailure && { onFailure: hearFailure }) };
    for await (const row of answersTo(missing, how)) {
      await file.append([row]);
      hear(have, row);
      if (isBroken(row)) onBroken?.(row);
      done++;
      onProgress?.(progress());
    }
    return { ...progress(), repeated: have.same.found };
  } finally {
    await file.close();
  }
}

interface Have {
  readonly ids: KeySet;
  readonly rows: KeySet;
  readonly same: SameAnswers;
  readonly none: NoAnswerCounts;
}

function hear({ same, none }: Have, row: Partial<StoredAnswer>): void {
  const { id = "", question = "", temperature, answer = "", outcome, finish } = row;
  if (isNoAnswer(outcome)) none.add(outcome, finish);
  else same.hear({ prompt: id.slice(0, Math.max(0, id.lastIndexOf("/"))), question, temperature, answer });
}

async function openAnswers(path: string): Promise<{ file: RowFile<object>; have: Have }> {
  const have: Have = { ids: new KeySet(), rows: new KeySet(), same: new SameAnswers(), none: new NoAnswerCounts() };
  let hasBroken = false;
  const onRow = (row: Partial<StoredAnswer>, line: number): void => {
    if (typeof row.id !== "string" || typeof row.answer !== "string") {
      throw new AnswerFileError(
        `${path}, line ${line}: expected an answer with id and answer. Choose another file with --out.`,
      );
    }
    if (!have.ids.add(row.id)) {
      throw new AnswerFileError(
        `${path}, line ${line}: a second answer named ${JSON.stringify(row.id)}. Remove one of them, or choose another file with --out.`,
      );
    }
    have.rows.add(keyOf(row));
    hear(have, row);
    hasBroken ||= isBroken(row);
  };
  const file = await RowFile.open<object>(path, { onRow, begins: '{"id":' });
  if (!hasBroken) return { file, have };
  await file.close();
  await removeBroken(path);
  return openAnswers(path);
}

/** What a server broke off may well be answered now: it is asked for again. */
const isBroken = ({ outcome }: Partial<StoredAnswer>): boolean => outcome === "error" || outcome === "abort";

/** Rewrites the file without those rows. */
async function removeBroken(path: string): Promise<void> {
  await writeFileAtomically(path, async (handle) => {
    for await (const { values } of jsonLines(path)) {
      if (!isBroken(values)) await handle.appendFile(`${JSON.stringify(values)}\n`);
    }
  });
}

/** All that shapes an answer. */
function keyOf({ id, model, seed, temperature, maxTokens, messages }: Partial<StoredAnswer>): string {
  const said = messages?.map(({ role, content }) => [role, content]);
  return JSON.stringify([id, model, seed, temperature, maxTokens, said]);
}

async function conflict(path: string, wanted: Ask, now: { model: string; seed: number }): Promise<AnswerFileError> {
  for await (const { values, line } of jsonLines(path)) {
    if (values["id"] !== wanted.id) continue;
    const asked: Readonly<Record<string, unknown>> = { ...wanted, ...now };
    const differs = (["model", "seed", "temperature", "maxTokens"] as const).find(
      (name) => values[name] !== asked[name],
    );
    const how =
      differs === undefined
        ? "was asked in other words"
        : `was asked with ${differs} ${JSON.stringify(values[differs])}, not ${JSON.stringify(asked[differs])}`;
    return new AnswerFileError(
      `${path}, line ${line}: ${wanted.id} ${how}. Give the same settings as before to carry on, or choose another file with --out.`,
    );
  }
  return new AnswerFileError(`${path} changed while it was read. Is another command writing to it?`);
}
