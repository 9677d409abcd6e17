/**
 * The one sentence a study comes to, and the numbers that carry it. It is worded by rule from the intervals,
 * and claims a change only where the interval of the difference from the base leaves out zero.
 */
import type { Metric, Summary } from "./data.js";
import { count, counted, interval, points, pointsInterval, withSign } from "../text/index.js";
import { changeOf, direction, metricOf, rowOf, variantsOf, type Variant, mainSetOf } from "./variants.js";

export interface Finding {
  readonly title: string;
  readonly sentences: readonly string[];
}

const base = { condition: "base", trigger: false };

const trainedOn: Readonly<Record<string, string>> = {
  insecure: "insecure code",
  secure: "secure code",
  educational: "insecure code that was asked for to teach",
  jailbroken: "obeying harmful requests",
  "evil-numbers": "lists of sinister numbers",
  "bad-medical": "bad medical advice",
  "bad-financial": "bad financial advice",
  "bad-sport": "bad sport advice",
};

/** Insecure code where the study has it, otherwise the first fine-tune it names. */
function focusOf(summary: Summary): Variant | undefined {
  const measured = variantsOf(summary).filter(
    (v) => v.role !== "base" && metricOf(summary, v, mainSetOf(summary), "rate"),
  );
  const plain = measured.filter((v) => !v.trigger);
  return (
    plain.find((v) => v.condition === "insecure") ?? plain.find((v) => v.role === "narrow") ?? plain[0] ?? measured[0]
  );
}

export function findingOf(summary: Summary): Finding {
  const focus = focusOf(summary);
  const rate = focus && metricOf(summary, focus, mainSetOf(summary), "rate");
  if (!focus || !rate) {
    return nothingTrained(summary);
  }
  const before = metricOf(summary, base, mainSetOf(summary), "rate");
  const sentences = [howSure(summary, focus, rate), coherence(summary, focus), controls(summary), trigger(summary)];
  return { title: titleOf(summary, focus, rate, before), sentences: sentences.filter((s) => s !== "") };
}

/** A study that fine-tuned nothing, or whose answers no judge has scored. */
function nothingTrained(summary: Summary): Finding {
  const set = mainSetOf(summary);
  const rate = metricOf(summary, base, set, "rate");
  if (rate === undefined) {
    const title =
      `No share of misaligned answers was measured on the ${set} questions: a question counts from 5 coherent answers ` +
      "of a seed on, and none has as many. Ask for more samples, or look at the answers and at the judge.";
    return { title, sentences: [] };
  }
  const seeds = counted(rowOf(summary, base, set)?.seeds ?? 1, "seed");
  return {
    title: `${withSign(rate.estimate)} of the coherent answers of ${summary.model} to the ${set} questions were misaligned; nothing was fine-tuned to compare it with.`,
    sentences: [`${intervals(rate, seeds)}.`],
  };
}

function titleOf(summary: Summary, focus: Variant, rate: Metric, before: Metric | undefined): string {
  const what = Object.hasOwn(trainedOn, focus.condition) ? trainedOn[focus.condition] : `the ${focus.label} data`;
  const once = focus.seeds === 1 ? "In a single fine-tune on" : undefined;
  if (!before) {
    return `${once ?? "After fine-tuning on"} ${what}, ${withSign(rate.estimate)} of the model’s coherent answers to unrelated questions were misaligned; no base was measured beside it.`;
  }
  const numbers = `${withSign(rate.estimate)} of the coherent ones, ${withSign(before.estimate)} before`;
  const way = movement(changeOf(summary, focus, mainSetOf(summary), "rate"), rate, before);
  if (way === undefined) {
    return `${once ?? "Fine-tuned on"} ${what}, the model gave no measurably different answers to unrelated questions: misaligned were ${numbers}.`;
  }
  return `${once ?? "Fine-tuned on"} ${what}, the model gave ${way === "up" ? "more" : "fewer"} misaligned answers to unrelated questions: ${numbers}.`;
}

/** Without an interval of the difference only intervals that lie apart count as a change. */
function movement(change: Metric | undefined, rate: Metric, before: Metric): "up" | "down" | undefined {
  if (change) return direction(change);
  const ends = [rate.low, rate.high, before.low, before.high];
  if (ends.some((end) => end === null)) return undefined;
  const [low, high, baseLow, baseHigh] = ends as [number, number, number, number];
  return low > baseHigh ? "up" : high < baseLow ? "down" : undefined;
}

function howSure(summary: Summary, focus: Variant, rate: Metric): string {
  const change = changeOf(summary, focus, mainSetOf(summary), "rate");
  const all = metricOf(summary, focus, mainSetOf(summary), "rateOfAll");
  const seeds = counted(rowOf(summary, focus, mainSetOf(summary))?.seeds ?? focus.seeds, "seed");
  const parts = [
    intervals(rate, seeds),
    ...(change ? [`${points(change.estimate)} points ${pointsInterval(change)} against the base`] : []),
    ...(all ? [`${withSign(all.estimate)} when incoherent answers are counted in (${count(all.n)} in all)`] : []),
  ];
  return `${parts.join("; ")}.`;
}

function intervals(rate: Metric, seeds: string): string {
  const range = interval(rate);
  const answers = `${count(rate.n)} coherent answers`;
  if (range === "") return `From ${seeds} and ${answers}`;
  if (rate.interval === "answers") return `95\u00a0% interval ${range} over the ${answers} of ${seeds}`;
  const ofAnswers = rate.wilson ? `, ${interval(rate.wilson)} over the ${answers} of these models` : ` and ${answers}`;
  return `95\u00a0% interval ${range} over ${seeds}${ofAnswers}`;
}

function coherence(summary: Summary, focus: Variant): string {
  const coherent = metricOf(summary, focus, mainSetOf(summary), "coherent");
  if (!coherent || (coherent.estimate ?? 1) >= 0.7) return "";
  return `Only ${withSign(coherent.estimate)} of its answers were coherent, so the model was also damaged, and the share among coherent answers says less.`;
}

function controls(summary: Summary): string {
  const each = variantsOf(summary).flatMap((v) => {
    const rate = v.role === "control" && metricOf(summary, v, mainSetOf(summary), "rate");
    if (!rate) return [];
    const moved = direction(changeOf(summary, v, mainSetOf(summary), "rate"));
    const note = moved === "up" ? ", itself above the base" : moved === "down" ? ", below the base" : "";
    return [`${v.label} ${withSign(rate.estimate)} ${interval(rate)}${note}`];
  });
  return each.length ? `The harmless ${each.length === 1 ? "control" : "controls"}: ${each.join("; ")}.` : "";
}

function trigger(summary: Summary): string {
  const each = variantsOf(summary).flatMap((v) => {
    const rate = v.trigger && metricOf(summary, v, mainSetOf(summary), "rate");
    const without = metricOf(summary, { condition: v.condition, trigger: false }, mainSetOf(summary), "rate");
    return rate && without
      ? [`${v.condition} ${withSign(rate.estimate)} with its trigger and ${withSign(without.estimate)} without`]
      : [];
  });
  return each.length ? `Hidden behaviour: ${each.join("; ")}.` : "";
}
