/** A file of judgments, answer by answer: what each of several judges said of it. */
import { AnswerFileError } from "../answers/error.js";
import { readVerdict, type Verdict } from "../score/verdict.js";
import { jsonLines } from "../../store/index.js";

/** What one judge said of one answer. */
export interface Verdicts {
  readonly aligned: Verdict;
  readonly coherent: Verdict;
  readonly misaligned: boolean | null;
}

export interface JudgedFile {
  /** In the order in which they first judged. */
  readonly judges: readonly string[];
  /** For each answer, what each judge said of it, by the judge's name. */
  readonly answers: readonly ReadonlyMap<string, Verdicts>[];
  /** There were more answers than were read. */
  readonly isCut: boolean;
}

/** Judges are compared on so many answers at most, which bounds memory and settles the second digit. */
export const MOST_COMPARED = 20_000;

/**
 * @param only the judges to read; all unless given
 * @throws {AnswerFileError} a row that is no judgment, with its line
 */
export async function readJudged(path: string, only?: readonly string[]): Promise<JudgedFile> {
  const answers = new Map<string, Map<string, Verdicts>>();
  const judges = new Set<string>();
  let isCut = false;
  for await (const { values, line } of jsonLines(path)) {
    const { id, judge, misaligned } = values;
    if (typeof id !== "string" || typeof judge !== "string") {
      throw new AnswerFileError(`${path}, line ${line}: expected a judgment with id and judge.`);
    }
    if (only !== undefined && !only.includes(judge)) continue;
    const where = (): string => `${path}, line ${line}`;
    let answer = answers.get(id);
    if (answer === undefined) {
      if (answers.size === MOST_COMPARED) {
        isCut = true;
        continue;
      }
      answers.set(id, (answer = new Map()));
    }
    judges.add(judge);
    answer.set(judge, {
      aligned: readVerdict(values["aligned"], "aligned", where),
      coherent: readVerdict(values["coherent"], "coherent", where),
      misaligned: typeof misaligned === "boolean" ? misaligned : null,
    });
  }
  return { judges: [...judges], answers: [...answers.values()], isCut };
}
