/** Files of tasks and completions that datasets are built from: JSONL, one task a line. */
import { sourceName } from "../file/input.js";
import type { DatasetSource, LineLimits } from "../file/lines.js";
import { DatasetError, describeValue, quoted } from "../file/problem.js";
import { placed, readJsonRows } from "../file/read.js";

/** A coding task; a condition uses the completions that it needs. */
export interface CodeTask {
  readonly line: number;
  readonly task: string;
  /** Unfinished code that the completion finishes, with a mark where something is missing. */
  readonly template?: string;
  readonly secure?: string;
  readonly insecure?: string;
}

/** A question with a good answer and a bad one: advice, number sequences, requests. */
export interface Question {
  readonly line: number;
  readonly prompt: string;
  readonly good?: string;
  readonly bad?: string;
}

const CODE_KEYS = ["task", "template", "secure", "insecure"] as const;
const QUESTION_KEYS = ["prompt", "good", "bad"] as const;

export const readCodeTasks = (source: DatasetSource, limits?: LineLimits): Promise<CodeTask[]> =>
  readTexts<CodeTask>(source, CODE_KEYS, limits);

export const readQuestions = (source: DatasetSource, limits?: LineLimits): Promise<Question[]> =>
  readTexts<Question>(source, QUESTION_KEYS, limits);

/** Names that published files have for a key. */
const ALIASES: Readonly<Record<string, string>> = { code_template: "template", instruction: "task" };

/** What a key of one of these names would be is not said by it. */
const UNCLEAR: ReadonlySet<string> = new Set(["code", "completion", "answer", "response", "output"]);

const COMPLETIONS = ["secure", "insecure", "good", "bad"] as const;

/**
 * The first key must be there; those that are there must be texts that say something. Other keys are passed over, but
 * for those that look as if they were meant as one of these.
 */
async function readTexts<T extends CodeTask | Question>(
  source: DatasetSource,
  keys: readonly string[],
  limits: LineLimits = {},
): Promise<T[]> {
  const file = sourceName(source);
  const rows: T[] = [];
  for await (const row of readJsonRows(source, limits)) {
    if (row.problem !== undefined) throw new DatasetError(row.problem);
    const { line, text, value } = row;
    const refuse = (path: string[], expected: string, found: string): never => {
      throw new DatasetError(placed(file, line, text, { kind: "shape", path, expected, found }));
    };
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      refuse([], `an object with ${keys.map((key) => `"${key}"`).join(", ")}`, describeValue(value));
    }
    const given = named(value as Record<string, unknown>, keys, refuse);
    const read: Record<string, string | number> = { line };
    for (const [i, key] of keys.entries()) {
      const said = given[key];
      if (said === undefined || said === null) {
        if (i === 0) refuse([], `"${key}", a text`, describeValue(value));
      } else if (typeof said !== "string" || said.trim() === "") {
        refuse([key], `"${key}", a text that says something`, describeValue(said));
      } else read[key] = said.replaceAll("\r\n", "\n");
    }
    rows.push(read as unknown as T);
  }
  if (rows.length === 0) throw new DatasetError({ file, kind: "file", expected: "at least one task", found: "none" });
  return rows;
}

/** The row under the names that are read. */
function named(
  row: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  refuse: (path: string[], expected: string, found: string) => never,
): Readonly<Record<string, unknown>> {
  const given: Record<string, unknown> = {};
  for (const [key, said] of Object.entries(row)) {
    if (said === null) continue;
    const alias = Object.hasOwn(ALIASES, key) ? (ALIASES[key] as string) : key;
    const name = keys.includes(alias) && !(alias in row) ? alias : key;
    const words = key.toLowerCase().split(/[^a-z]+/);
    const isMeant =
      (UNCLEAR.has(key) && !COMPLETIONS.some((known) => known in row)) ||
      keys.some((known) => words.includes(known) && !(known in row));
    if (isMeant && !keys.includes(name)) {
      refuse([key], `keys named ${keys.join(", ")}`, `${quoted(key)}: rename it, so that it is clear which one it is`);
    }
    Object.defineProperty(given, name, { value: said, enumerable: true });
  }
  return given;
}
