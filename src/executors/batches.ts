/** `jobs/jobs.jsonl`: the batches that were submitted from a folder. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { makeFolder, readRows, RowFile, storing } from "../store/index.js";
import { EXECUTORS, type Batch, type Executor } from "./executor.js";

/** Of a study's folder: records, lists of tasks, scripts and logs of jobs. */
export const JOBS_FOLDER = "jobs";

const id = z.string().regex(/^[\w.-]{1,120}$/);
const rowSchema = z.union([
  z.looseObject({
    type: z.literal("batch-asked"),
    id,
    executor: z.enum(EXECUTORS),
    tasks: z.array(z.string()).max(1_000_000),
    at: z.string(),
    address: z.string().optional(),
  }),
  z.looseObject({ type: z.literal("batch-submitted"), id, job: z.string() }),
  z.looseObject({ type: z.literal("batch-refused"), id }),
]);
type Row =
  | ({ readonly type: "batch-asked" } & Batch)
  | { readonly type: "batch-submitted"; readonly id: string; readonly job: string }
  | { readonly type: "batch-refused"; readonly id: string };

const READING = { schema: rowSchema, cure: "askew cannot find the jobs again without it: restore the file." };
const fileOf = (home: string): string => join(home, JOBS_FOLDER, "jobs.jsonl");

/** All batches in the order they were submitted; none where there is no record. */
export async function readBatches(home: string): Promise<Batch[]> {
  const batches = new Map<string, Batch>();
  for (const row of await readRows<Row>(fileOf(home), READING)) {
    const known = batches.get(row.id);
    if (row.type === "batch-asked") {
      const { type: _, ...batch } = row;
      batches.set(row.id, batch);
    } else if (row.type === "batch-refused") batches.delete(row.id);
    else if (known !== undefined) batches.set(row.id, { ...known, job: row.job });
  }
  return [...batches.values()];
}

/**
 * Writes the batch down, submits it, and writes down what the scheduler calls it. A batch that was being submitted when
 * its session ended is looked for under its name.
 * @param name begins the batch's id: letters, digits, dots and dashes
 */
export async function submitBatch(
  home: string,
  executor: Executor,
  name: string,
  tasks: readonly string[],
): Promise<Batch> {
  const { address } = executor;
  const batch: Batch = {
    id: `askew-${name.slice(0, 64)}-${randomBytes(4).toString("hex")}`,
    executor: executor.name,
    tasks,
    at: new Date().toISOString(),
    ...(address !== undefined && { address }),
  };
  await storing(home, () => makeFolder(join(home, JOBS_FOLDER)));
  const rows = await RowFile.open<Row>(fileOf(home), { ...READING, begins: '{"type":"batch-asked"' });
  try {
    await rows.append([{ type: "batch-asked", ...batch }]);
    await rows.flush();
    try {
      const job = await executor.submit(batch);
      await rows.append([{ type: "batch-submitted", id: batch.id, job }]);
      return { ...batch, job };
    } catch (error) {
      await rows.append([{ type: "batch-refused", id: batch.id }]);
      throw error;
    }
  } finally {
    await rows.close();
  }
}
