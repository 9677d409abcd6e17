/** How many lines files have, counted on from where the last count ended. */
import { usePlain } from "./plain-file.js";

const CHUNK = 1 << 18;
const NEWLINE = 10;

export class LineCounts {
  readonly #known = new Map<string, { end: number; lines: number }>();

  async of(path: string): Promise<number> {
    const known = this.#known.get(path) ?? { end: 0, lines: 0 };
    const counted = await usePlain(path, async (handle, size) => {
      if (size < known.end) [known.end, known.lines] = [0, 0];
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(1, size - known.end)));
      while (known.end < size) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, known.end);
        if (bytesRead === 0) break;
        for (let at = buffer.indexOf(NEWLINE); at >= 0 && at < bytesRead; at = buffer.indexOf(NEWLINE, at + 1)) {
          known.lines++;
        }
        known.end += bytesRead;
      }
      return known.lines;
    });
    if (counted !== undefined) this.#known.set(path, known);
    return counted ?? 0;
  }

  /** Forgets what lies in a folder. */
  forget(folder: string): void {
    for (const path of this.#known.keys()) if (path.startsWith(folder)) this.#known.delete(path);
  }
}
