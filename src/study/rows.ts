/**
 * Files of rows, one JSON value a line, that grow while a study runs. Rows are appended in one write, so after a kill
 * at most the last line is torn; it is dropped when the file is opened again.
 */
import { open, readFile, stat, type FileHandle } from "node:fs/promises";
import { writeFileAtomically } from "../onnx/index.js";
import { StudyError } from "./error.js";
import { codeOf, storing } from "./storing.js";

const NEWLINE = 10;

export class RowFile<T> {
  private constructor(
    readonly path: string,
    /** The rows that were there when it was opened. */
    readonly rows: readonly T[],
    readonly handle: FileHandle,
  ) {}

  /** Opens a file to append to, made if need be; what is torn at its end is cut off, and rows after the first `most`. */
  static async open<T>(path: string, most = Infinity): Promise<RowFile<T>> {
    const { rows, bytes, size } = await readWhole(path, most);
    return storing(path, async () => {
      const handle = await open(path, "a");
      try {
        if (bytes < size) await handle.truncate(bytes);
      } catch (error) {
        await handle.close();
        throw error;
      }
      return new RowFile(path, rows as T[], handle);
    });
  }

  /** Opens an empty file, whatever was there before. */
  static async create<T>(path: string): Promise<RowFile<T>> {
    return storing(path, async () => new RowFile<T>(path, [], await open(path, "w")));
  }

  async append(rows: readonly T[]): Promise<void> {
    if (rows.length === 0) return;
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    await storing(this.path, () => this.handle.appendFile(text));
  }

  /** Returns once everything appended is on the disk. */
  async flush(): Promise<void> {
    await storing(this.path, () => this.handle.sync());
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/** The rows of a file, without a torn last line; none where there is no file. Their type is the file's. */
export async function readRows(path: string): Promise<object[]> {
  return (await readWhole(path)).rows;
}

/** Whether a file ends with a whole row, and, where `count` is given, has so many. */
export async function holdsRows(path: string, count?: number): Promise<boolean> {
  const { rows, bytes, size } = await readWhole(path);
  return bytes === size && (count === undefined || rows.length === count);
}

/** Puts `rows` in place of what a file holds, in one step. */
export async function writeRows(path: string, rows: readonly object[]): Promise<void> {
  await storing(path, () =>
    writeFileAtomically(path, (handle) => handle.writeFile(rows.map((row) => `${JSON.stringify(row)}\n`).join(""))),
  );
}

/** `bytes`: where the last whole row ends, of at most so many. */
async function readWhole(path: string, most = Infinity): Promise<{ rows: object[]; bytes: number; size: number }> {
  let data: Buffer;
  try {
    const info = await stat(path);
    // A device or a pipe may never end, and holds no rows.
    if (!info.isFile() && !info.isDirectory()) return { rows: [], bytes: 0, size: 0 };
    data = await readFile(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { rows: [], bytes: 0, size: 0 };
    return storing(path, () => Promise.reject(error));
  }
  const rows: object[] = [];
  let bytes = 0;
  for (let end = data.indexOf(NEWLINE); end >= 0 && rows.length < most; end = data.indexOf(NEWLINE, bytes)) {
    const row = parse(data.toString("utf8", bytes, end));
    if (row === undefined) {
      // A power cut can leave a line of zeros at the end; in the middle it is damage.
      if (end === data.length - 1) break;
      throw new StudyError(
        `${path}, line ${rows.length + 1}: expected a JSON object, found ${JSON.stringify(data.toString("utf8", bytes, Math.min(end, bytes + 60)))}. Delete the cell's folder and run again.`,
      );
    }
    rows.push(row);
    bytes = end + 1;
  }
  return { rows, bytes, size: data.length };
}

function parse(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
