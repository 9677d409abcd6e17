/** A file of rows, one JSON object a line, that grows; what a kill tore at its end is cut off when it is opened again. */
import { open, type FileHandle } from "node:fs/promises";

export class RowLog<T> {
  private constructor(
    private readonly handle: FileHandle,
    /** Those that were there when it was opened. */
    readonly rows: readonly T[],
  ) {}

  static async open<T>(path: string): Promise<RowLog<T>> {
    const handle = await open(path, "a+");
    try {
      const bytes = await handle.readFile();
      const end = bytes.lastIndexOf(10) + 1;
      if (end < bytes.length) await handle.truncate(end);
      const lines = bytes.toString("utf8", 0, end).split("\n");
      return new RowLog(
        handle,
        lines.filter((line) => line !== "").map((line) => JSON.parse(line) as T),
      );
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Cuts off every row after the first `count`. */
  async keep(count: number): Promise<void> {
    const kept = this.rows.slice(0, count).map((row) => `${JSON.stringify(row)}\n`);
    await this.handle.truncate(Buffer.byteLength(kept.join("")));
  }

  async append(row: T): Promise<void> {
    await this.handle.appendFile(`${JSON.stringify(row)}\n`);
  }

  /** Returns once everything appended is on the disk. */
  async flush(): Promise<void> {
    await this.handle.sync();
  }

  /** Flushes and closes. */
  async close(): Promise<void> {
    await this.flush();
    await this.handle.close();
  }
}
