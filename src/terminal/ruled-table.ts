/** Tables for the terminal. */
import { layColumns, wrap, type Column } from "../layout/index.js";
import { printable } from "../text/index.js";
import { colorsOf, widthOf } from "./terminal.js";

/** With a rule below its headings; what found no room is named. */
export function ruledTable(columns: readonly Column[]): string {
  const { dim } = colorsOf(process.stdout);
  const room = widthOf(process.stdout);
  const { heading, rows, width, leftOut } = layColumns(columns, room);
  const missing = leftOut.map((column) => column.heading.replaceAll("\n", " ").trim());
  return [
    ...heading,
    dim("─".repeat(width)),
    ...rows.map((row) => printable(row)),
    ...(missing.length === 0 ? [] : wrap(`No room for: ${missing.join(", ")}; --json has them.`, room).map(dim)),
  ].join("\n");
}

/** A line each, with faint headings; what finds no room is left out. */
export function plainTable(columns: readonly Column[]): string[] {
  const { dim } = colorsOf(process.stdout);
  const { heading, rows } = layColumns(columns, widthOf(process.stdout));
  return [...heading.map((line) => dim(line)), ...rows.map((row) => row.trimEnd())];
}
