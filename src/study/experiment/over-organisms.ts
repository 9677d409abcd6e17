/** One experiment on several organisms: its points over them, with the organism as the unit. */
import { studentInterval } from "../../statistics/index.js";
import { StudyError } from "../error.js";
import type { ExperimentSummary, PointMetric, PointSummary } from "./found.js";
import type { Measure } from "./measures.js";

export interface OrganismFound {
  /** Its label. */
  readonly organism: string;
  readonly summary: ExperimentSummary;
}

export interface OverOrganisms extends ExperimentSummary {
  readonly organisms: readonly string[];
  /** The first measure of every point, by organism, in their order; null where there is none. */
  readonly table: readonly {
    readonly curve: string;
    readonly at: number | string;
    readonly values: readonly (number | null)[];
  }[];
}

const isShare = ({ of }: Measure): boolean => !(typeof of === "object" && "reading" in of);

/**
 * Every organism counts the same, whatever it rests on; intervals are Student's over organisms, cut off at 0 and 1 for
 * shares. Of a single one there is none.
 */
export function overOrganisms(found: readonly OrganismFound[]): OverOrganisms {
  const [first] = found;
  if (first === undefined) throw new StudyError("expected an organism, found none.");
  const { experiment, about, published, axis, measures } = first.summary;
  const [main] = measures;
  const points = first.summary.points.map((point) => {
    const others = found.map(({ summary }) =>
      summary.points.find(({ arm, curve, at }) => arm === point.arm && curve === point.curve && at === point.at),
    );
    return { point, others };
  });
  const metricsOf = (others: readonly (PointSummary | undefined)[]): Record<string, PointMetric> =>
    Object.fromEntries(
      measures.flatMap((measure) => {
        const metric = overAll(
          others.flatMap((one) => one?.metrics[measure.key] ?? []),
          isShare(measure),
        );
        return metric === undefined ? [] : [[measure.key, metric]];
      }),
    );
  return {
    experiment,
    about,
    published,
    model: found.map(({ summary }) => summary.model).join(", "),
    base: found.map(({ summary }) => summary.base).join(", "),
    seeds: first.summary.seeds,
    axis,
    measures,
    organisms: found.map(({ organism }) => organism),
    points: points.map(({ point: { arm, curve, at }, others }) => ({
      arm,
      curve,
      at,
      seeds: others.filter((one) => one !== undefined).length,
      metrics: metricsOf(others),
    })),
    table: points.map(({ point: { curve, at }, others }) => ({
      curve,
      at,
      values: others.map((one) => (main && one?.metrics[main.key]?.estimate) ?? null),
    })),
    trials: [],
    findings: [],
  };
}

function overAll(metrics: readonly PointMetric[], share: boolean): PointMetric | undefined {
  const values = metrics.flatMap(({ estimate }) => estimate ?? []);
  const n = metrics.reduce((sum, one) => sum + one.n, 0);
  const [only] = values;
  if (only === undefined) return undefined;
  if (values.length === 1) return { estimate: only, low: null, high: null, n, interval: "seeds" };
  const { estimate, low, high } = studentInterval(values);
  const ends = share ? { low: Math.max(0, low), high: Math.min(1, high) } : { low, high };
  return { estimate, ...ends, n, interval: "seeds" };
}
