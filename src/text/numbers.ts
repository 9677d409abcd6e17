/** How askew writes numbers for people. Shares are in [0, 1] and are shown in percent. */

/** Where an estimate may lie; null where there is no interval. */
interface Ends {
  readonly low: number | null;
  readonly high: number | null;
}

export const noNumber = "–";

/** `33.0`, `0.4`, `<0.1`, `100.0`: percent without its sign. */
export function percent(share: number | null): string {
  if (share === null || !Number.isFinite(share)) return noNumber;
  const value = share * 100;
  if (value !== 0 && Math.abs(value) < 0.05) return value > 0 ? "<0.1" : "−<0.1";
  if (value !== 100 && value >= 99.95) return ">99.9";
  return minus(value.toFixed(1));
}

/** `33.0 %`, with a space that does not break. */
export function withSign(share: number | null): string {
  const text = percent(share);
  return text === noNumber ? text : `${text}\u00a0%`;
}

/** `[25.0, 41.0]`, kept on one line; empty where there is no interval. */
export function interval(metric: Ends): string {
  if (metric.low === null || metric.high === null) return "";
  return `[${percent(metric.low)},\u00a0${percent(metric.high)}]`;
}

/** `0.41`, `−1.30`, `12.4`, `1,280`: a plain number, as exact as is of use. */
export function decimal(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return noNumber;
  const size = Math.abs(value);
  if (size >= 100) return minus(`${value < 0 ? "-" : ""}${count(size)}`);
  const text = value.toFixed(size >= 10 ? 1 : 2);
  return Number(text) === 0 ? text.replace("-", "") : minus(text);
}

/** A difference of shares in percentage points: `+32.0`, `−1.4`, `0.0`. */
export function points(difference: number | null): string {
  if (difference === null || !Number.isFinite(difference)) return noNumber;
  const text = (difference * 100).toFixed(1);
  if (Number(text) === 0) return "0.0";
  return difference > 0 ? `+${text}` : minus(text);
}

export function pointsInterval(metric: Ends): string {
  if (metric.low === null || metric.high === null) return "";
  return `[${points(metric.low)},\u00a0${points(metric.high)}]`;
}

/** `2,400` */
export function count(n: number): string {
  return Math.round(n)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 seed`, `3 seeds` */
export function counted(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
}

function minus(text: string): string {
  return text.replace("-", "−");
}

/** Bytes as `1.9 GB`. */
export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
