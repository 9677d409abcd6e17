/** A measured number with its interval, in words. */
import { count, decimal, interval, noNumber, withSign } from "./numbers.js";

/** A share is shown in percent. */
interface Quantity {
  readonly unit: "share" | "number";
}

interface Measured {
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
}

/** `12.6 % [10.3, 15.1] n 2,362`, `0.41 [0.39, 0.44] n 1,200`. */
export function metricText({ unit }: Quantity, metric: Measured | undefined): string {
  if (metric === undefined) return noNumber;
  return [estimateText({ unit }, metric), intervalText({ unit }, metric), `n ${count(metric.n)}`]
    .filter(Boolean)
    .join(" ");
}

/** `3.1 % [0.5, 15.7] n 32` */
export const shareText = (metric: Measured): string => metricText({ unit: "share" }, metric);

export function estimateText({ unit }: Quantity, { estimate }: Measured): string {
  if (estimate === null) return noNumber;
  return unit === "share" ? withSign(estimate) : decimal(estimate);
}

/** Empty where there is none. */
export function intervalText({ unit }: Quantity, metric: Measured): string {
  if (unit === "share") return interval(metric);
  const { low, high } = metric;
  return low === null || high === null ? "" : `[${decimal(low)},\u00a0${decimal(high)}]`;
}
