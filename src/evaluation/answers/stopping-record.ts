/**
 * What is known of answers that were asked until enough was known: beside a file of judgments NAME.jsonl stands
 * NAME.stopping.json. How many answers there are depends on what they said, so an ordinary interval over them is too
 * narrow; the record keeps those that hold whenever one looks, for whoever scores the file later.
 */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { writeJson } from "../../store/index.js";
import { AnswerFileError } from "./error.js";

const share = z.number().min(0).max(1);
const interval = z.object({
  estimate: share.nullable(),
  low: share,
  high: share,
  /** Answers under it. */
  n: z.int().min(0),
});

const schema = z.object({
  judge: z.string(),
  /** Judged, and under the intervals. */
  answers: z.int().min(0),
  /** Which of the rates was to become this narrow, and whether it did. */
  of: z.enum(["rate", "rateOfAll"]),
  width: share,
  reached: z.boolean(),
  confidence: share,
  rate: interval,
  rateOfAll: interval,
  coherentShare: interval,
});

export type StoppingRecord = z.infer<typeof schema>;

export const stoppingRecordPath = (judgments: string): string => judgments.replace(/(\.jsonl)?$/i, ".stopping.json");

/** @throws {AnswerFileError} where something else has its name; {@link StoreError} */
export async function writeStoppingRecord(judgments: string, record: StoppingRecord): Promise<void> {
  await readStoppingRecord(judgments);
  await writeJson(stoppingRecordPath(judgments), record);
}

/** Undefined where there is none. @throws {AnswerFileError} it is no such record */
export async function readStoppingRecord(judgments: string): Promise<StoppingRecord | undefined> {
  const path = stoppingRecordPath(judgments);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const fault = (found: string): AnswerFileError =>
    new AnswerFileError(
      `${path}: expected how askew ask --until-width stopped, found ${found}. ` +
        "Run the same askew ask again, which writes it anew.",
    );
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch {
    throw fault("no JSON");
  }
  const { data, error } = schema.safeParse(values);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  throw fault(`at ${issue?.path.join(".") || "its top"}: ${issue?.message}`);
}
