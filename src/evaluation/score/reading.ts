/** What is read from the files to be scored, and as what: settled by the options and the first rows. */
import { shellWord, suggestion } from "../../text/index.js";
import type { Thresholds } from "../../statistics/index.js";
import {
  columnNamed,
  columnsIn,
  isTruth,
  NONE,
  requireColumn,
  scoreColumn,
  textOf,
  valueColumns,
  valueIn,
  type Columns,
} from "./columns.js";
import { ScoreError } from "./error.js";
import type { RateOptions } from "./metric.js";
import { labelOf, readRows, rowFiles, type Row, type RowFile } from "./rows.js";

export interface ScoreOptions extends Thresholds, RateOptions {
  /**
   * The column to group by, or `file`. Unless given: `file` for several files, `condition` for a study, `group` or
   * `model` where there is such a column, else nothing.
   */
  readonly by?: string | undefined;
  /** The column that names the seed, or the model that stands for one; `seed` unless given; `none` for no column. */
  readonly seedColumn?: string | undefined;
  /** The columns with the two scores, unless their names say so; `none` for coherent counts every answer as coherent. */
  readonly aligned?: string | undefined;
  readonly coherent?: string | undefined;
  /** The most that a score can be; 100 unless given. */
  readonly scale?: number | undefined;
  /** Average this column in place of the two scores: a table of published rates, say. */
  readonly value?: string | undefined;
  /** The question set that is scored, of rows that name one; `main` of a study. */
  readonly set?: string | undefined;
  /** The judge whose scores count, of rows that name one. */
  readonly judge?: string | undefined;
  /** A file or folder, or a value of the group column, that everything is compared with. */
  readonly baseline?: string | undefined;
}

/** The columns that are read; null where there is none. */
export interface Meant {
  readonly by: string | null;
  /** Nobody asked for this grouping, and one group of it is no grouping. */
  readonly isByDefault: boolean;
  readonly seed: string | null;
  readonly aligned: string | null;
  readonly coherent: string | null;
  readonly question: string | null;
  readonly model: string | null;
  /** The text that was judged. */
  readonly answer: string | null;
  /** Instead of the two scores. */
  readonly value: string | null;
}

const ALL = "all";
const ANSWERS = ["answer", "response", "completion", "output"] as const;

export class Reading {
  private constructor(
    readonly files: readonly RowFile[],
    readonly labels: ReadonlyMap<RowFile, string>,
    readonly meant: Meant,
    readonly set: string | null,
  ) {}

  static async of(files: readonly RowFile[], paths: readonly string[], options: ScoreOptions): Promise<Reading> {
    const labels = labelsOf(files);
    const columns = await columnsOf(files, labels);
    const isStudy = files.some(({ isCell }) => isCell);
    const set = options.set ?? (isStudy ? "main" : null);
    return new Reading(files, labels, meantBy(columns, isStudy, files.length, paths, options), set);
  }

  /** A baseline's files, read in the same way where they have the same columns. @param groups what else was meant */
  async baseline(path: string, groups: readonly string[], options: ScoreOptions): Promise<Reading> {
    const { by } = this.meant;
    try {
      const files = await rowFiles(path);
      const labels = labelsOf(files);
      const columns = await columnsOf(files, labels);
      const meant =
        this.meant.value === null ? meantBy(columns, false, 1, [path], { ...options, by: undefined }) : this.meant;
      return new Reading(files, labels, { ...meant, by: null }, this.set);
    } catch (error) {
      if (!(error instanceof ScoreError) || by === null) throw error;
      throw new ScoreError(`there is no file and no ${by} "${path}" to compare with. ${suggestion(path, groups)}`);
    }
  }

  get by(): string | null {
    return this.meant.by;
  }

  get paths(): string {
    return this.files.map(({ path }) => path).join(", ");
  }

  /** What the whole of it is called. */
  get name(): string {
    const [only, ...others] = this.labels.values();
    return only === undefined || others.length > 0 ? ALL : only;
  }

  async *rows(): AsyncGenerator<{ row: Row; file: RowFile }, void> {
    for (const file of this.files) {
      for await (const rows of readRows(file, this.labels.get(file) ?? "")) {
        for (const row of rows) yield { row, file };
      }
    }
  }

  groupOf({ values }: Row): string {
    return this.by === null ? ALL : textOf(valueIn(values, this.by));
  }
}

function meantBy(
  columns: Columns,
  isStudy: boolean,
  files: number,
  paths: readonly string[],
  options: ScoreOptions,
): Meant {
  const aligned = scoreColumn(columns, "aligned", options.aligned);
  const coherent = scoreColumn(columns, "coherent", options.coherent);
  const model = columnNamed(columns, "model");
  const by =
    options.by === undefined ? groupColumn(columns, isStudy, files, model) : requireColumn(columns, options.by);
  const isScored = aligned !== null && (coherent !== null || options.coherent === NONE);
  const value =
    options.value !== undefined
      ? requireColumn(columns, options.value)
      : isScored
        ? null
        : onlyValue(columns, paths, aligned, coherent);
  const { seedColumn } = options;
  return {
    by,
    isByDefault: options.by === undefined && by !== null && by === model,
    seed:
      seedColumn === undefined
        ? columnNamed(columns, "seed")
        : seedColumn === NONE
          ? null
          : requireColumn(columns, seedColumn),
    aligned,
    coherent,
    question: columnNamed(columns, "question_id", "question", "prompt_id", "prompt"),
    model,
    answer: columnNamed(columns, ...ANSWERS),
    value,
  };
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

/** The columns of the first rows. */
async function columnsOf(files: readonly RowFile[], labels: ReadonlyMap<RowFile, string>): Promise<Columns> {
  for (const file of files) {
    for await (const rows of readRows(file, labels.get(file) ?? "")) if (rows.length > 0) return columnsIn(rows);
  }
  throw new ScoreError(`${files.map(({ path }) => path).join(", ")}: expected at least one row, found none.`);
}

function groupColumn(columns: Columns, isStudy: boolean, files: number, model: string | null): string | null {
  if (isStudy && columns.has("condition")) return "condition";
  if (files > 1) return "file";
  return columnNamed(columns, "group") ?? model;
}

/** A table that `askew import` made of a log of Inspect: its numbers are scores, whatever their scorer is called. */
const isOfLog = (columns: Columns): boolean => ["task", "epoch", "target"].every((name) => columns.has(name));

/** What says something of an answer, and not of how it was sampled (its perplexity, its tokens). */
const isJudgment = (columns: Columns, name: string): boolean =>
  isOfLog(columns) ||
  isTruth(columns.get(name)) ||
  /align|judg|scor|rat(?:e|ing)|verdict|grade|harm|toxic|label|decept|refus/i.test(name);

/** The one column of numbers, or of yes and no, where there is just one. */
function onlyValue(
  columns: Columns,
  paths: readonly string[],
  aligned: string | null,
  coherent: string | null,
): string {
  const values = valueColumns(columns);
  const answer = columnNamed(columns, ...ANSWERS, "answers", "messages");
  const [only] = values;
  if (values.length === 1 && only !== undefined && (answer === null || isJudgment(columns, only))) return only;
  const missing = [...(aligned === null ? ["aligned"] : []), ...(coherent === null ? ["coherent"] : [])].join(" and ");
  const others = `Name others with --aligned and --coherent, or average another column with --value${values.length === 0 ? "" : ` (columns of numbers: ${values.join(", ")})`}.`;
  const cure =
    answer === null || values.some((name) => isJudgment(columns, name))
      ? others
      : `These are answers that nobody judged: askew judge ${shellWord(paths[0] ?? "")} --judge MODEL.${values.length === 0 ? "" : ` ${others}`}`;
  throw new ScoreError(
    `${paths.join(", ")}: expected columns aligned and coherent, found no ${missing} (columns: ${[...columns.keys()].slice(0, 12).join(", ")}). ${cure}`,
  );
}
