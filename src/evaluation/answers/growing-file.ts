/**
 * A file of rows, one JSON object a line, that grows while a command runs. Each row is appended in one write as it comes
 * about, so after a kill at most the last line is torn; it is cut off when the file is opened again.
 */
import { open, type FileHandle } from "node:fs/promises";
import { jsonLines } from "./json-lines.js";

/** A power cut loses no more than what came in this time; a killed process loses nothing that was appended. */
const SYNC_EVERY_MS = 1000;
const NEWLINE = 10;

export class GrowingFile {
  #rows = 0;
  #synced = performance.now();

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  /** Opens a file to append to, made if need be. `onRow` hears every row that is there, in order. */
  static async open(
    path: string,
    onRow: (values: Readonly<Record<string, unknown>>, line: number) => void,
  ): Promise<GrowingFile> {
    const handle = await open(path, "a+");
    try {
      const file = new GrowingFile(path, handle);
      let whole = 0;
      for await (const { values, line, end } of jsonLines(path)) {
        onRow(values, line);
        file.#rows++;
        whole = end;
      }
      const { size } = await handle.stat();
      if (size > whole) await handle.truncate(whole);
      if (whole > 0 && !(await endsLine(handle, whole))) await handle.appendFile("\n");
      return file;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  get rows(): number {
    return this.#rows;
  }

  async append(rows: readonly object[]): Promise<void> {
    if (rows.length === 0) return;
    await this.handle.appendFile(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    this.#rows += rows.length;
    if (performance.now() - this.#synced < SYNC_EVERY_MS) return;
    await this.handle.sync();
    this.#synced = performance.now();
  }

  /** Returns once everything is on the disk. */
  async close(): Promise<void> {
    try {
      await this.handle.sync();
    } finally {
      await this.handle.close();
    }
  }
}

async function endsLine(handle: FileHandle, size: number): Promise<boolean> {
  const { buffer } = await handle.read({ buffer: Buffer.alloc(1), position: size - 1 });
  return buffer[0] === NEWLINE;
}
