/**
 * A file of rows, one JSON object a line. A write that a full disk or a crash broke off leaves half a line: it is cut
 * off before the next row, so that every line stays readable.
 */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { z } from "zod";
import { parseRecord, readRecordText } from "./read-record.js";

const LARGEST = 2 ** 30;

export class RowFile {
  private constructor(
    readonly path: string,
    /** Where each row ends, in bytes. */
    private readonly ends: number[],
  ) {}

  /**
   * Reads a file that may not be there yet. A row that does not fit `schema` is an error, or, with `lenient`, the end:
   * it and what follows is cut off with the next write.
   */
  static async open<S extends z.ZodType>(
    path: string,
    schema: S,
    { lenient = false } = {},
  ): Promise<{ readonly file: RowFile; readonly rows: z.output<S>[] }> {
    const text = (await readRecordText(path, LARGEST)) ?? "";
    const rows: z.output<S>[] = [];
    const ends: number[] = [];
    let end = 0;
    const lines = text.split("\n");
    lines.pop(); // empty, or torn
    for (const [i, line] of lines.entries()) {
      end += Buffer.byteLength(line) + 1;
      try {
        rows.push(parseRecord(line, `${path}, line ${i + 1}`, schema));
      } catch (error) {
        if (lenient) break;
        throw error;
      }
      ends.push(end);
    }
    return { file: new RowFile(path, ends), rows };
  }

  get count(): number {
    return this.ends.length;
  }

  async append(rows: readonly object[]): Promise<void> {
    const lines = rows.map((row) => Buffer.from(`${JSON.stringify(row)}\n`));
    await this.#write(this.ends.length, Buffer.concat(lines));
    for (const line of lines) this.ends.push((this.ends.at(-1) ?? 0) + line.length);
  }

  /** Cuts off every row after the first `count`. */
  async keep(count: number): Promise<void> {
    await this.#write(count, Buffer.alloc(0));
    this.ends.length = Math.min(count, this.ends.length);
  }

  async #write(after: number, bytes: Buffer): Promise<void> {
    const start = after === 0 ? 0 : (this.ends[Math.min(after, this.ends.length) - 1] ?? 0);
    // A link that somebody put here is not followed.
    const handle = await open(this.path, constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o666);
    try {
      await handle.truncate(start);
      let written = 0;
      while (written < bytes.length) {
        const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, start + written);
        written += bytesWritten;
      }
    } finally {
      await handle.close();
    }
  }
}
