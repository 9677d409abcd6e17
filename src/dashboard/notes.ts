/**
 * Marks and notes made by hand: rows in a file beside the run, `NAME.notes.jsonl`, one for each change. The last row of
 * an answer holds. Nothing of the run itself is touched.
 */
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { lockFile, RowFile } from "../store/index.js";
import type { Mark, NoteRecord } from "./contract.js";
import { plainStat, usePlain } from "./plain-file.js";
import { GrowingLines } from "./growing-lines.js";

const LONGEST_NOTE = 10_000;

export const noteSchema = z.strictObject({
  source: z.string().max(1000),
  id: z.string().max(1000),
  mark: z.enum(["star", "wrong", "check"] satisfies Mark[]).nullable(),
  note: z.string().max(LONGEST_NOTE),
});
const rowSchema = z.looseObject(noteSchema.shape);

interface Kept {
  readonly size: number;
  readonly changed: number;
  readonly notes: ReadonlyMap<string, NoteRecord>;
}

export class Notes {
  #kept: Kept | undefined;

  constructor(private readonly folder: string) {}

  get path(): string {
    return join(dirname(this.folder), `${basename(this.folder)}.notes.jsonl`);
  }

  /** By {@link keyOf}. */
  async all(): Promise<ReadonlyMap<string, NoteRecord>> {
    const stat = await plainStat(this.path);
    if (stat === undefined) return new Map();
    if (this.#kept?.size === stat.size && this.#kept.changed === stat.mtimeMs) return this.#kept.notes;
    const notes = new Map<string, NoteRecord>();
    await usePlain(this.path, (handle) =>
      new GrowingLines().read(handle, Infinity, (line) => {
        const row = rowSchema.safeParse(parsed(line)).data;
        if (row === undefined) return;
        const { source, id, mark, note } = row;
        if (mark === null && note === "") notes.delete(keyOf(row));
        else notes.set(keyOf(row), { source, id, mark, note });
      }),
    );
    this.#kept = { size: stat.size, changed: stat.mtimeMs, notes };
    return notes;
  }

  /** @throws {StoreError} where the file cannot be written, or is not askew's */
  async keep(record: NoteRecord): Promise<void> {
    const lock = await lockFile(this.path);
    try {
      const file = await RowFile.open(this.path, {
        schema: rowSchema,
        begins: '{"time":',
        onRow: () => undefined,
        cure: "It holds the notes of askew view: mend the line, or move the file.",
      });
      try {
        await file.append([{ time: new Date().toISOString(), ...record }]);
      } finally {
        await file.close();
      }
    } finally {
      await lock.release();
    }
  }
}

export const keyOf = ({ source, id }: Pick<NoteRecord, "source" | "id">): string => `${source}\n${id}`;

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
