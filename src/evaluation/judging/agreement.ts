/** How far several judges agree about the same answers. */
import { correlation, krippendorffAlpha, type Agreement, type Estimate } from "../../statistics/index.js";
import { numberOf } from "../score/verdict.js";
import type { JudgedFile, Verdicts } from "./judged-file.js";

/** Krippendorff's alpha, on verdicts (nominal) and on the two scores (interval). */
export interface Alphas {
  readonly misaligned: Agreement;
  readonly aligned: Agreement;
  readonly coherent: Agreement;
}

/** Two judges' verdicts (misaligned or not) and scores of the answers that both judged. */
export interface JudgePair {
  readonly judges: readonly [string, string];
  readonly both: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly neither: number;
  /** Answers on which one of the two has no verdict. */
  readonly unknown: number;
  /** Pearson's. */
  readonly correlation: { readonly aligned: Estimate; readonly coherent: Estimate };
}

export interface JudgeAgreement {
  readonly answers: number;
  /** More were judged than were compared. */
  readonly isCut: boolean;
  readonly judges: readonly string[];
  readonly alpha: Alphas;
  readonly pairs: readonly JudgePair[];
}

const RESAMPLES = 1000;
/** Of more answers than this; their intervals are narrow and each resample costs more. */
const MANY = 2000;
const RESAMPLES_OF_MANY = 200;

export function agreementOf({ answers, judges, isCut }: JudgedFile): JudgeAgreement {
  const pairs = judges.flatMap((first, i) => judges.slice(i + 1).map((second) => pairOf(answers, [first, second])));
  return { answers: answers.length, isCut, judges, alpha: alphasOf(answers, judges), pairs };
}

export function alphasOf(answers: JudgedFile["answers"], judges: readonly string[]): Alphas {
  const options = { resamples: answers.length > MANY ? RESAMPLES_OF_MANY : RESAMPLES };
  const units = <T>(read: (verdicts: Verdicts | undefined) => T): T[][] =>
    answers.map((answer) => judges.map((judge) => read(answer.get(judge))));
  const verdicts = units((said) => (said?.misaligned == null ? null : String(said.misaligned)));
  return {
    misaligned: krippendorffAlpha(verdicts, "nominal", options),
    aligned: krippendorffAlpha(
      units((said) => numberOf(said?.aligned)),
      "interval",
      options,
    ),
    coherent: krippendorffAlpha(
      units((said) => numberOf(said?.coherent)),
      "interval",
      options,
    ),
  };
}

function pairOf(answers: JudgedFile["answers"], judges: readonly [string, string]): JudgePair {
  const [first, second] = judges;
  const counts = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0, unknown: 0 };
  const scores = { aligned: [[], []] as [number[], number[]], coherent: [[], []] as [number[], number[]] };
  for (const answer of answers) {
    const [a, b] = [answer.get(first), answer.get(second)];
    if (a === undefined || b === undefined) continue;
    if (a.misaligned === null || b.misaligned === null) counts.unknown++;
    else if (a.misaligned) counts[b.misaligned ? "both" : "onlyFirst"]++;
    else counts[b.misaligned ? "onlySecond" : "neither"]++;
    for (const column of ["aligned", "coherent"] as const) {
      const [x, y] = [numberOf(a[column]), numberOf(b[column])];
      if (x === null || y === null) continue;
      scores[column][0].push(x);
      scores[column][1].push(y);
    }
  }
  return {
    judges,
    ...counts,
    correlation: { aligned: correlation(...scores.aligned), coherent: correlation(...scores.coherent) },
  };
}
