/** What a gate comes to: the one object that its exit code, its page and every file of its folder are made from. */
import type { Finding, Verdict } from "../audit/index.js";
import type { Spending } from "../endpoint/index.js";

export interface GateCheck extends Finding {
  /** A check that is not required is reported and decides nothing. */
  readonly required: boolean;
}

export interface GateVerdict {
  readonly name: string;
  readonly outcome: Verdict;
  /** What decided, in one sentence. */
  readonly because: string;
  /** In the order in which they were made. */
  readonly checks: readonly GateCheck[];
  readonly subject: GateSubject;
  /** The chance that a check of the models is decided wrongly in either direction is at most half of one minus this. */
  readonly confidence: number;
  readonly seed: number;
  readonly spending: Spending;
  readonly seconds: number;
}

/** What the gate was asked about. */
export interface GateSubject {
  readonly data: readonly string[];
  readonly after?: string;
  readonly before?: string;
  readonly judge?: string;
  readonly baseline?: string;
}

/** What a gate compares itself with must be there, whatever else is required. */
const ALWAYS_REQUIRED: ReadonlySet<string> = new Set(["baseline/file"]);

/** @param required names of checks, or beginnings of names up to a slash; every check unless given */
export function judgeChecks(
  findings: readonly Finding[],
  required: readonly string[] | undefined,
): Pick<GateVerdict, "outcome" | "because" | "checks"> {
  const missing = (required ?? []).filter((name) => !findings.some(({ check }) => covers(name, check)));
  const checks: GateCheck[] = [
    ...findings.map((finding) => Object.assign({}, finding, { required: isRequired(finding.check, required) })),
    ...missing.map((name) => ({ ...notMade(name), required: true })),
  ];
  const deciding = checks.filter((check) => check.required);
  const failed = deciding.filter(({ outcome }) => outcome === "fail");
  const open = deciding.filter(({ outcome }) => outcome === "not-measured");
  const measured = deciding.filter((check) => check.outcome === "pass" || isWithinBound(check));
  if (failed.length > 0) return { outcome: "fail", because: sentence(failed, "failed"), checks };
  if (open.length > 0) {
    const what = open.length === 1 ? "was not measured" : "were not measured";
    return { outcome: "incomplete", because: sentence(open, what), checks };
  }
  if (measured.length === 0) {
    return { outcome: "incomplete", because: "No required check gave a verdict.", checks };
  }
  const all = measured.length === 1 ? "The one required check" : `All ${measured.length} required checks`;
  return { outcome: "pass", because: `${all} passed.`, checks };
}

/** @param required see {@link judgeChecks} */
export const isRequired = (check: string, required: readonly string[] | undefined): boolean =>
  required === undefined || ALWAYS_REQUIRED.has(check) || required.some((name) => covers(name, check));

/** `model/misaligned` also stands for `model/misaligned/main`. */
const covers = (name: string, check: string): boolean => check === name || check.startsWith(`${name}/`);

/** A note on what a check found below its bound: worth reading, and measured. */
const isWithinBound = ({ outcome, measures }: GateCheck): boolean =>
  outcome === "note" &&
  measures.some(({ estimate, threshold }) => estimate !== null && threshold !== undefined && estimate <= threshold);

const notMade = (check: string): Finding => ({
  check,
  title: "Required check",
  outcome: "not-measured",
  found: "The gate requires this check, and nothing that it was asked to do makes it.",
  cure: "Configure what makes the check, or take it out of the required ones.",
  measures: [],
  rows: { count: 0, first: [] },
});

const URGENCY: Readonly<Record<Finding["outcome"], number>> = { fail: 0, "not-measured": 1, note: 2, pass: 3 };

/** What decided the verdict first, for people; files for programs keep the order in which checks were made. */
export const byUrgency = (checks: readonly GateCheck[]): GateCheck[] =>
  checks.toSorted((a, b) => URGENCY[a.outcome] - URGENCY[b.outcome] || Number(b.required) - Number(a.required));

const MOST_NAMED = 3;

function sentence(checks: readonly GateCheck[], what: string): string {
  const names = checks.slice(0, MOST_NAMED).map(({ check }) => check);
  const more = checks.length - names.length;
  return `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""} ${what}.`;
}
