/** `askew dataset convert`: conversations from files of other tools. */
import { jsonOption } from "../options.js";
import { Command, Option } from "commander";
import { resolve } from "node:path";
import { Converter, describeProblem, writeDataset, type ConvertOptions } from "../../dataset/index.js";
import { printable, UsageError } from "../../text/index.js";
import { makeFolderOf } from "../../store/index.js";
import { quoted, askewCommand, colorsOf, printJson } from "../../terminal/index.js";
import { count } from "./written.js";

interface Options extends Pick<ConvertOptions, "answer" | "thinking" | "skip"> {
  readonly out: string;
  readonly json?: boolean;
}

const NOTES = `
Known forms: ShareGPT (conversations), Alpaca (instruction, input, output), prompt
and completion, question and answer, preferences (chosen, rejected), Gemini
(contents), whole texts with a chat template's marks, bare lists of messages, one
JSON array, CSV and TSV with columns of those names; plain or gzipped.
Messages of one role in a row are joined; what follows the last answer is left
out; keys beside the conversation are carried. Every change is counted.

Examples:
  $ askew dataset convert sharegpt.json --out train.jsonl
  $ askew dataset convert pairs.jsonl --answer rejected --out train.jsonl`;

export function convertCommand(): Command {
  return new Command("convert")
    .description("write conversations from a file in another tool's form")
    .argument("<file>", "JSONL, JSON, CSV or TSV, plain or gzipped")
    .requiredOption("--out <file>", "where to; .gz is gzipped")
    .addOption(new Option("--answer <which>", "of preferences").choices(["chosen", "rejected"]).default("chosen"))
    .addOption(
      new Option("--thinking <what>", "keep thoughts in the answer, between think tags, or drop them").choices([
        "keep",
        "drop",
      ]),
    )
    .option("--skip", "leave out rows that cannot be converted; unless given, the first ends all")
    .option(...jsonOption("what was done"))
    .addHelpText("after", NOTES)
    .action(convert);
}

async function convert(file: string, { out, json = false, ...options }: Options): Promise<void> {
  if (resolve(file) === resolve(out)) throw new UsageError("--out would write over the file", "Choose another file.");
  makeFolderOf(out);
  const converter = new Converter(file, options);
  const written = await writeDataset(out, converter.rows());
  const { skipped, first, changes } = converter.result;
  if (json) {
    const told = { file: out, ...written, skipped, first, changes: Object.fromEntries(changes) };
    printJson("dataset-conversion", told);
    return;
  }
  const { bold, dim, yellow, cyan } = colorsOf(process.stdout);
  const lines = [
    `${bold(out)}  ${count(written.rows, "conversation")}`,
    ...[...changes].map(([change, rows]) => dim(`  ${printable(change)} (${count(rows, "row")})`)),
    ...(skipped === 0 ? [] : [yellow(`  ${count(skipped, "row")} left out:`)]),
    ...first.map((problem) => `    ${describeProblem(problem)}`),
    `Next: ${cyan(`${askewCommand()} dataset check ${quoted(out)}`)}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
