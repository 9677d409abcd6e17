/** The aims of a study for a terminal: a line for each model, with what was missed. */
import pc from "picocolors";
import { tallyOf } from "./aims.js";
import type { AimOutcome } from "./data.js";
import { wrap, padEnd, textWidth } from "../layout/index.js";
import { printable } from "../text/index.js";
import type { TableOptions } from "./tables.js";

/** Columns that a list of misses needs; in less it stands below its model. */
const ROOM = 36;

/** Ends without a newline; empty where there are no aims. */
export function renderAims(
  outcomes: readonly AimOutcome[],
  options: Pick<TableOptions, "width" | "color"> = {},
): string {
  if (outcomes.length === 0) return "";
  const { width = 80, color = false } = options;
  const colors = pc.createColors(color);
  const models = [...new Set(outcomes.map(({ model }) => model))];
  const widest = Math.max(...models.map((model) => textWidth(printable(model))));
  const lines = models.flatMap((model) => {
    const own = outcomes.filter((outcome) => outcome.model === model);
    const short = own.filter(({ met }) => met !== true);
    const head = `${padEnd(printable(model), widest)}  ${own.length - short.length} of ${own.length}`;
    const sign =
      short.length === 0 ? colors.green("✓") : short.some(({ met }) => met === false) ? colors.red("✕") : "–";
    const indent = width - textWidth(head) - 4 >= ROOM ? textWidth(head) + 4 : 4;
    const misses = short.flatMap(({ aim, measured }) => wrap(printable(`${aim}: ${measured}`), width - indent));
    const beside = indent > 4 ? misses.shift() : undefined;
    return [
      `${sign} ${beside === undefined ? head : `${head}  ${beside}`}`,
      ...misses.map((line) => " ".repeat(indent) + line),
    ];
  });
  return [...wrap(`${tallyOf(outcomes)}.`, width).map((line) => colors.bold(line)), ...lines].join("\n");
}
