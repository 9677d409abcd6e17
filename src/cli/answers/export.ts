/** `askew export`: answers and their judgments in other tools' formats. */
import { Command, Option } from "commander";
import { UsageError, VERSION } from "../../text/index.js";
import { makeFolderOf } from "../../store/index.js";
import { CountProgress } from "../../terminal/index.js";

type Format = "csv" | "jsonl" | "parquet" | "inspect";

interface Options {
  readonly to?: Format;
  readonly out: string;
  readonly set?: string;
  readonly answers?: string;
  readonly requests?: string;
}

const ENDINGS: Readonly<Record<string, Format>> = {
  ".csv": "csv",
  ".jsonl": "jsonl",
  ".parquet": "parquet",
  ".eval": "inspect",
  ".json": "inspect",
};

export function exportCommand(): Command {
  return new Command("export")
    .argument("<path...>", "folders of studies, or files of judged answers (.csv, .jsonl)")
    .requiredOption("--out <path>", "the file to write; a folder where it takes several logs")
    .addOption(
      new Option("--to <format>", "by default what the ending of --out says").choices([
        "csv",
        "jsonl",
        "parquet",
        "inspect",
      ]),
    )
    .option("--answers <file>", "the answers that judgments in a file are of (default: the file beside it)")
    .option("--requests <file>", "the file that a batch was made of, where those answers are its output")
    .option("--set <name>", "only the answers to one question set")
    .addHelpText(
      "after",
      `
Examples:
  $ askew export runs/reproduce --out answers.parquet
  $ askew export runs/reproduce --set main --to inspect --out logs    then: inspect view --log-dir logs
  $ askew export answers.csv --out answers.eval`,
    )
    .action((paths: string[], options: Options) => run(paths, options));
}

async function run(paths: readonly string[], { to, out, set, answers, requests }: Options): Promise<void> {
  const format = to ?? formatOf(out);
  const { answerRecords, writeInspectLogs, writeTable } = await import("../../evaluation/index.js");
  const records = () => chosen(answerRecords(paths, answers, requests), set);
  if (formatOfName(out) !== undefined) makeFolderOf(out);
  if (format === "inspect") {
    const progress = new CountProgress(process.stderr, "answers", () => undefined);
    const onProgress = (now: { done: number; total: number }): void => progress.hear({ ...now, failed: 0 });
    const files = await writeInspectLogs(records, out, { version: VERSION, onProgress }).finally(() => {
      progress.close();
    });
    process.stdout.write(`${files.join("\n")}\n`);
    return;
  }
  const rows = await writeTable(records, format, out);
  process.stdout.write(`${out}: ${rows} ${rows === 1 ? "answer" : "answers"}\n`);
}

const formatOfName = (out: string): Format | undefined =>
  Object.entries(ENDINGS).find(([ending]) => out.toLowerCase().endsWith(ending))?.[1];

function formatOf(out: string): Format {
  const found = formatOfName(out);
  if (found !== undefined) return found;
  throw new UsageError(
    `cannot tell from "${out}" what to write`,
    `Give --to, or a file that ends in ${Object.keys(ENDINGS).join(", ")}.`,
  );
}

async function* chosen<T extends Readonly<Record<string, unknown>>>(
  records: AsyncIterable<T>,
  set: string | undefined,
): AsyncGenerator<T, void> {
  const sets = new Set<string>();
  let count = 0;
  for await (const record of records) {
    if (typeof record["set"] === "string") sets.add(record["set"]);
    if (set !== undefined && record["set"] !== set) continue;
    count++;
    yield record;
  }
  if (count === 0 && set !== undefined) {
    throw new UsageError(
      `there are no answers to the set "${set}"`,
      sets.size === 0 ? "These answers name no sets." : `Choose from: ${[...sets].join(", ")}.`,
    );
  }
}
