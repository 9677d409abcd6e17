/** A log that may be lost: lines are appended as they come, nobody waits for them, and nothing fails where they fail. */
import { appendFile, stat, truncate } from "node:fs/promises";

export class LineLog {
  #writing: Promise<void> = Promise.resolve();

  private constructor(private readonly path: string) {}

  /** @param largest bytes from which on the file begins anew */
  static async open(path: string, largest: number): Promise<LineLog> {
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && found.size > largest) await truncate(path).catch(() => undefined);
    return new LineLog(path);
  }

  append(line: string): void {
    this.#writing = this.#writing.then(() => appendFile(this.path, `${line}\n`)).catch(() => undefined);
  }
}
