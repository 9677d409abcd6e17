/** The end of a text that may be long, and may hold anything. */
import { open } from "node:fs/promises";
import { codeOf, storing } from "../store/index.js";

const MOST_BYTES = 64 * 1024;
const LINES = 12;

/** The last lines with something in them; none where there is no file. */
export async function lastLinesOf(path: string, lines = LINES): Promise<readonly string[]> {
  return storing(path, async () => {
    const handle = await open(path, "r").catch((error: unknown) =>
      codeOf(error) === "ENOENT" ? undefined : Promise.reject(error),
    );
    if (handle === undefined) return [];
    try {
      const { size } = await handle.stat();
      const from = Math.max(0, size - MOST_BYTES);
      const { buffer, bytesRead } = await handle.read({
        buffer: Buffer.alloc(Math.min(size, MOST_BYTES)),
        position: from,
      });
      return lastLines(buffer.toString("utf8", 0, bytesRead), lines);
    } finally {
      await handle.close();
    }
  });
}

export const lastLines = (text: string, lines = LINES): readonly string[] =>
  text
    .slice(-MOST_BYTES)
    .split(/[\r\n]+/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .slice(-lines);
