/** `askew dataset check`: is this file fit to be trained on? */
import { Command } from "commander";
import {
  API_LIMITS,
  checkDataset,
  describeProblem,
  type Counted,
  type DatasetCheck,
  type Problem,
} from "../../dataset/index.js";
import { groupBy } from "../../statistics/index.js";
import { wholeNumber } from "../option-values.js";
import { colorsOf, widthOf, printJsonLine } from "../../terminal/index.js";
import { EXIT } from "../../text/index.js";
import { wrap } from "../../layout/index.js";
import { TOKENS_OPTION, tokenCounter } from "./tokens-option.js";
import { count, megabytes, percent } from "./written.js";

interface Options {
  readonly tokens?: string;
  readonly maxTokens: number;
  readonly shown: number;
  readonly json?: boolean;
}

export function checkCommand(): Command {
  return new Command("check")
    .description("find what a fine-tuning API would refuse: malformed lines, too few, too long; and what is doubled")
    .argument("<file...>", "conversations, JSONL, plain or gzipped")
    .option(...TOKENS_OPTION)
    .option("--max-tokens <count>", "longest conversation", wholeNumber(1, 2 ** 31 - 1), API_LIMITS.mostTokens)
    .option("--shown <count>", "how many problems are listed; all are counted", wholeNumber(0, 1_000_000), 10)
    .option("--json", "one JSON object a file, each on a line")
    .addHelpText("after", "\nExit code 3 when a file is refused.\n\nExample:\n  $ askew dataset check train.jsonl.gz")
    .action(check);
}

async function check(files: readonly string[], { tokens, maxTokens, shown, json = false }: Options): Promise<void> {
  const counter = await tokenCounter(tokens);
  for (const file of files) {
    const found = await checkDataset(file, { tokens: counter, mostTokens: maxTokens, shown });
    if (json) printJsonLine("dataset-check", found);
    else process.stdout.write(`${pretty(found)}\n`);
    if (!found.wellFormed) process.exitCode = EXIT.finding;
  }
}

function pretty(found: DatasetCheck): string {
  const { bold, dim, green, red } = colorsOf(process.stdout);
  const { problems, apiOnly, refusals, wellFormed, notes } = found;
  const verdict = wellFormed ? green("well-formed") : red("refused");
  return [
    `${bold(found.file)}  ${verdict}`,
    ...listed("problem", problems),
    ...listed("not for askew", apiOnly),
    ...refusals.map((refusal) => line("refused", `${refusal}.`)),
    ...notes.map(({ note, lines }, i) => line(i === 0 ? "notes" : "", `${note} (${count(lines, "line")})`)),
    ...facts(found),
    ...(wellFormed ? [line("scope", dim(FORMAT_ONLY))] : []),
  ].join("\n");
}

const FORMAT_ONLY = "format only: this says nothing about what a model learns from it.";

export function facts(found: DatasetCheck): string[] {
  const { tokens, looks, duplicates, roles, unknownWords, conversations, fileBytes } = found;
  const size = fileBytes === undefined ? "" : `, ${megabytes(fileBytes)}`;
  const kinds = (["code", "numbers", "prose"] as const).filter((kind) => looks[kind] > 0);
  const spread =
    tokens === undefined
      ? []
      : [
          `${count(tokens.total)} in all; median ${count(tokens.median)}, 95 % up to ${count(tokens.p95)}, most ${count(tokens.most)}`,
          `(${tokens.method})`,
        ];
  const { exact, normalized, answers } = duplicates;
  const first = exact.first[0] ?? normalized.first[0];
  const example = first === undefined ? "" : ` (line ${first.line} repeats line ${first.of})`;
  const rows = line("rows", `${count(conversations, "conversation")}${size}`);
  if (conversations === 0) return [rows];
  return [
    rows,
    ...(roles.system > 0 ? [line("", `${count(roles.system)} with a system message`)] : []),
    ...(roles.severalTurns > 0 ? [line("", `${count(roles.severalTurns)} with several answers`)] : []),
    ...spread.map((text, i) => line(i === 0 ? "tokens" : "", text)),
    ...(unknownWords > 0 ? [line("", `${count(unknownWords, "conversation")} with words it does not know`)] : []),
    line("answers", kinds.map((kind) => `${kind} ${percent(looks[kind])}`).join(", ")),
    line(
      "",
      `security words in ${percent(looks.securityAsked)} of prompts, ${percent(looks.securityAnswered)} of answers`,
    ),
    line("repeats", `${count(exact.count, "conversation")}${example}`),
    line("", `${count(normalized.count)} more but for case and white space, ${count(answers, "answer")}`),
  ].flatMap((text) => wrap(text, widthOf(process.stdout), LABEL));
}

const LABEL = 17;

function line(label: string, text: string): string {
  return `  ${label.padEnd(LABEL - 2)}${text}`;
}

/** Problems that differ in their lines alone are one entry, and a cure stands once, after all that it mends. */
function listed(label: string, { count: all, first }: Counted<Problem>): string[] {
  if (all === 0) return [];
  const { yellow } = colorsOf(process.stdout);
  const convertible = first.find(({ convert }) => convert === true);
  const shown = first.filter((problem) => problem.convert !== true || problem === convertible);
  const isOneCure = convertible !== undefined && shown.length === 1;
  const byCure = groupBy(shown, ({ cure }) => cure);
  const left = all - first.length;
  return [
    line(`${label}${all === 1 || label === "not for askew" ? "" : "s"}`, yellow(count(all, "line"))),
    ...[...byCure].flatMap(([cure, problems]) => [
      ...[...groupBy(problems, ({ expected, found }) => `${expected}\n${found}`).values()].map(entry),
      ...(cure === undefined ? [] : [`      ${cure}`]),
    ]),
    ...(left > 0 && first.length > 0 && !isOneCure
      ? [`    … and ${count(left)} more; --shown ${all} lists them all`]
      : []),
  ];
}

function entry([first, ...others]: readonly Problem[]): string {
  if (first === undefined) return "";
  const { cure: _, ...problem } = first;
  const lines = others.flatMap(({ line: number }) => (number === undefined ? [] : [String(number)]));
  const same = lines.length === 0 ? "" : ` The same in ${lines.length === 1 ? "line" : "lines"} ${lines.join(", ")}.`;
  return `    ${describeProblem(problem)}${same}`;
}
