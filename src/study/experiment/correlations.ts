/** How the first measure of an experiment goes with the place of its points: Spearman's correlation of each curve. */
import { JUDGED_MEASURES, scoreSet } from "../../evaluation/index.js";
import { judgedOf } from "../../persona/index.js";
import { mean, quantile, Random, spearman } from "../../statistics/index.js";
import type { Arm, Point } from "./experiment.js";
import type { CurveCorrelation } from "./found.js";
import type { Measure } from "./measures.js";
import { rowId, type Measurement } from "./rows.js";

const RESAMPLES = 2000;

/** A point with what each seed measured there. */
interface Placed {
  readonly at: number;
  /** By seed, in the order of the seeds; null where a seed measured nothing. */
  readonly values: readonly (number | null)[];
}

/** One for each curve whose points stand at numbers. */
export function correlationsOf(
  { of }: Pick<Measure, "of">,
  arms: readonly Arm[],
  seeds: readonly number[],
  measurements: ReadonlyMap<string, Measurement>,
): CurveCorrelation[] {
  const curves = new Map<string, Placed[]>();
  for (const arm of arms) {
    for (const [i, point] of arm.points.entries()) {
      if (typeof point.at !== "number") continue;
      const values = seeds.map((seed) => {
        const found = measurements.get(rowId(arm, seed, i));
        return found === undefined ? null : valueOf(of, point, found);
      });
      curves.set(point.curve, [...(curves.get(point.curve) ?? []), { at: point.at, values }]);
    }
  }
  return [...curves].map(([curve, placed]) => ({ curve, ...correlationOver(placed, seeds.length, curve) }));
}

function valueOf(of: Measure["of"], { asked }: Point, { row, answers }: Measurement): number | null {
  const [first] = asked;
  if (first === undefined || typeof of !== "object" || !("first" in of)) return null;
  const { metrics } = scoreSet(first.measures ?? JUDGED_MEASURES, judgedOf(answers, first.set, row.seed));
  return metrics[of.first]?.estimate ?? null;
}

/**
 * The correlation of the points' places with their means over seeds. The interval is a percentile bootstrap that draws
 * points and seeds anew, both with replacement: a finding must hold for other questions and other fine-tunes alike.
 */
export function correlationOver(
  placed: readonly Placed[],
  seeds: number,
  stream: string,
): Omit<CurveCorrelation, "curve"> {
  const all = Array.from({ length: seeds }, (_, seed) => seed);
  const estimate = correlated(placed, all);
  const random = Random.of("correlation", stream);
  const drawn = Array.from({ length: RESAMPLES }, () => {
    const points = placed.map(() => placed[random.integer(placed.length)] as Placed);
    return correlated(
      points,
      all.map(() => random.integer(seeds)),
    );
  }).flatMap((one) => one ?? []);
  const isThin = estimate === null || placed.length < 4 || drawn.length < RESAMPLES / 2;
  return {
    estimate,
    low: isThin ? null : quantile(drawn, 0.025),
    high: isThin ? null : quantile(drawn, 0.975),
    points: placed.length,
    seeds,
  };
}

function correlated(placed: readonly Placed[], seeds: readonly number[]): number | null {
  const pairs = placed.flatMap(({ at, values }) => {
    const own = seeds.flatMap((seed) => values[seed] ?? []);
    return own.length === 0 ? [] : [{ at, value: mean(own) }];
  });
  return spearman(
    pairs.map(({ at }) => at),
    pairs.map(({ value }) => value),
  );
}
