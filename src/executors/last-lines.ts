/** The end of a text that may be long, and may hold anything. */
import { open } from "node:fs/promises";
import { codeOf, storing } from "../store/index.js";

const MOST_BYTES = 8 * 1024 * 1024;
const LINES = 12;

/** Of a file; empty where there is none. */
export async function endOf(path: string): Promise<string> {
  return storing(path, async () => {
    const handle = await open(path, "r").catch((error: unknown) =>
      codeOf(error) === "ENOENT" ? undefined : Promise.reject(error),
    );
    if (handle === undefined) return "";
    try {
      const { size } = await handle.stat();
      const length = Math.min(size, MOST_BYTES);
      const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(length), position: size - length });
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await handle.close();
    }
  });
}

export const lastLines = (text: string, lines = LINES): readonly string[] =>
  text
    .slice(-64 * 1024)
    .split(/[\r\n]+/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .slice(-lines);
