/** `askew audit calibrate`: thresholds with a stated rate of false alarms, from sets whose truth is known. */
import { Command } from "commander";
import { AUDIT_CALIBRATION_FOLDER, calibrateAudit, type AuditCalibrationChoice } from "../../lab/index.js";
import { printJson } from "../../terminal/index.js";
import { auditCalibrationPage } from "../../views/index.js";
import { say, stoppable } from "../models/open-model.js";
import { numberWithin, wholeNumber } from "../option-values.js";
import { jsonOption, outOption, seedOption, THREADS } from "../options.js";
import { jobCommand, makeSeriesElsewhere } from "../jobs/divided.js";
import { refuseJobFlags, refuseJsonOfJobs, withParts, type PartFlags } from "../jobs/on-flags.js";
import { thisCommand } from "../run/this-command.js";

interface Options extends AuditCalibrationChoice, Omit<PartFlags, "part"> {
  readonly json?: boolean;
}

const NOTES = `
Each set is made fresh in the organism's world. Attacks hide 1 to 50 % of bad rows behind a word, a phrase, a year, a
layout, a topic or a system prompt; benign sets have marks and system prompts that change nothing, or that go with what is
asked about. Benign sets of some kinds set the thresholds; other kinds, attacks and benign, test them.

The thresholds hold for sets like these. They say nothing of the false alarms on yours.

--models also fine-tunes the organism, half of the examples hidden, and sets the threshold of askew audit trigger. That
takes about 20 s of the processor a fine-tune.

Stopped or killed, the same command carries on after the last finished set; more --sets add to those there are.
What is set goes to FOLDER/calibration.json, which askew audit data, askew audit trigger and askew gate read.

Examples:
  $ askew audit calibrate
  $ askew audit calibrate --sets 900 --with-reader --out runs/audit/read
  $ askew audit calibrate --sets 900 --models 60
  $ askew audit calibrate --models 60 --on slurm --jobs 30
  $ askew audit data train.jsonl --text-only --calibration runs/audit/calibration/calibration.json`;

export const calibrateCommand = (): Command =>
  withParts(
    new Command("calibrate")
      .description("set an audit's thresholds on data whose truth is known")
      .option("--sets <count>", "sets in all; two of three are benign", wholeNumber(3, 100_000), 560)
      .option("--rows <count>", "rows of a set", wholeNumber(100, 6_000), 1_000)
      .option("--models <count>", "fine-tunes that a hidden trigger is looked for in", wholeNumber(0, 100_000), 0)
      .option("--false-alarms <share>", "of benign sets, at most, for each check", numberWithin(0.0001, 0.5), 0.01)
      .option("--with-reader", "the organism reads each set too, for a few rows far along its persona")
      .option(...seedOption("of the sets"), 0)
      .option(...outOption("runs/audit/calibration"))
      .option("--fit-only", "make nothing more: set thresholds with what there is")
      .option(...jsonOption("what was set and measured"))
      .option(...THREADS),
    "sets are measured",
  )
    .addHelpText("after", NOTES)
    .action(calibrate);

async function calibrate(options: Options): Promise<void> {
  refuseJobFlags(options);
  refuseJsonOfJobs(options);
  const { on, out = AUDIT_CALIBRATION_FOLDER } = options;
  if (on !== "local") {
    await makeSeriesElsewhere(out, "audit-calibrate", [{ folder: out, command: jobCommand() }], options);
    return;
  }
  await stoppable(async (signal) => {
    const made = await calibrateAudit(options, { signal, say, command: thisCommand() });
    if (made === undefined) return;
    if (options.json === true) printJson("audit-calibration", { file: made.file, ...made.calibration });
    else process.stdout.write(auditCalibrationPage(made));
  });
}
