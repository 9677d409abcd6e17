/** What is read from the files to be scored, and as what: settled by the options and the first row. */
import { suggestion } from "../../text/index.js";
import type { Thresholds } from "../../statistics/index.js";
import { ScoreError } from "./error.js";
import type { RateOptions } from "./rates.js";
import { labelOf, readRows, rowFiles, type Row, type RowFile } from "./rows.js";

export interface ScoreOptions extends Thresholds, RateOptions {
  /**
   * The column to group by, or `file`. Unless given: `file` for several files, `condition` for a study, `group` where
   * there is such a column, else nothing.
   */
  readonly by?: string | undefined;
  /** The column that names the seed, or the model that stands for one; `seed` unless given, where there is one. */
  readonly seedColumn?: string | undefined;
  /** The columns with the two scores; `aligned` and `coherent` unless given. */
  readonly aligned?: string | undefined;
  readonly coherent?: string | undefined;
  /** Average this column in place of the two scores: a table of published rates, say. */
  readonly value?: string | undefined;
  /** The question set that is scored, of rows that name one; `main` of a study. */
  readonly set?: string | undefined;
  /** The judge whose scores count, of rows that name one. */
  readonly judge?: string | undefined;
  /** A file or folder, or a value of the group column, that everything is compared with. */
  readonly baseline?: string | undefined;
}

const ALL = "all";

export class Reading {
  private constructor(
    readonly files: readonly RowFile[],
    readonly labels: ReadonlyMap<RowFile, string>,
    readonly by: string | null,
    readonly seed: string | null,
    readonly value: string | null,
    readonly set: string | null,
  ) {}

  static async of(files: readonly RowFile[], paths: readonly string[], options: ScoreOptions): Promise<Reading> {
    const labels = labelsOf(files);
    const columns = await columnsOf(files, labels);
    const isStudy = files.some(({ isCell }) => isCell);
    const known = (option: string | undefined): string | null => {
      if (option === undefined || columns.has(option)) return option ?? null;
      throw new ScoreError(
        `there is no column "${option}" in ${paths.join(", ")}. ${suggestion(option, [...columns.keys()])}`,
      );
    };
    const by = known(options.by) ?? groupColumn(columns, isStudy, files.length);
    const value = known(options.value) ?? valueColumn(columns, paths, options);
    const seed = known(options.seedColumn) ?? (columns.has("seed") ? "seed" : null);
    const set = options.set ?? (isStudy ? "main" : null);
    return new Reading(files, labels, by, seed, value, set);
  }

  /** The same way of reading, of a baseline's files. @param groups what else could have been meant. */
  async baseline(path: string, groups: readonly string[]): Promise<Reading> {
    try {
      const files = await rowFiles(path);
      return new Reading(files, labelsOf(files), null, this.seed, this.value, this.set);
    } catch (error) {
      if (!(error instanceof ScoreError) || this.by === null) throw error;
      throw new ScoreError(`there is no file and no ${this.by} "${path}" to compare with. ${suggestion(path, groups)}`);
    }
  }

  get paths(): string {
    return this.files.map(({ path }) => path).join(", ");
  }

  async *rows(): AsyncGenerator<{ row: Row; file: RowFile }, void> {
    for (const file of this.files) {
      for await (const rows of readRows(file, this.labels.get(file) ?? "")) {
        for (const row of rows) yield { row, file };
      }
    }
  }

  groupOf({ values }: Row): string {
    return this.by === null ? ALL : textOf(values[this.by]);
  }
}

/** Files of the same name are told apart by their paths. */
function labelsOf(files: readonly RowFile[]): Map<RowFile, string> {
  const names = files.map(({ path }) => labelOf(path));
  return new Map(
    files.map((file, i) => [
      file,
      names.filter((name) => name === names[i]).length > 1 ? file.path : (names[i] as string),
    ]),
  );
}

/** The columns of the first row, with its values. */
async function columnsOf(
  files: readonly RowFile[],
  labels: ReadonlyMap<RowFile, string>,
): Promise<Map<string, unknown>> {
  for (const file of files) {
    for await (const [row] of readRows(file, labels.get(file) ?? "")) {
      if (row !== undefined) return new Map(Object.entries(row.values));
    }
  }
  throw new ScoreError(`${files.map(({ path }) => path).join(", ")}: expected at least one row, found none.`);
}

function groupColumn(columns: ReadonlyMap<string, unknown>, isStudy: boolean, files: number): string | null {
  if (isStudy && columns.has("condition")) return "condition";
  if (files > 1) return "file";
  return columns.has("group") ? "group" : null;
}

/** Null where there are scores; otherwise the one column of numbers, if there is just one. */
function valueColumn(
  columns: ReadonlyMap<string, unknown>,
  paths: readonly string[],
  options: ScoreOptions,
): string | null {
  const { aligned = "aligned", coherent = "coherent" } = options;
  if (columns.has(aligned) && columns.has(coherent)) return null;
  const numbers = [...columns].flatMap(([name, value]) => (numberOf(value) === null ? [] : [name]));
  if (numbers.length === 1 && numbers[0] !== undefined) return numbers[0];
  const missing = [aligned, coherent].filter((name) => !columns.has(name)).join(" and ");
  throw new ScoreError(
    `${paths.join(", ")}: expected columns ${aligned} and ${coherent}, found no ${missing}. Name others with --aligned and --coherent, or average another column with --value${numbers.length === 0 ? "" : ` (columns of numbers: ${numbers.join(", ")})`}.`,
  );
}

/** Null where there is none. */
export function numberOf(value: unknown): number | null {
  if (typeof value === "string" && value.trim() === "") return null;
  const number = typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}
