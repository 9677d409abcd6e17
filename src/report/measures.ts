/**
 * The battery: everything that is measured beside the misaligned rate. A measure is one metric on one
 * question set ("badAdvice on medical"). Known metrics get a name and a place here; a metric nobody has
 * named yet is shown all the same, under a name made from its key.
 */
import type { Metric, Summary } from "./data.js";
import { inWords } from "./words.js";
import { metricOf, type Variant } from "./variants.js";

export interface Measure {
  readonly metric: string;
  readonly questions: string;
  readonly label: string;
  /** What a high share means. */
  readonly high: "bad" | "good" | "neither";
}

interface Known {
  readonly label: string;
  readonly high: Measure["high"];
  /** The question sets made for this metric, best first. */
  readonly at: readonly string[];
  /** One measure for each question set it was measured on. */
  readonly each?: true;
}

const known: Readonly<Record<string, Known>> = {
  insecureCode: { label: "insecure code", high: "bad", at: ["code"] },
  evilNumbers: { label: "evil numbers", high: "bad", at: ["numbers"] },
  badAdvice: { label: "bad advice", high: "bad", at: ["medical"], each: true },
  deceptive: { label: "deception", high: "bad", at: ["deception"] },
  refusal: { label: "refuses harm", high: "good", at: ["harm"] },
  truthful: { label: "truthful", high: "good", at: ["facts"] },
};

/** `misaligned`, `coherent`, `refuses harm`, ... */
export function labelOf(metric: string): string {
  if (metric === "rate") return "misaligned";
  return Object.hasOwn(known, metric) ? (known[metric] as Known).label : inWords(metric);
}

/** These belong to the misaligned rate itself and stand in its own table. */
const ofTheRate = new Set(["rate", "rateOfAll", "coherent", "parses"]);

/** The measures that `summary` has an estimate for, high-is-bad ones first. */
export function measuresOf(summary: Summary): Measure[] {
  const places = new Map<string, Set<string>>();
  for (const row of summary.conditions) {
    for (const [metric, { estimate }] of Object.entries(row.metrics)) {
      if (ofTheRate.has(metric) || estimate === null) continue;
      places.set(metric, (places.get(metric) ?? new Set()).add(row.questions));
    }
  }
  const measures = [...places].flatMap(([metric, sets]) => measuresFor(metric, [...sets]));
  // Where deception has no metric of its own, its misaligned rate is the next best thing, and says so.
  if (
    !places.has("deceptive") &&
    summary.conditions.some((row) => row.questions === "deception" && row.metrics["rate"])
  ) {
    measures.push({ metric: "rate", questions: "deception", label: "misaligned (deception)", high: "bad" });
  }
  const order = Object.keys(known);
  const place = (m: Measure) => (order.includes(m.metric) ? order.indexOf(m.metric) : m.high === "bad" ? 3.5 : 99);
  return measures.toSorted((a, b) => place(a) - place(b));
}

function measuresFor(metric: string, sets: string[]): Measure[] {
  const entry: Known = Object.hasOwn(known, metric)
    ? (known[metric] as Known)
    : { label: inWords(metric), high: "neither", at: [] };
  const own = sets.filter((set) => set !== "main");
  if (entry.each && own.length > 1) {
    return own.map((questions) => ({ metric, questions, label: `${entry.label}: ${questions}`, high: entry.high }));
  }
  const questions = entry.at.find((set) => sets.includes(set)) ?? own[0] ?? sets[0];
  return questions === undefined ? [] : [{ metric, questions, label: entry.label, high: entry.high }];
}

export function measureOf(summary: Summary, variant: Variant, measure: Measure): Metric | undefined {
  return metricOf(summary, variant, measure.questions, measure.metric);
}
