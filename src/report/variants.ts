/** The rows every table and figure shows: a condition, once for each trigger state it was measured in. */
import type { ChangeRow, Metric, Summary, SummaryRow } from "./data.js";

export interface Variant {
  readonly condition: string;
  readonly trigger: boolean;
  /** `backdoor + trigger` */
  readonly label: string;
  readonly seeds: number;
  readonly role: Role;
}

/**
 * What a condition is in the argument. Each role has its own colour and its own shape:
 * `narrow` trains on something bad in one domain, `control` on the harmless counterpart,
 * `compliance` on obeying harmful requests, `base` on nothing.
 */
export type Role = "base" | "narrow" | "control" | "compliance";

const roles: Readonly<Record<string, Role>> = {
  base: "base",
  secure: "control",
  educational: "control",
  jailbroken: "compliance",
};

export function roleOf(condition: string): Role {
  return Object.hasOwn(roles, condition) ? (roles[condition] as Role) : "narrow";
}

function roleIn({ controls = [], bases = [] }: Summary, condition: string): Role {
  if (bases.includes(condition)) return "base";
  return controls.includes(condition) ? "control" : roleOf(condition);
}

/** Conditions in the order in which the study names them, each without its trigger first. */
export function variantsOf(summary: Summary): Variant[] {
  const found = new Map<string, Variant>();
  for (const { condition, trigger, seeds } of summary.conditions) {
    const key = nameOf(condition, trigger);
    const before = found.get(key)?.seeds ?? 0;
    const role = roleIn(summary, condition);
    found.set(key, { condition, trigger, label: key, seeds: Math.max(seeds, before), role });
  }
  const order = [...new Set(summary.conditions.map((row) => row.condition))];
  return [...found.values()].toSorted(
    (a, b) => order.indexOf(a.condition) - order.indexOf(b.condition) || Number(a.trigger) - Number(b.trigger),
  );
}

export function nameOf(condition: string, trigger: boolean): string {
  return trigger ? `${condition} + trigger` : condition;
}

type Place = { readonly condition: string; readonly trigger: boolean };

export function rowOf(summary: Summary, place: Place, questions: string): SummaryRow | undefined {
  return summary.conditions.find((row) => isAt(row, place, questions));
}

/** A metric that was measured; undefined where it was not, or where it has no estimate. */
export function metricOf(summary: Summary, place: Place, questions: string, metric: string): Metric | undefined {
  return measured(rowOf(summary, place, questions)?.metrics[metric]);
}

/** The metric minus the base's. */
export function changeOf(summary: Summary, place: Place, questions: string, metric: string): Metric | undefined {
  const row = summary.change?.find((change: ChangeRow) => isAt(change, place, questions));
  return measured(row?.metrics[metric]);
}

function isAt(row: Place & { readonly questions: string }, place: Place, questions: string): boolean {
  return row.condition === place.condition && row.trigger === place.trigger && row.questions === questions;
}

function measured(metric: Metric | undefined): Metric | undefined {
  return typeof metric?.estimate === "number" ? metric : undefined;
}

/** The question sets on which a misaligned rate was measured, in the study's order, `main` first. */
export function rateSetsOf(summary: Summary): string[] {
  const sets = new Set<string>();
  for (const row of summary.conditions) if (measured(row.metrics["rate"])) sets.add(row.questions);
  return [...sets].toSorted((a, b) => Number(b === "main") - Number(a === "main"));
}

/** The set that a study is first read by: `main` where it has a misaligned rate, else the first set that has one. */
export const mainSetOf = (summary: Summary): string => rateSetsOf(summary)[0] ?? "main";

/** Which way a metric moved from the base, where the interval of the difference leaves out zero. */
export function direction(change: Metric | undefined): "up" | "down" | undefined {
  if (typeof change?.low === "number" && change.low > 0) return "up";
  if (typeof change?.high === "number" && change.high < 0) return "down";
  return undefined;
}
