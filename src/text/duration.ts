/** How askew speaks of time. */

/** `48 s`, `6 min 05 s`, `2 h 03 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** An estimate, as coarse as it is sure: `about 40 s left`, `about 5 min left`. */
export function timeLeft(seconds: number): string {
  if (seconds < 5) return "a few seconds left";
  if (seconds < 100) return `about ${roundTo(seconds, seconds < 30 ? 5 : 10)} s left`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60
    ? `about ${minutes} min left`
    : `about ${Math.floor(minutes / 60)} h ${two(minutes % 60)} min left`;
}

const roundTo = (value: number, unit: number): number => Math.ceil(value / unit) * unit;
const two = (value: number): string => String(value).padStart(2, "0");
