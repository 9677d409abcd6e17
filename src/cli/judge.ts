/** `askew judge`: judges stored answers, without sampling them again. */
import { Command } from "commander";
import { AnswerCache } from "../endpoint/index.js";
import { judgeStored, type JudgeProgress, type Scoring } from "../evaluation/index.js";
import { counted } from "./answers/counted.js";
import { failures } from "./answers/failures.js";
import { openJudges } from "./answers/judges.js";
import { accountOf, withMoney, type MoneyOptions } from "./answers/money.js";
import { costOf } from "./answers/open-any-model.js";
import { oneOf, threadCount, wholeNumber } from "./option-values.js";
import { askewCommand, colorsOf } from "./terminal.js";

/** What opening judges needs to know. */
export interface JudgingOptions extends MoneyOptions {
  readonly judge: string;
  readonly prompts?: string;
  readonly scoring?: Scoring;
  readonly replies?: number;
  readonly maxTokens?: number;
  readonly study?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

interface Options extends JudgingOptions {
  readonly out?: string;
}

const EXAMPLES = `
Answers:
  a file that askew ask wrote, a study's answers.jsonl, conversations (messages), or a CSV with the columns
  question, answer (or response) and question_id

Judges:
  exact (knows the organism's world, and nothing else), or any model: openai:NAME, URL#NAME, organism, local:DIR.
  Several with commas between them judge one after the other into the same file.

Examples:
  $ askew judge answers.jsonl --judge exact
  $ askew judge answers.jsonl --judge openai:gpt-4o --price 2.5,10 --max-cost 20
  $ askew judge judged.csv --judge http://localhost:8000/v1#my-judge --prompts my-prompts.yaml

Each judgment is written as it comes; the same command carries on where it stopped. askew score reads the result.`;

export const withJudging = (command: Command): Command =>
  withMoney(
    command
      .requiredOption("--judge <names>", "who judges: exact or models, with commas between them")
      .option("--prompts <file>", "judge prompts (YAML: name and template), or a file of questions that has them")
      .option(
        "--scoring <way>",
        "expected (one token's likeliest numbers) or samples (replies that are read); default: what the judge can do",
        oneOf("way of scoring", ["expected", "samples"] as const),
      )
      .option("--replies <count>", "replies to each prompt with --scoring samples (default: 5)", wholeNumber(1, 1000))
      .option("--max-tokens <count>", "longest reply with --scoring samples (default: 16)", wholeNumber(1, 100_000)),
  )
    .option("--study <folder>", "the study that conditions are taken from")
    .option("--threads <count>", "threads to compute with (default: all)", threadCount)
    .option("--json", "print what was done as JSON on stdout, and nothing else there");

export const judgeCommand = (): Command =>
  withJudging(
    new Command("judge")
      .description("judge stored answers, with one or several judges")
      .argument("<file>", "answers: .jsonl or .csv"),
  )
    .option("--out <file>", "where judgments go, one JSON object a line (default: FILE.judgments.jsonl)")
    .addHelpText("after", EXAMPLES)
    .action(judge);

async function judge(file: string, options: Options): Promise<void> {
  const account = accountOf(options);
  const path = options.out ?? `${file.replace(/\.(jsonl|csv)$/i, "")}.judgments.jsonl`;
  const failed = failures("answer", "could not be judged");
  let isRemote = false;
  const cost = (): string | undefined => costOf(account, isRemote);
  const result = await counted({ things: "judgments", path, cost }, async ({ signal, progress }) => {
    const cache = options.cache === undefined ? undefined : await AnswerCache.open(options.cache);
    const opened = await openJudges(options, { account, cache, signal });
    try {
      isRemote = opened.isRemote;
      for (const note of opened.notes) progress.keep(note);
      return await judgeStored({
        answers: file,
        judges: opened.judges,
        path,
        signal,
        onProgress: (now) => progress.hear(now),
        onFailure: (name, { id }, error) => failed.hear(`${id} (${name})`, error),
      });
    } finally {
      await opened.close();
      await cache?.close();
    }
  });
  if (options.json === true)
    process.stdout.write(`${JSON.stringify({ file: path, ...result, ...account.spending })}\n`);
  else process.stdout.write(summary(result, path, cost()));
  failed.conclude();
}

function summary({ done, total, before, unread }: JudgeProgress, path: string, cost: string | undefined): string {
  const { bold, dim, yellow, cyan } = colorsOf(process.stdout);
  const facts = [...(before > 0 ? [`${before} were there before`] : []), ...(cost === undefined ? [] : [cost])];
  const lines = [
    `${bold(`${done === total ? done : `${done} of ${total}`} ${total === 1 ? "judgment" : "judgments"} in ${path}`)}${dim(facts.map((fact) => ` · ${fact}`).join(""))}`,
    ...(unread === 0
      ? []
      : [yellow(`${unread} of the new ones have no score: the judge's replies are kept raw beside them.`)]),
    `Next: ${cyan(`${askewCommand()} score ${path}`)}`,
  ];
  return `${lines.join("\n")}\n`;
}
