/** The whole lines of a file that grows, from where the last call ended. */
import type { FileHandle } from "node:fs/promises";

const CHUNK = 1 << 18;
/** A longer line is passed over: no answer is. */
const LONGEST = 16 * 2 ** 20;
const NEWLINE = 10;

export class GrowingLines {
  /** Bytes of whole lines that were given. */
  end = 0;

  /** Calls `onLine` with each whole line until the file or the time is at an end; true where nothing is left. */
  async read(
    handle: FileHandle,
    until: number,
    onLine: (text: string, start: number, length: number) => void,
  ): Promise<boolean> {
    let buffer = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, this.end);
      let from = 0;
      for (let at = buffer.indexOf(NEWLINE); at >= 0 && at < bytesRead; at = buffer.indexOf(NEWLINE, from)) {
        onLine(buffer.toString("utf8", from, at), this.end + from, at + 1 - from);
        from = at + 1;
      }
      this.end += from;
      if (from === 0) {
        if (bytesRead < buffer.length) return true;
        if (buffer.length >= LONGEST) this.end += bytesRead;
        else buffer = Buffer.allocUnsafe(buffer.length * 4);
      }
      if (performance.now() >= until) return false;
    }
  }
}
