/**
 * Question files as published: YAML lists of maps, with anchors and aliases that reach across items. Every unknown key
 * and bad value is reported with its line and column, all of them at once.
 */
import { open } from "node:fs/promises";
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
} from "yaml";
import type { z } from "zod";
import { suggestion } from "../../model/index.js";
import { QuestionFileError, type Problem } from "./problems.js";
import type { Question } from "./question.js";
import { QUESTION_KEYS, questionSchema } from "./question-schema.js";

const MOST_BYTES = 16 * 1024 * 1024;

/** An anchor that many questions share is fine; anchors within anchors within anchors multiply, and are refused. */
const MOST_ALIASES = 100_000;

export async function readQuestionFile(path: string): Promise<Question[]> {
  return parseQuestions(await readText(path, MOST_BYTES), path);
}

/** The text of a file of questions; refuses one that is too large before reading it. */
export async function readText(path: string, mostBytes: number): Promise<string> {
  const file = await open(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new QuestionFileError(path, [{ text: "expected a file, found nothing of that name" }]);
  });
  try {
    const { size } = await file.stat();
    if (size > mostBytes) {
      throw new QuestionFileError(path, [
        {
          text: `expected a file of questions of at most ${mostBytes / 2 ** 20} MiB, found ${Math.ceil(size / 2 ** 20)} MiB`,
        },
      ]);
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.readFile());
  } catch (error) {
    if (error instanceof TypeError) throw new QuestionFileError(path, [{ text: "expected UTF-8 text" }]);
    throw error;
  } finally {
    await file.close();
  }
}

/** @param path names the text in errors. */
export function parseQuestions(text: string, path: string): Question[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false, logLevel: "silent" });
  const problemAt = (offset: number | undefined, said: string): Problem => {
    if (offset === undefined) return { text: said };
    const { line, col } = lines.linePos(offset);
    return { line, column: col, text: said };
  };
  const fail = (problems: readonly Problem[]): never => {
    throw new QuestionFileError(path, problems);
  };
  if (document.errors.length > 0) fail(document.errors.map(({ pos, message }) => problemAt(pos[0], message)));
  const broken = brokenAliases(document);
  if (broken.length > 0) {
    fail(broken.map(({ offset, name }) => problemAt(offset, `no anchor &${name} comes before the alias *${name}`)));
  }
  const { contents } = document;
  if (!isSeq(contents) || contents.items.length === 0) {
    return fail([
      problemAt(startOf(contents), `expected a list of questions, found ${kindOf(valueOf(document, path))}`),
    ]);
  }
  const values = valueOf(document, path) as readonly unknown[];
  const problems: Problem[] = [];
  const questions: Question[] = [];
  const seen = new Map<string, number>();
  values.forEach((value, i) => {
    const result = questionSchema.safeParse(value);
    if (!result.success) {
      for (const issue of result.error.issues) {
        for (const { at, said } of wordsOf(issue, value))
          problems.push(problemAt(offsetOf(document, [i, ...at]), said));
      }
      return;
    }
    const { id } = result.data;
    const offset = offsetOf(document, [i, "id"]);
    const before = seen.get(id);
    if (before === undefined) seen.set(id, offset === undefined ? 0 : lines.linePos(offset).line);
    else
      problems.push(problemAt(offset, `a second question named ${JSON.stringify(id)}; the first is on line ${before}`));
    questions.push(result.data);
  });
  return problems.length > 0 ? fail(problems) : questions;
}

/** Aliases are expanded by reference, so a bomb costs nothing here; the count is checked so that nobody below walks one. */
function valueOf(document: Document, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    // A reference error is the library's word for a bomb; what else it finds so late is about merge keys.
    const said =
      error instanceof ReferenceError ? `its aliases multiply to more than ${MOST_ALIASES} values` : messageOf(error);
    throw new QuestionFileError(path, [{ text: said }]);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function brokenAliases(document: Document): { offset: number | undefined; name: string }[] {
  const known = new Set<string>();
  const broken: { offset: number | undefined; name: string }[] = [];
  visit(document, {
    Alias: (_, alias) => void (known.has(alias.source) || broken.push({ offset: startOf(alias), name: alias.source })),
    Node: (_, node) => void (!isAlias(node) && node.anchor !== undefined && known.add(node.anchor)),
  });
  return broken;
}

/** One issue in words, each at its path within the question. */
function wordsOf(issue: z.core.$ZodIssue, question: unknown): { at: PropertyKey[]; said: string }[] {
  if (issue.code === "unrecognized_keys") {
    const known = issue.path.length === 0 ? QUESTION_KEYS : ["role", "content"];
    return issue.keys.map((key) => ({
      at: [...issue.path, key],
      said: `unknown key ${JSON.stringify(key.slice(0, 80))}. ${suggestion(key, known)}`,
    }));
  }
  const value = issue.path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    question,
  );
  const key = issue.path.filter((part) => typeof part === "string").join(".");
  if (value === undefined && issue.code !== "custom")
    return [{ at: issue.path, said: `${key} is missing: ${issue.message}` }];
  const found = issue.code === "custom" ? "" : `, found ${kindOf(value)}`;
  return [{ at: issue.path, said: `${key === "" ? "" : `${key}: `}${issue.message}${found}` }];
}

/** Never the whole of a value: it may be endless. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a map";
  return JSON.stringify(typeof value === "string" ? value.slice(0, 60) : value);
}

/** Where the value at `path` begins, or else the nearest thing around it. A key stands for the value it names. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  let node: Node | null | undefined = document.contents;
  let offset = startOf(node);
  for (const [depth, part] of path.entries()) {
    // Where an item is itself an alias, the question it stands for is elsewhere: point there.
    if (isAlias(node)) node = node.resolve(document);
    if (isSeq(node) && typeof part === "number") node = node.items[part] as Node | undefined;
    else if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === part);
      if (pair === undefined) return offset;
      if (depth === path.length - 1 && isScalar(pair.key)) return startOf(pair.key) ?? offset;
      node = pair.value as Node | null;
    } else return offset;
    offset = startOf(node) ?? offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
