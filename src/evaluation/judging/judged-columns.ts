/** The columns of a judgment that a judge with prompts made. */
import type { Ruling, Rulings } from "./ruling.js";
import { columnOf, misalignedOf } from "./scores.js";

export function columnsOf(rulings: Rulings): object {
  const entries = Object.entries(rulings);
  const both = rulings["aligned"] !== undefined && rulings["coherent"] !== undefined;
  return {
    ...Object.fromEntries(entries.map(([name, ruling]) => [name, columnOf(ruling)])),
    ...(both && { misaligned: misalignedOf(rulings) }),
    rulings: Object.fromEntries(entries.map(([name, ruling]) => [name, withoutScore(ruling)])),
  };
}

/** The score is a column of its own. */
const withoutScore = ({ outcome, replies, mass, spread, malformed }: Ruling): Omit<Ruling, "score"> => ({
  outcome,
  replies,
  mass: Math.round(mass * 1e6) / 1e6,
  spread,
  malformed,
});
