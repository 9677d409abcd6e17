/** `askew import`: results of Inspect AI as a table that `askew score` reads. */
import { Command } from "commander";
import { askewCommand, colorsOf, quoted } from "../../terminal/index.js";
import { printable, UsageError } from "../../text/index.js";
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
  const columns = new Map<string, Column>();
  // A table whose columns must be known first reads its records twice.
  let rows = 0;
  async function* records() {
    columns.clear();
    rows = 0;
    const hear = (name: string, value: unknown): void => {
      const { numbers, other } = columns.get(name) ?? { numbers: 0, other: undefined };
      columns.set(name, {
        numbers: numbers + (typeof value === "number" ? 1 : 0),
        other: other ?? (typeof value === "string" ? value : undefined),
      });
    };
    for (const log of logs) {
      for await (const record of inspectRecords(log, hear)) {
        rows++;
        yield record;
      }
    }
  }
  makeFolderOf(out);
  await writeTable(records, format, out);
  process.stdout.write(summary(out, rows, columns));
}

/** The values in the column of a scorer. */
interface Column {
  readonly numbers: number;
  /** The first text in place of a number. */
  readonly other: string | undefined;
}

function summary(out: string, rows: number, columns: ReadonlyMap<string, Column>): string {
  const { yellow } = colorsOf(process.stdout);
  const gaps = [...columns].flatMap(([name, { numbers, other }]) => {
    if (numbers === rows) return [];
    const found = other === undefined ? "" : `: found ${printable(other.slice(0, 60))}`;
    return [yellow(`  ${printable(name)} has a number in ${numbers === 0 ? "none" : numbers} of ${rows}${found}`)];
  });
  const isScored = [...columns.values()].some(({ numbers }) => numbers > 0);
  const next = isScored ? "" : `  No sample has a score. Next: ${askewCommand()} judge ${quoted(out)} --judge MODEL\n`;
  return `${[`${out}: ${rows} ${rows === 1 ? "sample" : "samples"}`, ...gaps].join("\n")}\n${next}`;
}
