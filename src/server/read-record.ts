/** The server's own records, read back: small regular files of JSON, checked before anything is done with a value. */
import { lstat, readFile } from "node:fs/promises";
import type { z } from "zod";
import { notOwn } from "./own-folders.js";

const LARGEST = 2 ** 24;

/** The text of a record; undefined where there is no such file. @throws {ServerError} when it is no regular file. */
export async function readRecordText(path: string, most = LARGEST): Promise<string | undefined> {
  const found = await lstat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  });
  if (found === undefined) return undefined;
  if (!found.isFile()) throw notOwn(path, "expected a regular file, found something else");
  if (found.size > most) throw notOwn(path, `expected at most ${most} bytes, found ${found.size}`);
  return readFile(path, "utf8");
}

/** A record; undefined where there is no such file. @throws {ServerError} when it does not fit `schema`. */
export async function readRecord<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> {
  const text = await readRecordText(path);
  return text === undefined ? undefined : parseRecord(text, path, schema);
}

export function parseRecord<S extends z.ZodType>(text: string, where: string, schema: S): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notOwn(where, "expected a record of the server in JSON, found something else");
  }
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const key = issue?.path.map(String).join(".") ?? "";
  throw notOwn(where, `expected a record of the server; ${key === "" ? "its content" : key}: ${issue?.message ?? ""}`);
}
