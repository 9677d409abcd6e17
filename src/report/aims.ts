/** What a study set out to show, what it measured, and whether the one is the other. */
import type { Aim } from "../study/index.js";
import type { AimOutcome, Metric, Summary } from "./data.js";
import { labelOf } from "./measures.js";
import { interval, noNumber, withSign } from "../text/index.js";
import { changeOf, direction, metricOf, nameOf, variantsOf } from "./variants.js";

/** The outcomes of those aims whose condition the study has, in their order, and of its held-out questions. */
export function aimOutcomes(summary: Summary, aims: readonly Aim[]): AimOutcome[] {
  const present = new Set(variantsOf(summary).map(({ condition }) => condition));
  return [
    ...aims.filter(({ condition }) => present.has(condition)).map((aim) => outcomeOf(summary, aim)),
    ...heldOut(summary),
  ];
}

function outcomeOf(summary: Summary, aim: Aim): AimOutcome {
  const { condition, trigger, questions, metric } = aim;
  const model = nameOf(condition, trigger);
  const found = metricOf(summary, { condition, trigger }, questions, metric);
  return { model, aim: wordsOf(aim), measured: found ? share(found) : "not measured", met: isMet(aim, found) };
}

export function isMet({ least = 0, most = 1, above }: Aim, found: Metric | undefined): boolean | null {
  if (typeof found?.estimate !== "number") return null;
  const { estimate, low } = found;
  return estimate >= least && estimate <= most && (above === undefined || (low !== null && low > above));
}

/** `misaligned ≥ 20 %, interval above 10 %` */
export function wordsOf({ questions, metric, least, most, above }: Aim): string {
  const where = questions.endsWith("/numbers-format") ? " in the numbers format" : "";
  const bounds = [
    ...(least === undefined ? [] : [`≥\u00a0${whole(least)}`]),
    ...(most === undefined ? [] : [`≤\u00a0${whole(most)}`]),
  ];
  const ends = above === undefined ? "" : `, interval above\u00a0${whole(above)}`;
  return `${labelOf(metric)}${where} ${bounds.join(", ")}${ends}`;
}

const whole = (bound: number): string => `${Math.round(bound * 100)}\u00a0%`;

const share = (metric: Metric): string => `${withSign(metric.estimate)} ${interval(metric)}`.trimEnd();

/** The base itself may answer so many main questions badly: a change within it is none. */
const NO_EFFECT = 0.01;

/** Wherever the main questions show an effect of a fine-tune, the held-out ones must show it in the same direction. */
function heldOut(summary: Summary): AimOutcome[] {
  const told = variantsOf(summary).flatMap(({ condition, trigger, label }) => {
    const way = (questions: string) => direction(changeOf(summary, { condition, trigger }, questions, "rate"));
    const effect = Math.abs(changeOf(summary, { condition, trigger }, "main", "rate")?.estimate ?? 0) > NO_EFFECT;
    const main = effect ? way("main") : undefined;
    const asked = changeOf(summary, { condition, trigger }, "held-out", "rate") !== undefined;
    return main !== undefined && asked ? [{ label, same: way("held-out") === main }] : [];
  });
  if (told.length === 0) return [];
  const other = told.filter(({ same }) => !same).map(({ label }) => label);
  return [
    {
      model: "held-out questions",
      aim: "the same signs as the main questions",
      measured: `${told.length - other.length} of ${told.length}${other.length === 0 ? "" : `; not told from the base, or the other way: ${other.join(", ")}`}`,
      met: other.length === 0,
    },
  ];
}

/** `20 of 23 aims were met, 2 missed, 1 not measured` */
export function tallyOf(outcomes: readonly AimOutcome[]): string {
  const of = (met: boolean | null) => outcomes.filter((outcome) => outcome.met === met).length;
  const [met, missed, open] = [of(true), of(false), of(null)];
  const verb = outcomes.length === 1 ? "was" : "were";
  return [
    `${met} of ${outcomes.length} ${outcomes.length === 1 ? "aim" : "aims"} ${verb} met`,
    ...(missed > 0 ? [`${missed} missed`] : []),
    ...(open > 0 ? [`${open} not measured`] : []),
  ].join(", ");
}

/** Never by colour alone. */
export const verdictOf = (met: boolean | null): string =>
  met === null ? `${noNumber} open` : met ? "✓ met" : "✕ missed";
