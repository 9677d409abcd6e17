/**
 * Files of rows, one JSON object a line, that grow while a run lasts. Rows are appended in one write as they come about,
 * so after a kill at most the last line is torn; it is dropped when the file is opened again.
 */
import { appendFile, constants, lstat, open, unlink, type FileHandle } from "node:fs/promises";
import type { ZodType } from "zod";
import { writeFileAtomically } from "./atomic-file.js";
import { FileError, shown } from "./file-error.js";
import { jsonLines } from "./json-lines.js";
import { codeOf, storing } from "./system-error.js";

const { O_APPEND, O_CREAT, O_RDWR, O_TRUNC } = constants;
/** A link that somebody put there is not written through; not every system has the flag. */
const NO_LINK = constants.O_NOFOLLOW ?? 0;
/** A power cut loses no more than what came in this time; a killed process loses nothing that was appended. */
const SYNC_EVERY_MS = 1000;
const NEWLINE = 10;

export interface RowFileOptions<T> {
  /** What every row must be; without one, any JSON object. */
  readonly schema?: ZodType;
  /** What to do about a row that is wrong. */
  readonly cure?: string;
  /** How every row begins; a first line that is torn is dropped only where it may have begun so. */
  readonly begins?: string;
  /** Rows after so many are cut off. */
  readonly most?: number;
  /** Called with every row that is there, in order; then `rows` stays empty, whatever the size of the file. */
  readonly onRow?: (row: T, line: number) => void;
}

export class RowFile<T extends object> {
  #count: number;
  #synced = performance.now();
  #failed = false;

  private constructor(
    readonly path: string,
    /** The rows that were there when it was opened. */
    readonly rows: readonly T[],
    count: number,
    /** Bytes of the file up to the end of each of `rows`. */
    private readonly ends: readonly number[],
    private size: number,
    private readonly handle: FileHandle,
    private readonly isNew: boolean,
  ) {
    this.#count = count;
  }

  /**
   * Opens a file to append to, made if need be, and cuts off what is torn at its end.
   * @throws {FileError} a row that is wrong, with its line; {@link StoreError}
   */
  static async open<T extends object>(path: string, options: RowFileOptions<T> = {}): Promise<RowFile<T>> {
    const { most = Infinity, onRow, begins, ...reading } = options;
    const rows: T[] = [];
    const ends: number[] = [];
    let [count, end] = [0, 0];
    for await (const row of linesIfPresent<T>(path, reading)) {
      if (count === most) break;
      if (onRow === undefined) {
        rows.push(row.values);
        ends.push(row.end);
      } else onRow(row.values, row.line);
      count++;
      end = row.end;
    }
    return storing(path, async () => {
      const isNew = end === 0 && !(await isThere(path));
      const handle = await open(path, O_RDWR | O_APPEND | O_CREAT | NO_LINK, 0o666);
      try {
        const { size } = await handle.stat();
        if (end === 0 && size > 0 && begins !== undefined) await refuseOther(path, handle, begins);
        if (size > end) await handle.truncate(end);
        const file = new RowFile<T>(path, rows, count, ends, end, handle, isNew);
        if (end > 0 && !(await endsLine(handle, end))) await file.#write("\n");
        return file;
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  /** Opens an empty file, whatever was there before. */
  static async create<T extends object>(path: string): Promise<RowFile<T>> {
    return storing(
      path,
      async () =>
        new RowFile<T>(path, [], 0, [], 0, await open(path, O_RDWR | O_TRUNC | O_CREAT | NO_LINK, 0o666), false),
    );
  }

  /** Rows in the file. */
  get count(): number {
    return this.#count;
  }

  async append(rows: readonly T[]): Promise<void> {
    if (rows.length === 0) return;
    await storing(this.path, async () => {
      await this.#write(textOf(rows));
      if (performance.now() - this.#synced >= SYNC_EVERY_MS) await this.#sync();
    });
    this.#count += rows.length;
  }

  async #write(text: string): Promise<void> {
    try {
      await this.handle.appendFile(text);
      this.size += Buffer.byteLength(text);
    } catch (error) {
      this.#failed = true;
      // What a full disk took of it must not run into the next row.
      await this.handle.truncate(this.size).catch(() => undefined);
      throw error;
    }
  }

  /** Cuts off every row after the first `count` of those that were there when it was opened. */
  async keep(count: number): Promise<void> {
    const end = count === 0 ? 0 : this.ends[count - 1];
    if (end === undefined || count >= this.#count) return;
    await storing(this.path, () => this.handle.truncate(end));
    [this.#count, this.size] = [count, end];
  }

  async #sync(): Promise<void> {
    await this.handle.sync();
    this.#synced = performance.now();
  }

  /** Returns once everything appended is on the disk. */
  async flush(): Promise<void> {
    await storing(this.path, () => this.#sync());
  }

  /** Flushes and closes; what could not be appended was an error before. */
  async close(): Promise<void> {
    try {
      if (!this.#failed) await this.flush();
    } finally {
      await this.handle.close();
    }
  }

  /** The same after a failure: a file that this made, and that nothing was appended to, is removed again. */
  async abandon(): Promise<void> {
    await this.close();
    if (this.isNew && this.size === 0) await unlink(this.path).catch(() => undefined);
  }
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** The rows of a file, without a torn last line; none where there is no file. */
export async function readRows<T extends object>(
  path: string,
  options: Pick<RowFileOptions<T>, "schema" | "cure"> = {},
): Promise<T[]> {
  const rows: T[] = [];
  for await (const { values } of linesIfPresent<T>(path, options)) rows.push(values);
  return rows;
}

/** Whether a file ends with a whole row, and, where `count` is given, has so many. */
export async function holdsRows(path: string, count?: number): Promise<boolean> {
  let [rows, end] = [0, 0];
  for await (const row of linesIfPresent(path, {})) [rows, end] = [rows + 1, row.end];
  if (count !== undefined && rows !== count) return false;
  if (end === 0) return true;
  return storing(path, async () => {
    const handle = await open(path, "r");
    try {
      return (await handle.stat()).size === end && (await endsLine(handle, end));
    } finally {
      await handle.close();
    }
  });
}

/** Appends to a file whose end is whole, for whoever does not keep it open. */
export async function appendRows(path: string, rows: readonly object[]): Promise<void> {
  await storing(path, () => appendFile(path, textOf(rows)));
}

/** Puts `rows` in place of what a file holds, in one step. */
export async function writeRows(path: string, rows: readonly object[]): Promise<void> {
  await storing(path, () => writeFileAtomically(path, (handle) => handle.writeFile(textOf(rows))));
}

const textOf = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

async function* linesIfPresent<T>(
  path: string,
  options: Pick<RowFileOptions<T>, "schema" | "cure">,
): ReturnType<typeof jsonLines<T>> {
  try {
    yield* jsonLines<T>(path, options);
  } catch (error) {
    if (codeOf(error instanceof Error ? error.cause : undefined) !== "ENOENT") throw error;
  }
}

/** @throws {FileError} where a file of no whole row may be somebody's text */
async function refuseOther(path: string, handle: FileHandle, begins: string): Promise<void> {
  const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(begins.length), position: 0 });
  const text = buffer.toString("utf8", 0, bytesRead);
  if (begins.startsWith(text) || text.startsWith("\0") || text.trim() === "") return;
  const cure = "askew did not make this file, so it is left alone: choose another with --out.";
  throw new FileError({ file: path, line: 1, expected: `a row that begins with ${begins}`, found: shown(text), cure });
}

async function endsLine(handle: FileHandle, size: number): Promise<boolean> {
  const { buffer } = await handle.read({ buffer: Buffer.alloc(1), position: size - 1 });
  return buffer[0] === NEWLINE;
}
