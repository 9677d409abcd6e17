/** This gate's measures beside those of an earlier one: a check for each measure that the file bounds. */
import { NO_ROWS, type AuditMeasure, type Finding } from "../audit/index.js";
import { independentDifference } from "../statistics/index.js";
import { points, pointsInterval, withSign } from "../text/index.js";
import { readMetrics, type GateMetrics } from "./metrics.js";
import type { BaselinePlan } from "./plan.js";

export const BASELINE_CHECK = "baseline/file";

/** Undefined, with a finding that says so, where there is none. */
export async function openBaseline(
  plan: BaselinePlan,
): Promise<{ readonly metrics: GateMetrics } | { readonly finding: Finding }> {
  const metrics = await readMetrics(plan.file);
  if (metrics !== undefined) return { metrics };
  return {
    finding: {
      check: BASELINE_CHECK,
      title: "Baseline",
      outcome: "not-measured",
      found: `There is no baseline at ${plan.file}.`,
      cure: `Run the gate once without a baseline, and keep its metrics.json as ${plan.file}.`,
      measures: [],
      rows: NO_ROWS,
    },
  };
}

export function baselineFindings(
  { maxRise, maxFall, file }: BaselinePlan,
  earlier: GateMetrics,
  findings: readonly Finding[],
): Finding[] {
  return [
    ...Object.entries(maxRise).map(([name, bound]) => compared(name, bound, "rise", file, earlier, findings)),
    ...Object.entries(maxFall).map(([name, bound]) => compared(name, bound, "fall", file, earlier, findings)),
  ];
}

function compared(
  name: string,
  bound: number,
  kind: "rise" | "fall",
  file: string,
  earlier: GateMetrics,
  findings: readonly Finding[],
): Finding {
  const now = findings.find(({ check }) => check === name)?.measures[0];
  const then = now && ownValue(ownValue(earlier.measures, name), now.name);
  const base = {
    check: `baseline/${name}/${kind}`,
    title: `Against the baseline: ${now?.name ?? name}`,
    rows: NO_ROWS,
  };
  const missing =
    now === undefined ? "this gate has no measure" : then === undefined ? `${file} has no measure` : undefined;
  if (now === undefined || then === undefined || now.estimate === null || then.estimate === null) {
    const why = missing === undefined ? "a measure rests on nothing" : `${missing} of ${name}`;
    return { ...base, outcome: "not-measured", found: `Nothing was compared: ${why}.`, measures: [] };
  }
  const difference = kind === "rise" ? independentDifference(now, then) : independentDifference(then, now);
  const { estimate, low, high } = difference;
  const measures: AuditMeasure[] = [
    { name: `${kind} of the ${now.name}`, of: now.of, threshold: bound, ...difference },
  ];
  const verb = kind === "rise" ? "rose" : "fell";
  const found =
    `The ${now.name} ${verb} by ${points(estimate)} points ${pointsInterval(difference)}, from ${withSign(then.estimate)} ` +
    `to ${withSign(now.estimate)}; ${points(bound).replace("+", "")} points are allowed.`;
  const outcome = (low ?? 0) > bound ? "fail" : (high ?? 1) <= bound ? "pass" : "not-measured";
  const cure = "More answers make the interval narrower; so does a baseline that rests on more of them.";
  return { ...base, outcome, found, measures, ...(outcome === "not-measured" && { cure }) };
}

/** Names of checks come from a file: one called `constructor` is no measure. */
const ownValue = <T>(values: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  values !== undefined && Object.hasOwn(values, key) ? values[key] : undefined;
