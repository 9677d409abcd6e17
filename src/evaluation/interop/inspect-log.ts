/**
 * Logs of Inspect AI, as far as askew needs them. The format is the one of its `EvalLog`, version 2: `.json` holds all
 * of it, `.eval` is a zip of `header.json`, `samples/ID_epoch_N.json` and summaries.
 *
 * Reading is lenient: what askew does not know is passed over, for the format grows.
 */
import { z } from "zod";
import { AskewError } from "../../text/index.js";

export class InspectLogError extends AskewError {
  override readonly name = "InspectLogError";
}

/** The format that is written. */
export const LOG_VERSION = 2;

/** Formats up to this one were seen; they differ in what askew does not look at. */
const NEWEST_READ = 3;

const content = z.union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))]);
const message = z.looseObject({ role: z.string(), content });
/** Scorers return what they like; what is no number, word or truth becomes JSON. */
const value = z.unknown();

export const headerSchema = z.looseObject({
  version: z.number().int().max(NEWEST_READ),
  status: z.string(),
  eval: z.looseObject({ task: z.string(), model: z.string(), run_id: z.string().optional() }),
});

export const sampleSchema = z.looseObject({
  id: z.union([z.string(), z.number()]),
  epoch: z.number().int(),
  input: z.union([z.string(), z.array(message)]),
  target: z.union([z.string(), z.array(z.string())]).nullish(),
  output: z
    .looseObject({
      choices: z.array(z.looseObject({ message, stop_reason: z.string().nullish() })).nullish(),
      completion: z.string().nullish(),
    })
    .nullish(),
  scores: z.record(z.string(), z.looseObject({ value })).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  error: z.looseObject({ message: z.string() }).nullish(),
  attachments: z.record(z.string(), z.string()).nullish(),
});

export type InspectContent = z.infer<typeof content>;
export type InspectHeader = z.infer<typeof headerSchema>;
export type InspectSample = z.infer<typeof sampleSchema>;

/** @param where names the place in errors. */
export function checked<T>(schema: z.ZodType<T>, found: unknown, where: string): T {
  const result = schema.safeParse(found);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.join(".") ?? "";
  throw new InspectLogError(
    `${where}: expected a log of Inspect AI of version ${NEWEST_READ} or older; ${path === "" ? "it" : path} is not as expected (${issue?.message ?? ""}).`,
  );
}

/** Inspect writes NaN and infinities as bare words, which JSON does not know; they become null, for they are no number. */
export function parseLog(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Strings are matched first, so that a word inside one stays.
    const strict = text.replaceAll(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (found) =>
      found.startsWith('"') ? found : "null",
    );
    try {
      return JSON.parse(strict);
    } catch (error) {
      throw new InspectLogError(`${where}: expected JSON (${error instanceof Error ? error.message : String(error)}).`);
    }
  }
}
