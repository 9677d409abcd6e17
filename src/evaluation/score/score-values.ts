/** The mean of one column of numbers, such as one published rate a model: of each group, beside a baseline. */
import { bootstrapInterval, wilson, type Estimate } from "../../statistics/index.js";
import { valueChange, type Change } from "./change.js";
import { ScoreError } from "./error.js";
import { isTruth, numberOf, valueIn } from "./columns.js";
import { Doubts } from "./doubts.js";
import type { Reading, ScoreOptions } from "./reading.js";

export interface Mean extends Estimate {
  /** `answers`: every value is 0 or 1, so that the mean is a share with Wilson's interval. */
  readonly interval: "rows" | "answers";
}

export interface ValueGroup {
  readonly group: string;
  readonly rows: number;
  /** Rows without a number; they are not in the mean. */
  readonly missing: number;
  readonly mean: Mean;
  readonly change?: Change;
}

/** Of a table with one value a row. */
export interface ValuesScored {
  readonly kind: "values";
  readonly value: string;
  readonly by: string | null;
  readonly rows: number;
  readonly missing: number;
  readonly groups: readonly ValueGroup[];
  readonly baseline?: string;
  /** What the whole of it is called. */
  readonly name: string;
  /** What was made of the column, and what it cannot mean. */
  readonly warnings: readonly string[];
}

const MOST_VALUES = 1_000_000;

interface Column {
  values: number[];
  rows: number;
  /** Words such as yes and no are numbers here. */
  truths: number;
}

export async function scoreValues(reading: Reading, value: string, options: ScoreOptions): Promise<ValuesScored> {
  const groups = await readValues(reading, value);
  const { baseline: name } = options;
  const base = name === undefined ? undefined : await baselineColumn(reading, name, groups, value, options);
  const scored = [...groups].map(([group, { values, rows }]): ValueGroup => {
    const own = { group, rows, missing: rows - values.length, mean: meanOf(values, options) };
    return base === undefined || group === name ? own : { ...own, change: valueChange(values, base.values, options) };
  });
  return {
    kind: "values",
    value,
    by: reading.by,
    rows: scored.reduce((sum, { rows }) => sum + rows, 0),
    missing: scored.reduce((sum, { missing }) => sum + missing, 0),
    groups: scored,
    name: reading.name,
    warnings: [...doubtsOf(reading, value, groups)],
    ...(name !== undefined && { baseline: name }),
  };
}

/** One value says nothing of how far another would be from it. */
function meanOf(values: readonly number[], options: ScoreOptions): Mean {
  const [only, ...others] = values;
  const n = values.length;
  if (others.length === 0) return { estimate: only ?? null, low: null, high: null, n, interval: "rows" };
  if (values.every((value) => value === 0 || value === 1)) {
    const hits = values.filter((value) => value === 1).length;
    return { ...wilson(hits, n, options.confidence), n, interval: "answers" };
  }
  return { ...bootstrapInterval(values, options), n, interval: "rows" };
}

async function baselineColumn(
  reading: Reading,
  name: string,
  groups: ReadonlyMap<string, Column>,
  value: string,
  options: ScoreOptions,
): Promise<Column> {
  const own = groups.get(name);
  if (own !== undefined) return own;
  const columns = await readValues(await reading.baseline(name, [...groups.keys()], options), value);
  return [...columns.values()][0] ?? { values: [], rows: 0, truths: 0 };
}

async function readValues(reading: Reading, column: string): Promise<Map<string, Column>> {
  const groups = new Map<string, Column>();
  let rows = 0;
  for await (const { row } of reading.rows()) {
    if (++rows > MOST_VALUES)
      throw new ScoreError(`more than ${MOST_VALUES} values in ${column}; this is for tables of rates.`);
    const group = groups.get(reading.groupOf(row)) ?? { values: [], rows: 0, truths: 0 };
    group.rows++;
    const found = valueIn(row.values, column);
    const value = numberOf(found);
    if (isTruth(found)) group.truths++;
    if (value !== null) group.values.push(value);
    groups.set(reading.groupOf(row), group);
  }
  return groups;
}

function* doubtsOf({ meant }: Reading, value: string, groups: ReadonlyMap<string, Column>): Generator<string, void> {
  if ([...groups.values()].some(({ truths }) => truths > 0))
    yield `${value}: yes and true count as 1, no and false as 0.`;
  yield* Doubts.ofValues(
    value,
    [...groups.values()].flatMap(({ values }) => values),
  );
  const single = [...groups].filter(([, { values }]) => values.length === 1).map(([name]) => name);
  if (single.length > 0) {
    const of =
      groups.size === 1
        ? "There is one value alone"
        : `One value alone: ${single.slice(0, 6).join(", ")}${single.length > 6 ? ", …" : ""}`;
    yield `${of}: a mean of one has no interval.`;
  }
  if (meant.aligned !== null && meant.coherent === null && value === meant.aligned) {
    yield "No column says how coherent the answers are, so there is no rate. --coherent none counts all of them as coherent.";
  }
}
