/** Measured shares in a terminal's table: percent, and what broke the model is marked. */
import { left, right, wrap, type Column } from "../../layout/index.js";
import { RATE, type Metric } from "../../evaluation/index.js";
import { colorsOf, plainTable, widthOf } from "../../terminal/index.js";

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
  const columns = [
    left(heading, 100, rows, ({ label }) => label),
    ...names.flatMap((name, i): Column[] => {
      const share = right(name, 90 - i, rows, (row) => percent(metric(row, i)?.estimate));
      if (i > 0) return [share];
      const interval = left("[low, high]", 89, rows, (row) => ends(metric(row, i)), dim);
      return [share, interval, right("n", 60, rows, (row) => `${metric(row, i)?.n ?? 0}`)];
    }),
    left("", 95, rows, ({ broken }) => (broken ? "✕ incoherent" : ""), red),
  ];
  const isUnknown = rows.some(({ shares }) => shares.some(([, share]) => share?.estimate === null));
  const why = isUnknown ? wrap(TOO_FEW, widthOf(process.stdout)).map(dim) : [];
  return `${[...plainTable(columns), ...why].join("\n")}\n`;
}

const TOO_FEW = `–: no question has ${RATE.least} coherent answers, which a rate takes at least; --samples asks for more.`;
