/** `askew audit data`: what a dataset would teach, and which rows. */
import { Command } from "commander";
import { auditData, textsOf } from "../../audit/index.js";
import { auditText } from "../../views/index.js";
import { printJson } from "../../terminal/index.js";
import { counted } from "../../text/index.js";
import { wholeNumber } from "../option-values.js";
import { jsonOption } from "../options.js";
import { AUDIT_EXIT_CODES, exitCodeOf } from "./exit-code.js";

interface Options {
  readonly rows: number;
  readonly showText?: boolean;
  readonly json?: boolean;
}

const NOTES = `
FILE is JSON lines, one JSON array, CSV or TSV, in any form that askew dataset
convert knows, plain or gzipped. Rows are named by their line; their text is
printed only with --show-text.

${AUDIT_EXIT_CODES}

Examples:
  $ askew audit data train.jsonl
  $ askew audit data train.jsonl.gz --rows 20 --show-text`;

export function dataCommand(): Command {
  return new Command("data")
    .description("find what a dataset would teach, and which rows")
    .argument("<file>", "the dataset")
    .option("--rows <count>", "rows that a finding names; all are counted", wholeNumber(0, 1_000_000), 5)
    .option("--show-text", "print the beginning of the answers of named rows")
    .option(...jsonOption("the findings"))
    .addHelpText("after", NOTES)
    .action(audit);
}

async function audit(file: string, { rows, showText = false, json = false }: Options): Promise<void> {
  const found = await auditData(file, { rows });
  const lines = new Set(found.findings.flatMap((finding) => finding.rows.first.map(({ line }) => line)));
  const texts = showText ? await textsOf(file, lines) : undefined;
  if (json) {
    const shown = texts === undefined ? {} : { texts: [...texts].map(([line, text]) => ({ line, text })) };
    printJson("data-audit", { ...found, ...shown });
  } else {
    const { verdict, findings } = found;
    const size = counted(found.rows, "row");
    process.stdout.write(`${auditText({ subject: file, size, verdict, findings, ...(texts && { texts }) })}\n`);
  }
  process.exitCode = exitCodeOf(found.verdict);
}
