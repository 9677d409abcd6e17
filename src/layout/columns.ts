/** Lays a text table into a given width: narrows the gaps first, then leaves columns out. */
import { padEnd, padStart, textWidth } from "./width.js";

export interface Column {
  /** A newline splits it into two lines. */
  readonly heading: string;
  readonly cells: readonly string[];
  readonly align: "left" | "right";
  /** Columns with a lower number are left out first. */
  readonly keep: number;
  /** Colours a cell that has already been padded. */
  readonly paint?: (cell: string, row: number) => string;
}

/** A column of words: `left("kind", 9, rows, ({ kind }) => kind)`. */
export const left = <T>(
  heading: string,
  keep: number,
  rows: readonly T[],
  cell: (row: T, index: number) => string,
  paint?: Column["paint"],
): Column => ({ heading, align: "left", keep, cells: rows.map(cell), ...(paint && { paint }) });

/** A column of numbers. */
export const right = <T>(...column: Parameters<typeof left<T>>): Column => ({ ...left(...column), align: "right" });

export interface Laid {
  readonly heading: readonly string[];
  readonly rows: readonly string[];
  readonly width: number;
  /** Columns that found no room. */
  readonly leftOut: readonly Column[];
}

export function layColumns(columns: readonly Column[], width: number): Laid {
  const leftOut: Column[] = [];
  for (let kept = [...columns]; ;) {
    const narrow = kept.reduce((sum, column) => sum + widthOf(column), kept.length - 1);
    const gap = narrow + kept.length - 1 <= width ? 2 : 1;
    if (narrow <= width || kept.length <= 1) return { ...draw(kept, gap), leftOut };
    const least = kept.reduce((a, b) => (b.keep <= a.keep ? b : a));
    kept = kept.filter((column) => column !== least);
    leftOut.unshift(least);
  }
}

function draw(columns: readonly Column[], gap: number): Pick<Laid, "heading" | "rows" | "width"> {
  const space = " ".repeat(gap);
  const widths = columns.map(widthOf);
  const pad = (text: string, i: number) => {
    const width = widths[i] ?? 0;
    return columns[i]?.align === "left" ? padEnd(text, width) : padStart(text, width);
  };
  const lines = columns.map((column) => column.heading.split("\n"));
  const deepest = Math.max(...lines.map((parts) => parts.length));
  // Headings stand on the rule below them, so a short one leaves its first line empty.
  const heading = Array.from({ length: deepest }, (_, k) =>
    lines
      .map((parts, i) => pad(parts[k - (deepest - parts.length)] ?? "", i))
      .join(space)
      .trimEnd(),
  );
  const rows = (columns[0]?.cells ?? []).map((_, row) =>
    columns
      .map((column, i) => {
        const cell = pad(column.cells[row] ?? "", i);
        return column.paint ? column.paint(cell, row) : cell;
      })
      .join(space),
  );
  return { heading, rows, width: widths.reduce((sum, w) => sum + w, gap * (columns.length - 1)) };
}

function widthOf(column: Column): number {
  return Math.max(...[...column.heading.split("\n"), ...column.cells].map(textWidth));
}
