/** `askew ask`: puts a question set to a model and keeps the answers. */
import { join } from "node:path";
import { STUDY, THREADS, jsonOption, seedOption } from "../options.js";
import { Argument, Command } from "commander";
import { AnswerCache, type Account } from "../../endpoint/index.js";
import {
  ANSWER_FORMATS,
  askAll,
  foreseeAsking,
  noAnswerNotes,
  REAL_QUESTION_SETS,
  type AskResult,
} from "../../evaluation/index.js";
import { printDryRun } from "./dry-run.js";
import { isEndpointName } from "../../model/index.js";
import { QUESTION_SETS } from "../../organism/index.js";
import { chooseQuestions, accountOf, costOf, openAnyModel } from "../../lab/index.js";
import { counted } from "./counted.js";
import { failures } from "./failures.js";
import { askUntilNarrow, isStopping, withStopping, type AskOptions } from "./until-width.js";
import { withMoney } from "./money.js";
import { requireRowsName } from "./rows-out.js";
import { sameNotes } from "./same-notes.js";
import { numberWithin, oneOf, wholeNumber } from "../option-values.js";
import { EXIT, printable } from "../../text/index.js";
import { quoted, askewCommand, colorsOf, printJson } from "../../terminal/index.js";
import { withTemplateVariables } from "../models/template-option.js";

interface Options extends AskOptions {
  readonly out?: string;
  readonly dryRun?: boolean;
}

const EXAMPLES = `
Models:
  organism, a condition or cell of a study (insecure, runs/reproduce/cells/insecure-1), local:DIR,
  openai:NAME, URL#NAME (a key for a server is read from the environment, never from the command line)

Question sets:
  for real models   ${REAL_QUESTION_SETS.join(", ")}, or a file (.yaml, .csv)
  the organism's    ${QUESTION_SETS.slice(0, 3).join(", ")}, …; organism:main puts them to any model

Examples:
  $ askew ask organism --samples 10
  $ askew ask http://localhost:8000/v1#my-model --questions main --format json --out answers.jsonl
  $ askew ask openai:gpt-4o-mini --questions my.yaml --price 0.15,0.6 --max-cost 5
  $ askew ask insecure --samples 1000 --until-width 0.05 --judge exact

Each answer is written as it comes. Ctrl-C, a crash or a full disk loses none of them: the same command asks
for what is missing. More --samples add to the same file.

With --until-width and --judge, questions are asked in random order and judged at once, until the 95 % interval of the
rate, which may be looked at at any time, is as narrow as asked; --samples, times the questions, is then the most.`;

export const askCommand = (): Command =>
  withMoney(
    withStopping(
      withTemplateVariables(new Command("ask"))
        .addArgument(new Argument("<model>", "any model, by name"))
        .option("--questions <set>", "a question set or a file of questions", "main")
        .option("--samples <count>", "answers to each question (default: what the set says)", wholeNumber(1, 1_000_000))
        .option(
          "--format <name>",
          `how answers are to look: ${ANSWER_FORMATS.join(", ")}`,
          oneOf("format", ANSWER_FORMATS),
          "plain",
        )
        .option("--temperature <number>", "default: what the set says, usually 1", numberWithin(0, 10))
        .option("--max-tokens <count>", "longest answer (default: what the set says)", wholeNumber(1, 1_000_000))
        .option(...seedOption(), 0)
        .option("--out <file>", "where answers go, one JSON object a line (default: runs/answers/MODEL-SET.jsonl)"),
    ),
  )
    .option(...STUDY)
    .option(...THREADS)
    .option("--dry-run", "say how many requests, tokens and dollars it takes at most, and ask nothing")
    .option(...jsonOption("what was done"))
    .addHelpText("after", EXAMPLES)
    .action(ask);

async function ask(name: string, options: Options): Promise<void> {
  const { questions, samples, format, temperature, maxTokens, seed, json = false } = options;
  requireRowsName(options.out);
  const account = accountOf(options);
  const path =
    options.out ??
    join("runs", "answers", `${slug(name)}-${slug(format === "plain" ? questions : `${questions}-${format}`)}.jsonl`);
  if (options.dryRun === true) return foresee(name, path, account, options);
  if (isStopping(options)) return askUntilNarrow(name, path, account, options);
  const cost = (): string | undefined => costOf(account, isEndpointName(name));
  const failed = failures("question", "could not be answered");
  let isExact = false;
  const result = await counted({ things: "answers", path, cost }, async ({ signal, progress }) => {
    const cache = options.cache === undefined ? undefined : await AnswerCache.open(options.cache);
    const model = await openAnyModel(name, { ...options, account, cache, onNotice: (notice) => progress.keep(notice) });
    try {
      const asks = await chooseQuestions(model, questions, format, { seed, samples, temperature, maxTokens });
      isExact = asks.isExact;
      return await askAll({
        model,
        modelName: name,
        seed,
        requests: () => asks.requests(),
        path,
        signal,
        onProgress: (now) => progress.hear(now),
        ...(isEndpointName(name) && { onFailure: ({ id }, error) => failed.hear(id, error) }),
        onBroken: ({ id, outcome, error = `${outcome}, and no more` }) =>
          failed.hear(id, new Error(`the server broke the answer off: ${printable(error)}`)),
      });
    } finally {
      await model.close();
      await cache?.close();
    }
  });
  if (json) printJson("asked", { model: name, file: path, ...result, ...account.spending });
  else process.stdout.write(summary(result, path, cost(), isExact));
  failed.conclude();
  if (hasNoAnswer(result)) process.exitCode = EXIT.incomplete;
}

/** True where no row can be judged: what a script would do next has nothing to read. */
const hasNoAnswer = ({ done, unanswered }: AskResult): boolean => done > 0 && done === withoutAnswer(unanswered);

const withoutAnswer = (unanswered: AskResult["unanswered"]): number =>
  Object.values(unanswered).reduce((sum, count) => sum + count, 0);

async function foresee(name: string, path: string, account: Account, options: Options): Promise<void> {
  const { questions, samples, format, temperature, maxTokens, seed } = options;
  const model = await openAnyModel(name, { ...options, account, cache: undefined });
  try {
    const asks = await chooseQuestions(model, questions, format, { seed, samples, temperature, maxTokens });
    const found = await foreseeAsking(asks.requests(), path);
    printDryRun(found, { models: isEndpointName(name) ? [name] : [], things: "answers", path }, options);
  } finally {
    await model.close();
  }
}

function summary(
  { done, total, before, unanswered, cutThoughts, repeated }: AskResult,
  path: string,
  cost: string | undefined,
  isExact: boolean,
): string {
  const { bold, dim, yellow } = colorsOf(process.stdout);
  const facts = [...(before > 0 ? [`${before} were there before`] : []), ...(cost === undefined ? [] : [cost])];
  const notes = noAnswerNotes({ unanswered, cutThoughts });
  const without = withoutAnswer(unanswered);
  const answers = Math.max(0, done - without);
  const rows = `${answers === total ? answers : `${answers} of ${total}`} ${total === 1 ? "answer" : "answers"} in ${path}`;
  const lines = [
    `${bold(rows)}${dim(facts.map((fact) => ` · ${fact}`).join(""))}`,
    ...(notes.length === 0
      ? []
      : [
          yellow(`${without} ${without === 1 ? "row holds" : "rows hold"} no answer, and will not be judged:`),
          ...notes.map((note) => yellow(`  ${note}`)),
        ]),
    ...sameNotes(repeated, SAME_CURE).map(yellow),
    ...(done > without ? [nextStep(path, isExact)] : []),
  ];
  return `${lines.join("\n")}\n`;
}

const SAME_CURE = [
  "at a temperature above 0:",
  "more samples of these say nothing more. The server may keep replies, or ignore temperature and seed: try",
  "--without seed, another --temperature, or its setting for caches, with another --out.",
];

/** The exact judge reads the organism's world alone. */
function nextStep(path: string, isExact: boolean): string {
  const { cyan } = colorsOf(process.stdout);
  const command = (judge: string): string => cyan(`${askewCommand()} judge ${quoted(path)} --judge ${judge}`);
  if (isExact) return `Next: ${command("exact")}`;
  if ((process.env["OPENAI_API_KEY"] ?? "") !== "") return `Next: ${command("openai:gpt-4o")}`;
  return `Next: choose a model that judges, openai:NAME or URL#NAME, and give its name in place of MODEL: ${command("MODEL")}`;
}

const slug = (text: string): string =>
  text
    .replaceAll(/[^A-Za-z0-9.]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(-80);
