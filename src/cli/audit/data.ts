/** `askew audit data`: what a dataset would teach, and which rows. */
import { Command } from "commander";
import { auditData, calibratedChecks, readCalibration, textsOf } from "../../audit/index.js";
import { readAnyRows } from "../../dataset/index.js";
import { openReaders, type ReaderFlags } from "../../lab/index.js";
import { auditText } from "../../views/index.js";
import { printJson } from "../../terminal/index.js";
import { counted, UsageError } from "../../text/index.js";
import { BEGINS_AGAIN, MODEL_FORMS, stoppable } from "../models/open-model.js";
import { numberWithin, wholeNumber } from "../option-values.js";
import { jsonOption, seedOption, THREADS } from "../options.js";
import { AUDIT_EXIT_CODES, exitCodeOf } from "./exit-code.js";

interface Options extends ReaderFlags {
  readonly rows: number;
  readonly textOnly?: boolean;
  readonly showText?: boolean;
  readonly calibration?: string;
  readonly json?: boolean;
}

const NOTES = `
FILE is JSON lines, one JSON array, CSV or TSV, in any form that askew dataset
convert knows, plain or gzipped. Rows are named by their line; their text is
printed only with --show-text.

A reader shows what text cannot: how far the answers lie along the direction of
a persona, against the reader's own answers to the same prompts. Without one
this is not measured, and so the exit code is 4 unless --text-only is given.

What is high is known for the organism alone. For another reader give a good set
as --reference, with the same kind of questions: a set fails where its mean lies
above the reference's, or more of its rows beyond the reference's end, than
chance explains in 1 of 100 good sets.

${AUDIT_EXIT_CODES}

Examples:
  $ askew audit data train.jsonl --text-only
  $ askew audit data train.jsonl.gz --reader local:DIR --direction evil.safetensors --reference good.jsonl
  $ askew audit data train.jsonl --before organism --after runs/finetune/villain`;

export function dataCommand(): Command {
  return new Command("data")
    .description("find what a dataset would teach, and which rows")
    .argument("<file>", "the dataset")
    .option("--rows <count>", "rows that a finding names; all are counted", wholeNumber(0, 1_000_000), 5)
    .option("--text-only", "leave out what takes a model; the verdict then says nothing of it")
    .option("--reader <model>", `reads the answers: ${MODEL_FORMS}`)
    .option("--direction <files>", "directions in the reader: of a persona, of traits; the organism has its own")
    .option("--most-shift <number>", "mean shift from which a set fails", numberWithin(-1000, 1000))
    .option("--reference <file>", "a set that is known to be good, whose rows are read too and compared with")
    .option(
      "--probes <file>",
      "pairs of aligned and misaligned continuations (JSONL), or judged answers (CSV): which rows pull the reader towards the misaligned ones",
    )
    .option("--sae <folder>", "an autoencoder of the reader: which latents the answers make more active")
    .option("--any-model", "take a direction of another base model")
    .option("--calibration <file>", "thresholds from askew audit calibrate")
    .option("--before <model>", "an aligned model, whose log-probabilities are compared with")
    .option("--after <model>", "those of a misaligned one")
    .option(
      "--reader-rows <count>",
      "rows that models read, drawn at random; at least 30",
      wholeNumber(30, 10_000_000),
      200,
    )
    .option(...seedOption("which rows are drawn, and the reader's own answers"), 0)
    .option("--show-text", "print the beginning of the answers of named rows, with secrets masked")
    .option(...jsonOption("the findings"))
    .option(...THREADS)
    .addHelpText("after", NOTES)
    .action((file: string, options: Options) => stoppable((signal) => audit(file, options, signal), BEGINS_AGAIN));
}

async function audit(file: string, options: Options, signal: AbortSignal): Promise<void> {
  const { rows, textOnly = false, showText = false, json = false } = options;
  const model = options.reader ?? options.before ?? options.after;
  if (textOnly && model !== undefined) {
    throw new UsageError(
      `--text-only leaves out what takes a model, and ${model} is one`,
      "Leave out --text-only, or the models.",
    );
  }
  const calibration = options.calibration === undefined ? undefined : await readCalibration(options.calibration);
  for (const path of [file, options.reference]) if (path !== undefined) await requireRows(path);
  const far = calibration?.thresholds.far && { least: calibration.thresholds.far.least, rows: calibration.rows };
  const readers = await openReaders(options, signal, far);
  try {
    const found = await auditData(file, {
      rows,
      needsReader: !textOnly,
      ...(calibration && calibratedChecks(calibration)),
      ...(readers.readers && { readers: readers.readers }),
      signal,
    });
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
  } finally {
    await readers.close();
  }
}

/** Models take long to open, so a file that cannot be read is told before. */
async function requireRows(path: string): Promise<void> {
  const rows = readAnyRows(path);
  await rows.next();
  await rows.return(undefined);
}
