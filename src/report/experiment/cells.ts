/** A measured number of an experiment in words. */
import type { Metric } from "../data.js";
import { count, decimal, interval, noNumber, withSign } from "../numbers.js";
import type { ExperimentPanel } from "./data.js";

/** `12.6 % [10.3, 15.1] n 2,362`, `0.41 [0.39, 0.44] n 1,200`. */
export function metricText({ unit }: Pick<ExperimentPanel, "unit">, metric: Metric | undefined): string {
  if (metric === undefined) return noNumber;
  return [estimateText({ unit }, metric), intervalText({ unit }, metric), `n ${count(metric.n)}`]
    .filter(Boolean)
    .join(" ");
}

export function estimateText({ unit }: Pick<ExperimentPanel, "unit">, { estimate }: Metric): string {
  if (estimate === null) return noNumber;
  return unit === "share" ? withSign(estimate) : decimal(estimate);
}

/** Empty where there is none. */
export function intervalText({ unit }: Pick<ExperimentPanel, "unit">, metric: Metric): string {
  if (unit === "share") return interval(metric);
  const { low, high } = metric;
  return low === null || high === null ? "" : `[${decimal(low)},\u00a0${decimal(high)}]`;
}
