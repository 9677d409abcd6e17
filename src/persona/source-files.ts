/** Files that directions of any model are made from: contrastive system prompts with questions, and judged answers. */
import { z } from "zod";
import { readRowsOf } from "../dataset/index.js";
import type { Message } from "../model/index.js";
import { readTextIfPresent, sha256 } from "../store/index.js";
import type { ContrastText } from "./contrast.js";
import { DirectionError } from "./direction-error.js";
import { sideOf, type AskedQuestion, type ContrastPair } from "./sources.js";

export interface SourceFile {
  /** The path, and the sha256 of what was read there: for the recipe. */
  readonly source: string;
}

const MOST_BYTES = 256 * 2 ** 20;

const promptRow = z.union([
  z.strictObject({ positive: z.string().min(1), negative: z.string().min(1) }),
  z.strictObject({ question: z.string().min(1) }),
]);

/**
 * Reads JSON lines, each `{"positive": …, "negative": …}` (two system prompts) or `{"question": …}`, in any order.
 * @throws {DirectionError} naming file and line
 */
export async function readPromptFile(
  path: string,
): Promise<SourceFile & { readonly pairs: readonly ContrastPair[]; readonly questions: readonly AskedQuestion[] }> {
  const text = await textOf(path);
  const pairs: ContrastPair[] = [];
  const questions: AskedQuestion[] = [];
  for (const { line, value } of jsonLines(path, text)) {
    const read = promptRow.safeParse(value);
    if (!read.success) {
      throw new DirectionError(
        `${path}, line ${line}: expected {"positive": …, "negative": …} or {"question": …}, both texts, found ${shown(value)}`,
      );
    }
    if ("question" in read.data) questions.push({ question: read.data.question, prompt: read.data.question });
    else pairs.push(read.data);
  }
  if (pairs.length === 0 || questions.length === 0) {
    throw new DirectionError(
      `${path}: expected at least one pair of system prompts and one question, found ${pairs.length} and ${questions.length}`,
    );
  }
  return { source: sourceOf(path, text), pairs, questions };
}

const score = z.number().min(0).max(100).nullable();
const answerRow = z.object({
  messages: z.array(z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string() })).min(1),
  answer: z.string(),
  aligned: score,
  coherent: score,
});

/**
 * Reads judged answers of one model: JSON lines with `messages`, `answer`, `aligned` and `coherent` (0–100 or null), or,
 * where the name ends in .csv, the columns `question`, `answer` (or `response`), `aligned`, `coherent`. Misaligned answers and
 * aligned ones (over 70) are kept, all others left out.
 * @throws {DirectionError | InputError} naming file and line
 */
export async function readJudgedFile(path: string): Promise<SourceFile & { readonly texts: readonly ContrastText[] }> {
  const text = await textOf(path);
  const rows = path.toLowerCase().endsWith(".csv") ? await csvRows(path) : jsonLines(path, text);
  const texts = rows.flatMap(({ line, value }): ContrastText[] => {
    const read = answerRow.safeParse(value);
    if (!read.success) {
      const [issue] = read.error.issues;
      throw new DirectionError(
        `${path}, line ${line}: expected messages, answer, aligned and coherent (0 to 100, or null), found at ${issue?.path.join(".") || "the row"}: ${issue?.message}`,
      );
    }
    const { messages, answer } = read.data;
    const positive = sideOf(read.data);
    if (positive === undefined || answer === "") return [];
    const question = messages.findLast(({ role }) => role === "user")?.content ?? "";
    const said: Message = { role: "assistant", content: answer };
    return [{ question, positive, messages: [...messages, said] }];
  });
  return { source: sourceOf(path, text), texts };
}

interface Row {
  readonly line: number;
  readonly value: unknown;
}

async function csvRows(path: string): Promise<Row[]> {
  const number = (field: unknown): unknown =>
    typeof field !== "string" || Number.isNaN(Number(field)) ? field : field.trim() === "" ? null : Number(field);
  const rows: Row[] = [];
  for await (const records of readRowsOf(path)) {
    for (const { values, line } of records) {
      const { question, aligned, coherent } = values;
      const answer = values["answer"] ?? values["response"];
      if ([question, answer, aligned, coherent].includes(undefined)) {
        const found = Object.keys(values).map((name) => JSON.stringify(name));
        throw new DirectionError(
          `${path}, line ${line}: expected the columns question, answer (or response), aligned and coherent, found ${found.join(", ")}`,
        );
      }
      const messages = [{ role: "user", content: question }];
      rows.push({ line, value: { messages, answer, aligned: number(aligned), coherent: number(coherent) } });
    }
  }
  return rows;
}

function jsonLines(path: string, text: string): Row[] {
  return text.split("\n").flatMap((row, i): Row[] => {
    if (row.trim() === "") return [];
    try {
      return [{ line: i + 1, value: JSON.parse(row) as unknown }];
    } catch {
      throw new DirectionError(`${path}, line ${i + 1}: expected a JSON object, found ${shown(row)}`);
    }
  });
}

async function textOf(path: string): Promise<string> {
  const text = await readTextIfPresent(path, MOST_BYTES);
  if (text === undefined) throw new DirectionError(`${path}: expected a file, found nothing. Check the path.`);
  return text;
}

const sourceOf = (path: string, text: string): string => `${path} sha256 ${sha256(text)}`;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
