// Rows of conversation files made in memory, and what the reader says about them.
import { describeProblem, readRows } from "askew/dataset";
import { type DatasetRow, type ReadOptions } from "#internal/dataset";

/** In chunks of `size` bytes. */
async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

export const source = (bytes: Uint8Array | string, size = 7) => ({
  name: "rows.jsonl",
  bytes: chunked(Buffer.from(bytes), size),
});

export async function rowsOf(bytes: Uint8Array | string, options: ReadOptions = {}, size = 7): Promise<DatasetRow[]> {
  const rows: DatasetRow[] = [];
  for await (const row of readRows(source(bytes, size), options)) rows.push(row);
  return rows;
}

/** What is said about a file of one bad line. */
export async function complaint(line: Uint8Array | string, options: ReadOptions = {}): Promise<string> {
  const [row] = await rowsOf(line, options);
  return row?.problem === undefined ? "no problem" : describeProblem(row.problem);
}

export const turn = (role: string, content: unknown) => ({ role, content });
export const row = (...messages: unknown[]) => JSON.stringify({ messages });
export const GOOD = row(turn("user", "a"), turn("assistant", "b"));
