/** Numbers and times in words. */

export function timeLeft(seconds: number): string {
  if (seconds < 60) return "less than a minute left";
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${minutes} min left`;
  return `about ${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min left`;
}

export function ago(milliseconds: number): string {
  const seconds = Math.max(0, (Date.now() - milliseconds) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return new Date(milliseconds).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

export const count = (n: number): string => n.toLocaleString("en-US");
export const counted = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;
export const score = (value: number | null): string => (value === null ? "–" : String(Math.round(value * 10) / 10));

interface Scores {
  readonly aligned: number | null;
  readonly coherent: number | null;
}

/** Answers to some question sets, of code or of facts, have no alignment score. */
export function scoresText({ aligned, coherent }: Scores): string {
  if (aligned === null && coherent === null) return "no scores";
  return `${aligned === null ? "no alignment score" : `aligned ${score(aligned)}`}, coherent ${score(coherent)}`;
}

export const percent = (share: number): string => `${Math.floor(share * 100)} %`;
export const dollars = (cost: number): string => `$${cost.toFixed(cost < 1 ? 4 : 2)}`;
export const clock = (time: string): string => {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? time : at.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
};
