/** `askew import`: results of Inspect AI as a table that `askew score` reads. */
import { Command } from "commander";
import { UsageError } from "../../text/index.js";
import { makeFolderOf } from "../../store/index.js";

const FORMATS = ["csv", "jsonl", "parquet"] as const;

export function importCommand(): Command {
  return new Command("import")
    .argument("<log...>", "logs of Inspect AI, .eval or .json")
    .requiredOption("--out <file>", "the table to write, by its ending: .csv, .jsonl or .parquet")
    .addHelpText(
      "after",
      `
Every sample becomes a row: model, task, question_id, epoch, question, answer, target, and a column for each scorer.

Examples:
  $ askew import logs/*_mmlu-0-shot_*.eval --out mmlu.csv
  $ askew score mmlu.csv --value choice --by model --baseline openai/gpt-4o`,
    )
    .action((logs: string[], { out }: { readonly out: string }) => run(logs, out));
}

async function run(logs: readonly string[], out: string): Promise<void> {
  const format = FORMATS.find((ending) => out.toLowerCase().endsWith(`.${ending}`));
  if (format === undefined) {
    throw new UsageError(
      `cannot tell from "${out}" what to write`,
      "Give a file that ends in .csv, .jsonl or .parquet.",
    );
  }
  const { inspectRecords, writeTable } = await import("../../evaluation/index.js");
  async function* records() {
    for (const log of logs) yield* inspectRecords(log);
  }
  makeFolderOf(out);
  const rows = await writeTable(records, format, out);
  process.stdout.write(`${out}: ${rows} ${rows === 1 ? "sample" : "samples"}\n`);
}
