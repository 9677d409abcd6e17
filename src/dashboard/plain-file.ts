/**
 * Reads what lies in a run's folder. Whoever made it may have put anything there: links are not followed, pipes and
 * devices are not waited for, and nothing is read whole that may be large.
 */
import { constants, type Stats } from "node:fs";
import { lstat, open, type FileHandle } from "node:fs/promises";

const { O_RDONLY } = constants;
const PLAIN = O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** A result is far smaller than this. */
const LARGEST_JSON = 32 * 2 ** 20;

/** Undefined where there is no regular file of that name. */
export async function openPlain(path: string): Promise<FileHandle | undefined> {
  const handle = await open(path, PLAIN).catch(() => undefined);
  if (handle === undefined) return undefined;
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  return undefined;
}

/** Undefined where there is none, or it is a link. */
export async function plainStat(path: string): Promise<Stats | undefined> {
  const stat = await lstat(path).catch(() => undefined);
  return stat?.isFile() === true ? stat : undefined;
}

export async function usePlain<T>(path: string, use: (handle: FileHandle, size: number) => Promise<T>) {
  const handle = await openPlain(path);
  if (handle === undefined) return undefined;
  try {
    return await use(handle, (await handle.stat()).size);
  } finally {
    await handle.close();
  }
}

/** The object in a file; undefined where there is none, or it is no JSON object, or too large to be a result. */
export async function readObject(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const text = await usePlain(path, async (handle, size) =>
    size > LARGEST_JSON ? undefined : handle.readFile({ encoding: "utf8" }),
  );
  return text === undefined ? undefined : objectIn(text);
}

export function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isText = (value: unknown): value is string => typeof value === "string";

/** The last bytes of a file as whole lines; none where there is no file. */
export async function lastLines(path: string, bytes = 16_384): Promise<string[]> {
  const text = await usePlain(path, async (handle, size) => {
    const from = Math.max(0, size - bytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, bytes)), { position: from });
    return `${from > 0 ? "" : "\n"}${buffer.toString("utf8", 0, bytesRead)}`;
  });
  if (text === undefined) return [];
  const lines = text.split("\n").slice(1);
  // A torn last line comes whole the next time.
  return lines.slice(0, -1).filter((line) => line.trim() !== "");
}
