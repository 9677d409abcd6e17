/** `askew judge`: judges stored answers, without sampling them again. */
import { seedOption } from "../options.js";
import { Command } from "commander";
import { AnswerCache, type Account } from "../../endpoint/index.js";
import {
  agreementOf,
  foreseeJudging,
  judgeStored,
  noAnswerNotes,
  readJudged,
  sampleOf,
  THOUGHTS_RUBRIC,
  type JudgeResult,
  type Rubric,
  type StoredFile,
} from "../../evaluation/index.js";
import { isEndpointName } from "../../model/index.js";
import { printDryRun } from "./dry-run.js";
import { agreementText } from "../../views/index.js";
import { counted } from "./counted.js";
import { failures } from "./failures.js";
import { accountOf, costOf, namesProbe, openJudges, type JudgingOptions } from "../../lab/index.js";
import { requireRowsName } from "./rows-out.js";
import { sameNotes } from "./same-notes.js";
import { withJudging } from "./judging-options.js";
import { calibrateCommand } from "./judge-calibrate.js";
import { combineCommand } from "./judge-combine.js";
import { trainCommand } from "./judge-train.js";
import { wholeNumber } from "../option-values.js";
import { EXIT, UsageError } from "../../text/index.js";
import { quoted, askewCommand, colorsOf, printJson } from "../../terminal/index.js";

interface Options extends JudgingOptions {
  readonly out?: string;
  readonly requests?: string;
  readonly thoughts?: boolean;
  readonly dryRun?: boolean;
  readonly sample?: number;
  readonly seed: number;
}

const EXAMPLES = `
Answers:
  a file that askew ask wrote, a study's answers.jsonl, conversations (messages), a CSV with the columns
  question, answer (or response) and question_id, or a batch's output with --requests INPUT.jsonl

Judges:
  exact (knows the organism's world, and nothing else), any model (openai:NAME, URL#NAME, organism, local:DIR), or
  probe:FILE, which askew judge train makes: it reads the activations of a model of this machine and asks nobody.
  Several with commas between them judge one after the other into the same file.

Examples:
  $ askew judge answers.jsonl --judge exact
  $ askew judge answers.jsonl --judge openai:gpt-4o --price 2.5,10 --max-cost 20
  $ askew judge judged.csv --judge http://localhost:8000/v1#my-judge --prompts my-prompts.yaml
  $ askew judge answers.jsonl --judge openai:gpt-4o --thoughts

With several judges, their agreement is printed at the end.
--thoughts reads the reasoning of a row, or <think> … </think> in its answer, with prompts about thoughts; rows without
any are left out, and thoughts that were cut off before an answer count. The judgments are a file of their own.
Each judgment is written as it comes; the same command carries on where it stopped. askew score reads the result.
askew judge calibrate measures a judge on answers whose truth is known; askew judge train makes one that is free, and
askew judge combine narrows the rate of a few paid judgments with it.`;

export const judgeCommand = (): Command =>
  withJudging(new Command("judge").argument("<file>", "answers: .jsonl or .csv"))
    .option("--out <file>", "where judgments go, one JSON object a line (default: FILE.judgments.jsonl)")
    .option("--requests <file>", "the file that a batch was made of, where the answers are its output")
    .option("--thoughts", "judge what was thought before each answer, in the answer's place")
    .option("--dry-run", "say how many requests, tokens and dollars it takes at most, and ask nothing")
    .option("--sample <count>", "judge this many answers, chosen at random", wholeNumber(1, 10_000_000))
    .option(...seedOption("with --sample: another seed takes others"), 0)
    .addHelpText("after", EXAMPLES)
    .addCommand(calibrateCommand())
    .addCommand(trainCommand())
    .addCommand(combineCommand())
    .action(judge);

async function judge(file: string, options: Options): Promise<void> {
  requireRowsName(options.out);
  const account = accountOf(options);
  const source = sourceOf(file, options);
  const path = options.out ?? pathOf(source);
  if (options.dryRun === true) return foresee(source, path, account, options);
  const failed = failures("answer", "could not be judged");
  let isRemote = false;
  const cost = (): string | undefined => costOf(account, isRemote);
  const result = await counted({ things: "judgments", path, cost }, async ({ signal, progress }) => {
    const cache = options.cache === undefined ? undefined : await AnswerCache.open(options.cache);
    const onNotice = (notice: string): void => progress.keep(notice);
    const opened = await openJudges(options, { account, cache, signal, onNotice, ...rubricOf(source, options) });
    try {
      isRemote = opened.isRemote;
      const only = await sampledOf(source, options);
      return await judgeStored({
        ...source,
        ...(only && { only }),
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
  if (result.total === 0) throw nothingToJudge(source);
  const agreement = agreementOf(await readJudged(path));
  const isOne = agreement.judges.length < 2;
  if (options.json === true) {
    const told = { file: path, ...result, ...account.spending, ...(!isOne && { agreement }) };
    printJson("judged", told);
  } else process.stdout.write(`${summary(result, path, cost())}${isOne ? "" : `\n${agreementText(agreement)}\n`}`);
  failed.conclude();
  if (hasNoScore(result)) process.exitCode = EXIT.incomplete;
}

/** True where no rate can be had: the judge was asked, and none of its replies holds a score. */
const hasNoScore = ({ before, unread, scored }: JudgeResult): boolean => before + scored === 0 && unread > 0;

function sourceOf(answers: string, { requests, thoughts = false, judge: names = "" }: Options): StoredFile {
  if (!thoughts) return { answers, requests };
  const other = names.split(",").find((name) => name.trim() === "exact" || namesProbe(name.trim()));
  if (other === undefined) return { answers, requests, part: "thoughts" };
  throw new UsageError(
    `--thoughts: ${other.trim()} does not read thoughts by themselves`,
    other.trim() === "exact"
      ? "The exact judge reads them beside the answer: leave --thoughts out, and its rows name the character that thinks so."
      : "A probe was trained on answers. Name a model as the judge.",
  );
}

const pathOf = ({ answers, part }: StoredFile): string =>
  `${answers.replace(/\.(jsonl|csv)$/i, "")}${part === "thoughts" ? ".thoughts" : ""}.judgments.jsonl`;

const rubricOf = ({ part }: StoredFile, { prompts }: Options): { readonly rubric?: Rubric } =>
  part === "thoughts" && prompts === undefined ? { rubric: THOUGHTS_RUBRIC } : {};

const nothingToJudge = ({ answers, part }: StoredFile): UsageError =>
  part === "thoughts"
    ? new UsageError(
        `${answers}: expected thoughts before at least one answer, found none`,
        "They stand in a row's reasoning, or between <think> and </think> in its answer.",
      )
    : new UsageError(`${answers}: expected at least one answer to judge, found none`);

/** The answers that --sample takes; undefined for all. */
async function sampledOf(file: StoredFile, { sample, seed }: Options): Promise<((id: string) => boolean) | undefined> {
  const ids = sample === undefined ? undefined : await sampleOf(file, sample, seed);
  return ids && ((id) => ids.has(id));
}

async function foresee(file: StoredFile, path: string, account: Account, options: Options): Promise<void> {
  const { signal } = new AbortController();
  const means = { account, cache: undefined, signal, onNotice: () => undefined, ...rubricOf(file, options) };
  const opened = await openJudges(options, means);
  try {
    const only = await sampledOf(file, options);
    const found = await foreseeJudging({
      ...file,
      judges: opened.judges,
      path,
      ...(only && { only }),
    });
    if (file.part === "thoughts" && found.requests + found.before === 0) throw nothingToJudge(file);
    const models = opened.judges.map(({ name }) => name).filter(isEndpointName);
    const { leftOut = 0, ...costs } = found;
    if (leftOut > 0) process.stderr.write(`${leftOutText(leftOut)}\n`);
    printDryRun(costs, { models, things: "judgments", path }, options);
  } finally {
    await opened.close();
  }
}

const leftOutText = (rows: number): string =>
  `${rows} ${rows === 1 ? "row without thoughts is" : "rows without thoughts are"} left out.`;

const SAME_CURE = [
  "which count as one answer each: the",
  "intervals of a rate are far too narrow. Were they sampled at temperature 0, or from a cache?",
];

function summary(
  { done, total, before, unread, scored, incoherent, unanswered, cutThoughts, repeated, leftOut }: JudgeResult,
  path: string,
  cost: string | undefined,
): string {
  const { bold, dim, yellow, cyan } = colorsOf(process.stdout);
  const facts = [...(before > 0 ? [`${before} were there before`] : []), ...(cost === undefined ? [] : [cost])];
  const notes = noAnswerNotes({ unanswered, cutThoughts });
  const lines = [
    `${bold(`${done === total ? done : `${done} of ${total}`} ${total === 1 ? "judgment" : "judgments"} in ${path}`)}${dim(facts.map((fact) => ` · ${fact}`).join(""))}`,
    ...(leftOut === 0 ? [] : [yellow(leftOutText(leftOut))]),
    ...(unread === 0
      ? []
      : [yellow(`${unread} of the new ones have no score: the judge's replies are kept raw beside them.`)]),
    ...sameNotes(repeated, SAME_CURE).map(yellow),
    ...(incoherent * 2 <= scored
      ? []
      : [
          yellow(
            `${incoherent} of ${scored} ${scored === 1 ? "answer that was" : "answers that were"} judged now ${incoherent === 1 ? "is" : "are"} incoherent: a rate of the coherent ones`,
          ),
          yellow("speaks of few. Read some answers, and ask whether this judge can judge them, before you believe it."),
        ]),
    ...(notes.length === 0
      ? []
      : [yellow("Rows without an answer, of which no judge was asked:"), ...notes.map((note) => yellow(`  ${note}`))]),
    ...(before + scored > 0 ? [`Next: ${cyan(`${askewCommand()} score ${quoted(path)}`)}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}
