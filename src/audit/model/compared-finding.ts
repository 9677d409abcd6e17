/** What the comparison of two models comes to, as a finding. */
import type { Estimate } from "../../statistics/index.js";
import { count, points, pointsInterval, withSign } from "../../text/index.js";
import { NO_ROWS, type AuditMeasure, type Finding } from "../finding.js";
import type { Compared } from "./compare.js";
import type { ComparedMeasure } from "./measures.js";

/** With a larger share of pairs without an answer or a score, those that are left may be a choice. */
const MOST_WITHOUT = 0.1;

export interface ComparedWording extends Pick<Finding, "check" | "title" | "cure" | "limits"> {
  /** `share of coherent answers` */
  readonly share: string;
  /** `fall of the coherent share` */
  readonly change: string;
  readonly worse: ComparedMeasure["worse"];
  readonly bound: number;
  /** Why no more was asked, where something stopped it: `the cost limit is reached`. */
  readonly stopped?: string | undefined;
}

/** @param name of the difference among those that were compared; nothing was asked where there is no comparison */
export function comparedFinding<Name extends string>(
  compared: Compared<Name> | undefined,
  name: Name,
  { check, title, cure, limits, share, change, worse, bound, stopped }: ComparedWording,
): Finding {
  const found = compared?.differences[name];
  const base = { check, title, ...(limits !== undefined && { limits }), rows: NO_ROWS };
  const nothing = found === undefined || compared === undefined || found.difference.n === 0;
  if (nothing) {
    const why = compared === undefined ? "Nothing was asked" : "No pair of answers could be compared";
    return { ...base, outcome: "not-measured", found: `${why}${because(stopped)}.`, measures: [] };
  }
  const { after, before, difference, overQuestions, decided } = found;
  const measures: AuditMeasure[] = [
    { name: `${share}, after`, of: "pairs of answers", ...after },
    { name: `${share}, before`, of: "pairs of answers", ...before },
    { name: change, of: "pairs of answers", threshold: bound, ...difference },
    ...(overQuestions === null
      ? []
      : [{ name: `${change}, over questions`, of: "pairs of answers", ...overQuestions }]),
  ];
  const verb = worse === "more" ? "rise" : "fall";
  const moved = worse === "more" ? difference : turned(difference);
  const said =
    `The ${share} went from ${withSign(before.estimate)} to ${withSign(after.estimate)}: ` +
    `${points(moved.estimate)} points ${pointsInterval(moved)}, in ${count(difference.n)} pairs of answers`;
  const allowed = `a ${verb} of ${points(bound).replace("+", "")} points is allowed`;
  const { pairs, without, most } = compared;
  if (without > MOST_WITHOUT * pairs) {
    const many = `${without} of ${pairs} pairs of answers lack an answer or a score, too many for a verdict. ${said}.`;
    return {
      ...base,
      outcome: "not-measured",
      found: many,
      measures,
      cure: "Run the same command again: it tries what failed.",
    };
  }
  if (decided === "beyond")
    return { ...base, outcome: "fail", found: `${said}; ${allowed}.`, measures, ...(cure && { cure }) };
  if (decided === "within") return { ...base, outcome: "pass", found: `${said}; ${allowed}.`, measures };
  const ended = pairs >= most ? " after all samples" : " when the other check of this set failed";
  const why = stopped === undefined ? ended : because(stopped);
  return {
    ...base,
    outcome: "not-measured",
    found: `Undecided${why}. ${said}; ${allowed}.`,
    measures,
    cure: "The same command with more samples, or a larger budget, goes on from here.",
  };
}

/** A fall is a rise with its sign turned. */
const turned = ({ estimate, low, high, n }: Estimate): Estimate => ({
  estimate: negative(estimate),
  low: negative(high),
  high: negative(low),
  n,
});

const negative = (value: number | null): number | null => (value === null ? null : -value);

const because = (stopped: string | undefined): string => (stopped === undefined ? "" : `: ${stopped}`);
