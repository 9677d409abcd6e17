/** An experiment's first measure, organism by organism. */
import { left, right } from "../../layout/index.js";
import { plainTable } from "../../terminal/index.js";
import { withSign } from "../../text/index.js";
import type { OverOrganisms } from "../../study/index.js";
import { unitOf } from "./unit.js";

/** The rows of a page's table, and of the terminal's. */
export function organismRows({
  table,
  measures,
  axis,
}: Pick<OverOrganisms, "table" | "measures" | "axis">): string[][] {
  const [measure] = measures;
  const shown = (value: number | null): string =>
    value === null ? "–" : measure && unitOf(measure) === "share" ? withSign(value) : value.toFixed(2);
  return table.map(({ curve, at, values }) => [`${curve}, ${at}${axis.unit ?? ""}`, ...values.map(shown)]);
}

export function printOrganisms(summary: OverOrganisms): void {
  const rows = organismRows(summary);
  const heading = summary.measures[0]?.heading ?? "";
  const columns = [
    left(heading, 100, rows, ([point = ""]) => point),
    ...summary.organisms.map((organism, i) => right(organism, 90 - i, rows, (row) => row[i + 1] ?? "")),
  ];
  process.stdout.write(`\n${plainTable(columns).join("\n")}\n`);
}
