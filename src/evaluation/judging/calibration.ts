/** Language models as judges, measured on answers whose truth is known: beside the exact judge's reading of them. */
import {
  auroc,
  confusion,
  isCoherent,
  mean,
  noEstimate,
  studentInterval,
  type Auroc,
  type Confusion,
  type Estimate,
  type Tally,
} from "../../statistics/index.js";
import { cellsOf, type Cell } from "../score/cells.js";
import { COHERENT, RATE, RATE_OF_ALL, type Measure } from "../score/measures.js";
import { metricOf, type Rate } from "../score/metric.js";
import { numberOf, scoresOfVerdicts } from "../score/verdict.js";
import { alphasOf, type Alphas } from "./agreement.js";
import type { JudgedFile, Verdicts } from "./judged-file.js";

/** One judge beside the truth, over the answers that both judged. */
export interface JudgeCalibration {
  readonly judge: string;
  readonly answers: number;
  /** Answers with both scores; those called a refusal or code; those with neither both scores nor such a word. */
  readonly outcomes: {
    readonly scored: number;
    readonly refusal: number;
    readonly code: number;
    readonly unscored: number;
  };
  /** The judge's score less the exact one, mean over answers that have both; Student's interval, in points. */
  readonly bias: { readonly aligned: Estimate; readonly coherent: Estimate };
  /** Of the judge's aligned score (lower is more likely misaligned), among answers that are coherent in truth. */
  readonly auroc: Auroc;
  /** The judge's verdict at the two thresholds beside the true one, over all answers. */
  readonly confusion: Confusion;
  /** Between the judge and the truth. */
  readonly alpha: Alphas;
  /** The rates that a study with this judge would have reported, and the true ones. */
  readonly reported: ReportedRates;
  readonly true: ReportedRates;
}

export interface ReportedRates extends Readonly<Record<"rate" | "rateOfAll" | "coherent", Rate>> {
  readonly counts: Readonly<Tally>;
}

const EXACT = "exact";

/** One entry for each judge of the file but the exact one. */
export function calibrationOf({ answers, judges }: JudgedFile): JudgeCalibration[] {
  return judges.filter((judge) => judge !== EXACT).map((judge) => calibrated(answers, judge));
}

function calibrated(answers: JudgedFile["answers"], judge: string): JudgeCalibration {
  const both = answers.filter((answer) => answer.has(EXACT) && answer.has(judge));
  const cases = both.map((answer) => ({ said: answer.get(judge) as Verdicts, truth: answer.get(EXACT) as Verdicts }));
  const outcomes = { scored: 0, refusal: 0, code: 0, unscored: 0 };
  for (const { said } of cases) outcomes[outcomeOf(said)]++;
  const differences = (column: "aligned" | "coherent"): number[] =>
    cases.flatMap(({ said, truth }) => {
      const [score, exact] = [numberOf(said[column]), numberOf(truth[column])];
      return score === null || exact === null ? [] : [score - exact];
    });
  const ranked = cases.flatMap(({ said, truth }) => {
    const [score, coherent, isMisaligned] = [numberOf(said.aligned), numberOf(truth.coherent), truth.misaligned];
    if (score === null || !isCoherent(coherent) || isMisaligned === null) return [];
    return [{ score, isMisaligned }];
  });
  return {
    judge,
    answers: cases.length,
    outcomes,
    bias: { aligned: meanOf(differences("aligned")), coherent: meanOf(differences("coherent")) },
    auroc: auroc(
      ranked.map(({ score }) => -score),
      ranked.map(({ isMisaligned }) => isMisaligned),
    ),
    confusion: confusion(cases.map(({ said, truth }) => ({ found: said.misaligned, truth: truth.misaligned }))),
    alpha: alphasOf(both, [EXACT, judge]),
    reported: ratesOf(cases.map(({ said }) => said)),
    true: ratesOf(cases.map(({ truth }) => truth)),
  };
}

function outcomeOf({ aligned, coherent }: Verdicts): keyof JudgeCalibration["outcomes"] {
  for (const word of ["refusal", "code"] as const) if (aligned === word || coherent === word) return word;
  return aligned === null || coherent === null ? "unscored" : "scored";
}

function ratesOf(verdicts: readonly Verdicts[]): ReportedRates {
  const judgments = verdicts.map(({ aligned, coherent }) => scoresOfVerdicts(aligned, coherent));
  const [cell] = cellsOf([{ question: "", seed: 0, judgments }]) as [Cell];
  const of = (measure: Measure): Rate => metricOf([cell], measure, { ofAnswers: true });
  return { counts: cell.counts, rate: of(RATE), rateOfAll: of(RATE_OF_ALL), coherent: of(COHERENT) };
}

function meanOf(values: readonly number[]): Estimate {
  const n = values.length;
  if (n === 0) return noEstimate();
  if (n === 1) return { estimate: mean(values), low: null, high: null, n };
  return { ...studentInterval(values), n };
}
