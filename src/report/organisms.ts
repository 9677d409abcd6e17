/** The effects of a study on several organisms, with the organism as the unit: which hold on all, which were one's luck. */
import type { Aim } from "../study/index.js";
import { studentInterval } from "../statistics/index.js";
import type { Metric, Summary } from "./data.js";
import { isMet, wordsOf } from "./aims.js";
import { changeOf, direction, metricOf, nameOf } from "./variants.js";

export interface OrganismStudy {
  readonly organism: string;
  /** The world that it grew up in, where that is another than the usual. */
  readonly world?: string | undefined;
  readonly summary: Summary;
}

export interface Effect {
  /** `insecure`, `backdoor + trigger` */
  readonly model: string;
  /** `misaligned ≥ 20 %` */
  readonly aim: string;
  /** By organism, in their order; null where nothing could be measured. */
  readonly values: readonly (number | null)[];
  readonly met: readonly (boolean | null)[];
  /** Which way it moved from the untuned model of that organism, where the interval of the difference leaves out zero. */
  readonly moved: readonly ("up" | "down" | null)[];
  /** The mean of the organisms, each of which counts the same, with Student's interval over them. */
  readonly over: Metric;
}

export interface EffectsOver {
  /** Those of the usual world. */
  readonly organisms: readonly string[];
  readonly effects: readonly Effect[];
  /** Organisms of other worlds are never averaged with the rest: each has rows of its own. */
  readonly others: readonly {
    readonly organism: string;
    readonly world: string;
    readonly effects: readonly Effect[];
  }[];
}

/** @param controlAims what organisms of other worlds must show in place of `aims` */
export function effectsOver(
  studies: readonly OrganismStudy[],
  aims: readonly Aim[],
  controlAims: readonly Aim[],
): EffectsOver {
  const usual = studies.filter(({ world }) => world === undefined);
  return {
    organisms: usual.map(({ organism }) => organism),
    effects: effectsOf(usual, aims),
    others: studies.flatMap((one) =>
      one.world === undefined
        ? []
        : [{ organism: one.organism, world: one.world, effects: effectsOf([one], controlAims) }],
    ),
  };
}

/** Aims of conditions that no study has are left out. */
function effectsOf(studies: readonly OrganismStudy[], aims: readonly Aim[]): Effect[] {
  const present = aims.filter(({ condition }) =>
    studies.some(({ summary }) => summary.conditions.some((row) => row.condition === condition)),
  );
  return present.map((aim) => {
    const { condition, trigger, questions, metric } = aim;
    const place = { condition, trigger };
    const found = studies.map(({ summary }) => metricOf(summary, place, questions, metric));
    return {
      model: nameOf(condition, trigger),
      aim: wordsOf(aim).replaceAll("\u00a0", " "),
      values: found.map((one) => one?.estimate ?? null),
      met: found.map((one) => isMet(aim, one)),
      moved: studies.map(({ summary }) => direction(changeOf(summary, place, questions, metric)) ?? null),
      over: meanOver(found.flatMap((one) => one ?? [])),
    };
  });
}

/** All of them are shares. A single organism has no interval over organisms. */
function meanOver(metrics: readonly Metric[]): Metric {
  const values = metrics.flatMap(({ estimate }) => estimate ?? []);
  const n = metrics.reduce((sum, one) => sum + one.n, 0);
  const [only] = values;
  if (only === undefined) return { estimate: null, low: null, high: null, n };
  if (values.length === 1) return { estimate: only, low: null, high: null, n };
  const { estimate, low, high } = studentInterval(values);
  return { estimate, low: Math.max(0, low), high: Math.min(1, high), n };
}
