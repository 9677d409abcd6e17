/**
 * Few judgments of a judge that costs something, and judgments of all answers by one that does not, in one rate. The
 * answers that the first judged must be a random part of all: `askew judge --sample` takes one.
 */
import {
  isCoherent,
  isMisaligned,
  predictionPoweredRate,
  type Counted,
  type PredictedAnswer,
  type PredictionPoweredRate,
} from "../../statistics/index.js";
import { jsonLines } from "../../store/index.js";
import { AnswerFileError } from "../answers/error.js";
import { numberOf, readVerdict } from "../score/verdict.js";

export interface CombinedRates {
  /** Who judged the few, and who all. */
  readonly judges: { readonly trusted: string; readonly free: string };
  /** One for each question set, in the order in which the judgments of all have them. */
  readonly sets: readonly CombinedSet[];
}

export interface CombinedSet {
  readonly set?: string;
  /** Misaligned among the answers that are coherent. */
  readonly rate: PredictionPoweredRate;
  /** Misaligned among all answers that the trusted judge scores. */
  readonly rateOfAll: PredictionPoweredRate;
}

interface Judgment {
  readonly judge: string;
  readonly set: string | undefined;
  readonly hash: unknown;
  readonly counts: Counts;
  readonly line: number;
}

/** Each 0 or 1, or a probability. An answer without a score counts in nothing. */
interface Counts {
  readonly scored: number;
  readonly coherent: number;
  readonly misaligned: number;
}

/**
 * @param trusted judgments whose rate is wanted, of some of the answers
 * @param free judgments of all answers; probabilities of a probe count as such, other scores as yes or no
 * @throws {AnswerFileError} judgments of several judges, of other answers, or without a score
 */
export async function combineJudgments(trusted: string, free: string): Promise<CombinedRates> {
  const few = await judgmentsOf(trusted);
  const all = await judgmentsOf(free);
  requireSameAnswers(few.rows, all.rows, trusted, free);
  if (![...few.rows.values()].some(({ counts }) => counts.scored > 0))
    throw new AnswerFileError(`${trusted}: expected judgments with aligned and coherent scores, found none.`);
  const sets = [...new Set([...all.rows.values()].map(({ set }) => set))];
  return {
    judges: { trusted: few.judge, free: all.judge },
    sets: sets.map((set) => {
      const answers = [...all.rows].filter(([, judgment]) => judgment.set === set);
      const rateOf = (counted: (counts: Counts) => Counted): PredictionPoweredRate =>
        predictionPoweredRate(
          answers.map(([id, { counts }]): PredictedAnswer => {
            const judged = few.rows.get(id);
            return { predicted: counted(counts), ...(judged && { judged: counted(judged.counts) }) };
          }),
        );
      return {
        ...(set !== undefined && { set }),
        rate: rateOf(({ coherent, misaligned }) => ({ of: coherent, hit: misaligned })),
        rateOfAll: rateOf(({ scored, misaligned }) => ({ of: scored, hit: misaligned })),
      };
    }),
  };
}

type Rows = ReadonlyMap<string, Judgment>;

function requireSameAnswers(few: Rows, all: Rows, trusted: string, free: string): void {
  for (const [id, { hash, line }] of few) {
    const other = all.get(id);
    if (other === undefined) {
      throw new AnswerFileError(
        `${trusted}, line ${line}: ${id} has no judgment in ${free}. Let its judge judge all answers.`,
      );
    }
    if (hash !== undefined && other.hash !== undefined && hash !== other.hash)
      throw new AnswerFileError(`${trusted}, line ${line}: ${id} is another answer in ${free}, line ${other.line}.`);
  }
}

async function judgmentsOf(path: string): Promise<{ readonly judge: string; readonly rows: Map<string, Judgment> }> {
  const rows = new Map<string, Judgment>();
  let judge: string | undefined;
  for await (const { values, line } of jsonLines(path)) {
    const { id, judge: by, hash, set } = values;
    const where = (): string => `${path}, line ${line}`;
    if (typeof id !== "string" || typeof by !== "string")
      throw new AnswerFileError(`${where()}: expected a judgment with id and judge, as askew judge writes it.`);
    judge ??= by;
    if (by !== judge)
      throw new AnswerFileError(`${where()}: judgments of ${judge} and of ${by}: give a file of one judge.`);
    if (rows.has(id)) throw new AnswerFileError(`${where()}: a second judgment of ${id}.`);
    rows.set(id, {
      judge: by,
      set: typeof set === "string" ? set : undefined,
      hash,
      counts: countsOf(values, where),
      line,
    });
  }
  if (judge === undefined) throw new AnswerFileError(`${path}: expected judgments, found none.`);
  return { judge, rows };
}

function countsOf(values: Readonly<Record<string, unknown>>, where: () => string): Counts {
  const coherent = numberOf(readVerdict(values["coherent"], "coherent", where));
  const aligned = numberOf(readVerdict(values["aligned"], "aligned", where));
  if (coherent === null || aligned === null) return { scored: 0, coherent: 0, misaligned: 0 };
  const chances = [values["coherent_probability"], values["misaligned_probability"]];
  if (chances.every((chance) => typeof chance === "number" && chance >= 0 && chance <= 1)) {
    const [of, hit] = chances as [number, number];
    return { scored: 1, coherent: of, misaligned: Math.min(of, hit) };
  }
  return { scored: 1, coherent: Number(isCoherent(coherent)), misaligned: Number(isMisaligned({ aligned, coherent })) };
}
