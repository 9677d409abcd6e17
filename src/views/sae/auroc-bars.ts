/** AUROCs as bars from the middle: right of it a latent is there more often, left of it less often. */
import { printable } from "../../text/index.js";
import type { Colors } from "../../terminal/index.js";
import { padEnd, textWidth } from "../../layout/index.js";

const HALF = 10; // cells on each side
/** Closer to .5 than this says next to nothing. */
const LEAST = 0.1;
const MOST_ROWS = 8;

/** Lines of the names that a latent tells, the clearest first, and one line that counts the rest. */
export function aurocBars(
  auroc: Readonly<Record<string, number | null>>,
  width: number,
  { dim, yellow }: Colors,
): string[] {
  const known = Object.entries(auroc).flatMap(([name, value]) =>
    value === null ? [] : [[printable(name), value] as const],
  );
  const clear = known
    .filter(([, value]) => Math.abs(value - 0.5) >= LEAST)
    .toSorted((a, b) => Math.abs(b[1] - 0.5) - Math.abs(a[1] - 0.5))
    .slice(0, MOST_ROWS);
  const longest = Math.max(0, ...clear.map(([name]) => textWidth(name)));
  const drawn = clear.map(([name, value]) => {
    const cells = Math.round(2 * HALF * Math.abs(value - 0.5));
    const left = value < 0.5 ? "▒".repeat(cells) : "";
    const right = value < 0.5 ? "" : "█".repeat(cells);
    const bar = `${dim(left.padStart(HALF))}${dim("│")}${yellow(right)}`;
    return `  ${padEnd(name, longest)}  ${value.toFixed(3)}${width < longest + 2 * HALF + 12 ? "" : `  ${bar}`}`;
  });
  const rest = known.length - clear.length;
  const told = clear.length === 0 ? "nothing that is known: all are" : `${rest} others are`;
  return rest === 0 ? drawn : [...drawn, `  ${dim(`${told} closer to .5`)}`];
}
