/** Rows of judged answers, streamed from tables, from JSONL, or from all the cells of a study's folder. */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  foreignBytes,
  foreignFolder,
  hasRows,
  headOf,
  readRowsOf,
  requireInput,
  ROW_ENDINGS,
  type Row,
} from "../../dataset/index.js";
import { shellWord } from "../../text/index.js";
import { ScoreError } from "./error.js";

export type { Row };

/** A file of rows, and what is known of all of them. */
export interface RowFile {
  readonly path: string;
  /** Columns that the rows do not carry themselves: a cell's condition and seed. */
  readonly known: Readonly<Record<string, unknown>>;
  readonly isCell: boolean;
  /** Of a cell that is finished: rows that end in the middle are no longer all there. */
  readonly isFinished?: boolean;
}

const DEEPEST = 6;

/** The files of rows at a path: the file itself, or every `judgments.jsonl` under a folder, in order of their paths. */
export async function rowFiles(path: string): Promise<RowFile[]> {
  const found = await statOf(path);
  if (!found.isDirectory()) {
    await requireInput(path, true);
    if (!hasRows(path)) throw await notRows(path);
    return [{ path, known: {}, isCell: false }];
  }
  const files = await judgmentsUnder(path, DEEPEST);
  if (files.length === 0) {
    const { what, cure } = await foreignFolder(path);
    const hint = cure === undefined ? "" : ` ${cure}`;
    throw new ScoreError(
      `${path}: expected a study with judged answers, found ${what} with no judgments.jsonl in it.${hint}`,
    );
  }
  return Promise.all(files.map(async (file) => ({ path: file, isCell: true, ...(await cellOf(dirname(file))) })));
}

async function notRows(path: string): Promise<ScoreError> {
  const foreign = foreignBytes(await headOf(path), path);
  const found = foreign === undefined ? "another" : foreign.what;
  const hint = foreign?.cure === undefined ? "" : ` ${foreign.cure}`;
  const endings = ROW_ENDINGS.join(", ");
  return new ScoreError(
    `${path}: expected a file that ends in ${endings} (or one of them and .gz), or a study's folder, found ${found}.${hint}`,
  );
}

async function statOf(path: string): ReturnType<typeof stat> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new ScoreError(`${path}: expected a file or a folder, found nothing there.`);
  }
}

async function judgmentsUnder(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const inside = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const found = inside.some((entry) => entry.isFile() && entry.name === "judgments.jsonl")
    ? [join(folder, "judgments.jsonl")]
    : [];
  for (const entry of depth > 0 ? inside : []) {
    if (entry.isDirectory()) found.push(...(await judgmentsUnder(join(folder, entry.name), depth - 1)));
  }
  return found;
}

/** What `cell.json` says of all answers of its cell. */
async function cellOf(folder: string): Promise<Pick<RowFile, "known" | "isFinished">> {
  let text: string;
  try {
    text = await readFile(join(folder, "cell.json"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { known: {} };
    throw error;
  }
  let cell: unknown;
  try {
    cell = JSON.parse(text);
  } catch {
    throw new ScoreError(`${join(folder, "cell.json")}: expected JSON.`);
  }
  const { condition, seed, model, status } = (cell ?? {}) as Record<string, unknown>;
  if (typeof condition !== "string" || typeof seed !== "number") {
    throw new ScoreError(`${join(folder, "cell.json")}: expected a cell's record with condition and seed.`);
  }
  const known = { condition, seed, ...(model !== undefined && { model }) };
  return { known, isFinished: status === "finished" };
}

/** The rows of one file, a portion at a time; `file` and what is known of the file are columns too. */
export async function* readRows(file: RowFile, label: string): AsyncGenerator<Row[], void> {
  const { path, isFinished = false } = file;
  const constant = { ...file.known, file: label };
  // A line without its end is what a kill left of the last append; it is judged again when the run is carried on.
  const onTorn = (line: number): void => {
    if (!isFinished) return;
    throw new ScoreError(
      `${path}, line ${line}: half a line in a cell that was finished: a crash has taken the rest. Run its study again, which makes what is missing.`,
    );
  };
  for await (const rows of readRowsOf(path, { onTorn })) {
    const [first] = rows;
    if (first !== undefined && "samples" in first.values && "eval" in first.values) {
      throw new ScoreError(
        `${path}: a log of Inspect AI. Make a table of it: askew import ${shellWord(path)} --out ${shellWord(`${path}.csv`)}`,
      );
    }
    yield rows.map(({ values, line }) => ({ values: { ...constant, ...values }, line }));
  }
}

/** What a file is called in a table. */
export const labelOf = (path: string): string => basename(path).replace(/\.(?:csv|tsv|jsonl?|ndjson)(?:\.gz)?$/i, "");
