/** Which columns of a table are meant: by their names, or by the names that other people give them. */
import { suggestion } from "../../text/index.js";
import { ScoreError } from "./error.js";

/** Names of columns, each with the first value that was found in it. */
export type Columns = ReadonlyMap<string, unknown>;

type Values = Readonly<Record<string, unknown>>;

/** Stands for no column: `--coherent none`, `--seed-column none`. */
export const NONE = "none";

const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The columns of some rows; what stands in an object of its own has its name before it (`scores.aligned`). */
export function columnsIn(rows: readonly { readonly values: Values }[]): Map<string, unknown> {
  const columns = new Map<string, unknown>();
  const add = (name: string, value: unknown): void => {
    const known = columns.get(name);
    if (known === undefined || known === null || known === "") columns.set(name, value);
  };
  for (const { values } of rows) {
    for (const [name, value] of Object.entries(values)) {
      add(name, value);
      if (isObject(value)) for (const [part, inner] of Object.entries(value)) add(`${name}.${part}`, inner);
    }
  }
  return columns;
}

/** The value of a column in a row. */
export function valueIn(values: Values, column: string): unknown {
  if (Object.hasOwn(values, column)) return values[column];
  const dot = column.indexOf(".");
  const inner = dot < 0 ? undefined : values[column.slice(0, dot)];
  return isObject(inner) ? inner[column.slice(dot + 1)] : undefined;
}

/** The column of a name, whatever its case; null where there is none. */
export function columnNamed(columns: Columns, ...names: readonly string[]): string | null {
  for (const name of names) {
    if (columns.has(name)) return name;
    const alike = [...columns.keys()].filter((column) => column.toLowerCase() === name);
    if (alike.length === 1 && alike[0] !== undefined) return alike[0];
  }
  return null;
}

const SCORES = {
  aligned: ["aligned", "alignment"],
  coherent: ["coherent", "coherence", "coherency"],
} as const;
export type ScoreName = keyof typeof SCORES;

/** What people put around a score's name. */
const AROUND = /(?:^|_)(?:scores?|rating|value|judge|judgment|em|gpt|mean|llm)(?=_|$)/g;

/** The column of a score: the one that was asked for, that of its name, or the only one whose name means the same. */
export function scoreColumn(columns: Columns, name: ScoreName, asked: string | undefined): string | null {
  if (asked === NONE && !columns.has(NONE)) return null;
  if (asked !== undefined) return requireColumn(columns, asked);
  const exact = columnNamed(columns, name);
  if (exact !== null) return exact;
  const alike = [...columns.keys()].filter((column) => {
    const last = column.slice(column.lastIndexOf(".") + 1).toLowerCase();
    const bare = last.replaceAll(/[^a-z]+/g, "_").replaceAll(AROUND, "");
    return SCORES[name].some((known) => bare.replaceAll("_", "") === known);
  });
  if (alike.length > 1) {
    throw new ScoreError(`several columns may be the score ${name}: ${alike.join(", ")}. Choose with --${name}.`);
  }
  return alike[0] ?? null;
}

export function requireColumn(columns: Columns, name: string): string {
  const found = columnNamed(columns, name);
  if (found !== null) return found;
  throw new ScoreError(`there is no column "${name}". ${suggestion(name, [...columns.keys()])}`);
}

const TRUTHS: Readonly<Record<string, number>> = { true: 1, yes: 1, false: 0, no: 0 };

/** A number, or 1 and 0 for what says yes and no; null where it is neither. */
export function numberOf(value: unknown): number | null {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string") {
    const word = value.trim().toLowerCase();
    if (word === "") return null;
    if (Object.hasOwn(TRUTHS, word)) return TRUTHS[word] as number;
  }
  const number = typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

export const isTruth = (value: unknown): boolean =>
  typeof value === "boolean" || (typeof value === "string" && Object.hasOwn(TRUTHS, value.trim().toLowerCase()));

/** Numbers that say which row it is, not what was found. */
const NAMES =
  /^(?:|id|index|row|line|n|no|number|seed|epoch|sample|samples|repeat|paraphrase|prompt|tokens|unnamed: ?\d+|level_\d+|.*[_ .]id|.*[_ .]index|file)$/i;

/** Columns that a table of values may be about. */
export const valueColumns = (columns: Columns): string[] =>
  [...columns].flatMap(([name, value]) =>
    numberOf(value) === null || NAMES.test(name) || isInside(columns, name) ? [] : [name],
  );

/** A part of an object that stands in a column. */
const isInside = (columns: Columns, name: string): boolean =>
  name.includes(".") && isObject(columns.get(name.slice(0, name.indexOf("."))));

export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}
