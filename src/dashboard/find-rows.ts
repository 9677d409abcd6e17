/** Where answers with given ids stand in their file, found by reading it once. */
import { idOf, type AnswerFile } from "./answer-file.js";
import { GrowingLines } from "./growing-lines.js";
import { objectIn, usePlain } from "./plain-file.js";

/** How rows begin, so that most need not be parsed. */
const BEGINNING = /^\{(?:"model":("(?:[^"\\]|\\.)*"),)?"id":("(?:[^"\\]|\\.)*")/;

/** @param row where it probably is */
export async function findRow(file: AnswerFile, id: string, row?: number): Promise<number | undefined> {
  if (row !== undefined && row >= 0 && row < file.columns.count) {
    const found = await readRow(file, row);
    if (found !== undefined && idOf(found, row) === id) return row;
  }
  return (await findRows(file, new Set([id]))).get(id);
}

export async function findRows(file: AnswerFile, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  await usePlain(file.source.answers, async (handle) =>
    new GrowingLines().read(handle, Infinity, (line, start) => {
      const id = idIn(line);
      if (id === undefined || !ids.has(id) || found.has(id)) return;
      const row = file.columns.rowAt(start);
      if (row >= 0) found.set(id, row);
    }),
  );
  // Rows without an id go by their number.
  for (const id of ids) {
    const row = Number(/^#(\d+)$/.exec(id)?.[1] ?? -1);
    if (!found.has(id) && row >= 0 && row < file.columns.count) found.set(id, row);
  }
  return found;
}

function idIn(line: string): string | undefined {
  const [, model, id] = BEGINNING.exec(line) ?? [];
  const row =
    id === undefined ? objectIn(line) : { id: parsed(id), ...(model !== undefined && { model: parsed(model) }) };
  return row === undefined || !("id" in row) ? undefined : idOf(row, -1);
}

/** A text as JSON writes it; hostile escapes may be none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The row as it stands in the file; undefined where the file went or was changed. */
export async function readRow(file: AnswerFile, row: number): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { start, length } = file.columns.place(row);
  return usePlain(file.source.answers, async (handle) => {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, start);
    const end = buffer.indexOf(10);
    return objectIn(buffer.toString("utf8", 0, end < 0 ? bytesRead : Math.min(end, bytesRead)));
  });
}
