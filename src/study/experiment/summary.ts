/** `summary.json` of an experiment: every point over its seeds. */
import { scoreSet, type SeedMetric } from "../../evaluation/index.js";
import type { MeasuredAnswer } from "../../persona/index.js";
import { meanOverSeeds } from "../../statistics/index.js";
import { trialsOf, type TrialSummary } from "./candidates.js";
import type { Arm, Axis, Experiment, ExperimentWish, Measure, Point } from "./experiment.js";
import { judgedOf, rowId, type ExperimentRow } from "./rows.js";

/** A share as `scoreSet` gives it, or the mean of a reading over seeds; then there is no Wilson interval. */
export type PointMetric = Omit<SeedMetric, "wilson"> & Partial<Pick<SeedMetric, "wilson">>;

export interface PointSummary {
  readonly arm: string;
  readonly curve: string;
  readonly at: number | string;
  readonly seeds: number;
  /** The candidate that made it, where there were several. */
  readonly candidate?: string;
  /** By the measures' keys; those that this point has. */
  readonly metrics: Readonly<Record<string, PointMetric>>;
}

export interface ExperimentSummary {
  readonly experiment: string;
  readonly about: string;
  readonly published: string;
  readonly model: string;
  /** sha256 of its weights. */
  readonly base: string;
  readonly seeds: readonly number[];
  readonly axis: Axis;
  readonly measures: readonly Measure[];
  readonly points: readonly PointSummary[];
  /** How candidates did on the development questions, where there were any. */
  readonly trials: readonly TrialSummary[];
  readonly findings: readonly string[];
}

export interface Measurement {
  readonly row: ExperimentRow;
  readonly answers: readonly MeasuredAnswer[];
}

export function summarize(
  experiment: Experiment,
  arms: readonly Arm[],
  { model, seeds }: Pick<ExperimentWish, "model" | "seeds">,
  base: string,
  measurements: ReadonlyMap<string, Measurement>,
): ExperimentSummary {
  const { name, about, published, axis, measures } = experiment;
  const of = (arm: Arm, point: number): Measurement[] =>
    seeds.flatMap((seed) => measurements.get(rowId(arm, seed, point)) ?? []);
  const points = arms.flatMap((arm) =>
    arm.points.flatMap((point, i): PointSummary[] => {
      const own = of(arm, i);
      if (own.length === 0) return [];
      const candidate = own[0]?.row.candidate;
      const metrics = metricsOf(measures, arm, point, own);
      const { curve, at } = point;
      return [{ arm: arm.id, curve, at, seeds: own.length, ...(candidate !== undefined && { candidate }), metrics }];
    }),
  );
  const trials = trialsOf(arms, points, [...measurements.values()]);
  const without = { experiment: name, about, published, model, base, seeds, axis, measures, points, trials };
  return { ...without, findings: experiment.findings?.(without) ?? [] };
}

function metricsOf(
  measures: readonly Measure[],
  { trained }: Arm,
  { asked }: Point,
  measurements: readonly Measurement[],
): Record<string, PointMetric> {
  const metrics: Record<string, PointMetric> = {};
  for (const { key, of } of measures) {
    if (typeof of === "object" && "reading" in of) {
      const metric = readingMetric(
        measurements.map(({ row }) => row),
        of.reading,
      );
      if (metric !== undefined) metrics[key] = metric;
      continue;
    }
    const [first] = asked;
    const wanted = of === "trained" ? trained : "set" in of ? of : first && { set: first.set, metric: of.first };
    if (wanted === undefined || !asked.some(({ set }) => set === wanted.set)) continue;
    const judged = measurements.flatMap(({ row, answers }) => judgedOf(answers, wanted.set, row.seed));
    const metric = scoreSet(wanted.set, judged).metrics[wanted.metric];
    if (metric !== undefined) metrics[key] = metric;
  }
  return metrics;
}

/** The mean of a reading over seeds; of a single seed with an interval over what was read, where it was several texts. */
function readingMetric(rows: readonly ExperimentRow[], name: string): PointMetric | undefined {
  const values = rows.flatMap(({ seed, readings: { [name]: reading } }) => (reading ? [{ seed, ...reading }] : []));
  const [only] = values;
  if (only === undefined) return undefined;
  const over = meanOverSeeds(values);
  if (values.length > 1) return { ...over, interval: "seeds" };
  // Over one seed the bootstrap collapses to a point, which would read as certainty.
  const reach = only.deviation === undefined ? undefined : (1.96 * only.deviation) / Math.sqrt(only.n);
  const ends = reach === undefined ? { low: null, high: null } : { low: only.value - reach, high: only.value + reach };
  return { ...over, ...ends, interval: "answers" };
}

/** Whether a point lies above another: both intervals, over seeds and over answers, apart. False where there is none. */
export function isAbove(metric: PointMetric | undefined, other: PointMetric | undefined): boolean {
  const apart = (a: Pick<PointMetric, "low" | "high">, b: typeof a): boolean =>
    (a.low ?? Number.NaN) > (b.high ?? Number.NaN);
  if (metric === undefined || other === undefined || !apart(metric, other)) return false;
  return metric.wilson === undefined || other.wilson === undefined || apart(metric.wilson, other.wilson);
}
