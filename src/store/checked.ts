/** What a file says, once it is certain that it has the shape it must have. */
import type { ZodType } from "zod";
import { FileError, shown } from "./file-error.js";

export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line?: number;
  readonly cure: string;
}

/** @throws {FileError} which names the key, what was expected there and what was found */
export function checked<T>(value: unknown, schema: ZodType<T>, place: Place): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const path = issue?.path ?? [];
  const expected = /\bexpected (.*)$/.exec((issue?.message ?? "").replace(/, received .*$/, ""))?.[1];
  throw new FileError({
    ...place,
    subject: path.map(String).join("."),
    expected: expected ?? issue?.message ?? "another value",
    found: shown(path.reduce<unknown>(inside, value)),
  });
}

const inside = (value: unknown, key: PropertyKey): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined;
