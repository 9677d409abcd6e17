/**
 * Phase three: every question is put to the model. Requests go out in portions, always the same ones: answers of one
 * portion are computed together, and a portion cut otherwise could round otherwise. A portion's answers are appended
 * in one write, so after any stop the file holds whole portions, or, where a write was torn, the beginning of one,
 * which is then sampled again for the answers that are missing.
 */
import { type QuestionRequest } from "../evaluation/index.js";
import { isRemote, type Model } from "../model/index.js";
import { RowFile } from "../store/index.js";
import { answerRow, type AnswerRow } from "./answer-row.js";
import { askServer } from "./ask-server.js";
import { cellFiles, type CellRecord } from "./cell.js";
import { StudyError } from "./error.js";
import type { CellWork } from "./cell-work.js";
import { portionsOf, requestsOf } from "./requests.js";
import { answerSchema, CURE } from "./records.js";

/** Requests that are sampled, and appended, together. */
const PORTION = 256;

export async function askQuestions(work: CellWork): Promise<Partial<CellRecord>> {
  const { folder, cell, watcher, signal } = work;
  const requests = requestsOf(cell);
  const file = await RowFile.open<AnswerRow>(cellFiles(folder).answers, { schema: answerSchema, cure: CURE });
  try {
    const have = idsOf(file, requests);
    let done = have.size;
    if (done < requests.length) watcher.started("ask", done, requests.length);
    if (isRemote(work.model)) {
      await askServer(work, file, requests);
      return { answers: requests.length };
    }
    for (const portion of portionsOf(requests, PORTION)) {
      const missing = portion.filter(({ id }) => !have.has(id)).length;
      if (missing === 0) continue;
      signal?.throwIfAborted();
      const began = performance.now();
      const rows = await samplePortion(work, work.model, portion);
      await file.append(rows.filter(({ id }) => !have.has(id)));
      done += missing;
      const seconds = (performance.now() - began) / 1000;
      watcher.progress({ phase: "ask", done, total: requests.length, units: portion.length, seconds });
    }
    await file.flush();
  } finally {
    await file.close();
  }
  return { answers: requests.length };
}

/** The answers a file holds, once it is certain that they are answers to these requests. */
function idsOf(file: RowFile<AnswerRow>, requests: readonly QuestionRequest[]): Set<string> {
  const wanted = new Set(requests.map(({ id }) => id));
  const have = new Set<string>();
  for (const [line, { id }] of file.rows.entries()) {
    if (wanted.has(id) && !have.has(id)) have.add(id);
    else {
      throw new StudyError(
        `${file.path}, line ${line + 1}: ${have.has(id) ? "a second answer" : "an answer that was not asked for"} (${id}). Delete the file and run again.`,
      );
    }
  }
  return have;
}

async function samplePortion(
  { signal }: CellWork,
  model: Model,
  portion: readonly QuestionRequest[],
): Promise<AnswerRow[]> {
  const { temperature, maxTokens } = portion[0] as QuestionRequest;
  const answers = await model.sample(portion, { temperature, maxTokens, ...(signal && { signal }) });
  return answers.map((answer, i) => answerRow(portion[i] as QuestionRequest, answer));
}
