/** Measured shares in a terminal's table: percent, and what broke the model is marked. */
import { layColumns, type Column } from "../../layout/index.js";
import type { Metric } from "../../evaluation/index.js";
import { colorsOf, widthOf } from "../../terminal/index.js";

export interface ShareRow {
  readonly label: string;
  /** By heading, in the order of the columns. */
  readonly shares: readonly (readonly [string, Metric | undefined])[];
  readonly broken: boolean;
}

const percent = (x: number | null | undefined): string => (x === null || x === undefined ? "–" : (100 * x).toFixed(1));

/** The first share has its interval beside it. Ends with a newline. */
export function shareTable(heading: string, rows: readonly ShareRow[]): string {
  const { dim, red } = colorsOf(process.stdout);
  const names = rows[0]?.shares.map(([name]) => name) ?? [];
  const metric = (row: ShareRow, i: number): Metric | undefined => row.shares[i]?.[1];
  const ends = (m: Metric | undefined): string =>
    m === undefined || m.low === null || m.high === null ? "" : `[${percent(m.low)}, ${percent(m.high)}]`;
  const columns: Column[] = [
    { heading, cells: rows.map(({ label }) => label), align: "left", keep: 100 },
    ...names.flatMap((name, i): Column[] => {
      const shares = rows.map((row) => metric(row, i));
      const share: Column = {
        heading: name,
        cells: shares.map((m) => percent(m?.estimate)),
        align: "right",
        keep: 90 - i,
      };
      if (i > 0) return [share];
      const n: Column = { heading: "n", cells: shares.map((m) => `${m?.n ?? 0}`), align: "right", keep: 60 };
      return [share, { heading: "[low, high]", cells: shares.map(ends), align: "left", keep: 89, paint: dim }, n];
    }),
    {
      heading: "",
      cells: rows.map(({ broken }) => (broken ? "✕ incoherent" : "")),
      align: "left",
      keep: 95,
      paint: red,
    },
  ];
  const laid = layColumns(columns, widthOf(process.stdout));
  return `${[...laid.heading.map((line) => dim(line)), ...laid.rows.map((row) => row.trimEnd())].join("\n")}\n`;
}
