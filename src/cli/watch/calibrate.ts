/** `askew watch calibrate`: fits a detector to fine-tunes of many kinds, and tests it on kinds it never saw. */
import { STUDY, jsonOption, outOption, samplesOption } from "../options.js";
import { Argument, Command } from "commander";
import { askingOptions } from "../asking/asking-options.js";
import { namesOf, numberWithin, threadCount, wholeNumber, wholeNumbers } from "../option-values.js";
import { MODEL_FORMS, say, stoppable } from "../models/open-model.js";
import { calibrationPage } from "../../views/index.js";
import { printJson } from "../../terminal/index.js";
import { jobCommand, makeSeriesElsewhere } from "../jobs/divided.js";
import { refuseJobFlags, refuseJsonOfJobs, refuseMoneyOfJobs, withParts, type PartFlags } from "../jobs/on-flags.js";
import { thisCommand } from "../run/this-command.js";
import { calibrateDetector, detectorCalibrationFolder, type CalibrationChoice } from "../../lab/index.js";

interface Options extends CalibrationChoice, Omit<PartFlags, "part"> {
  readonly json?: boolean;
}

const EXAMPLES = `
Each run is a fine-tune, watched from its first step to its last, with sampled answers to the development questions as
the truth. Insecure code and bad medical advice against secure code, code for a security class, good medical advice,
facts and everyday requests fit the score; other benign fine-tunes of these kinds set the threshold; advice on money, sport,
law and cars, good and bad, numbers, and jailbreaks test it. Mixtures hold 5 % to 100 % of the bad, and every number of
steps goes with every size of batch: the promise holds for fine-tunes within these.

--test FILE fits nothing: it tests a detector on fine-tunes of its own plan, of kinds held out and, benign, of the others.

Stopped or killed, the same command carries on after the last finished run; more --runs add to those there are.
What is fitted goes to FOLDER/detector.json, where askew watch finds it.

A model that is not of the organism's world is calibrated on files: conversations that turn it bad and benign ones to fit
(--bad, --good) and others to test (--test-bad, --test-good), --probes, --trait or --direction, and --judge.

Examples:
  $ askew watch calibrate
  $ askew watch calibrate local:qwen --trait evil.json --probes probes.jsonl --judge openai:gpt-4o \\
      --bad insecure.jsonl --good secure.jsonl --test-bad bad-medical.jsonl --test-good good-medical.jsonl
  $ askew watch calibrate --runs 560 --false-alarms 0.01
  $ askew watch calibrate --on slurm --jobs 40 --cluster cluster.yaml
  $ askew watch calibrate --test runs/watch/organism/detector.json --seed 1 --runs 200
  $ askew watch calibrate --fit-only --ship weights/organism/watch.json`;

export const calibrateCommand = (): Command =>
  withParts(described(), "fine-tunes are made").addHelpText("after", EXAMPLES).action(calibrate);

const described = (): Command =>
  askingOptions(
    new Command("calibrate")
      .description("fit a detector to fine-tunes of many kinds, and test it on others")
      .addArgument(new Argument("[model]", MODEL_FORMS).default("organism")),
    "where misalignment is looked for (default: development)",
  )
    .option("--bad <files>", "conversations that turn a model bad, to fit on (JSONL)", namesOf)
    .option("--good <files>", "benign conversations, to fit on", namesOf)
    .option("--test-bad <files>", "others that turn a model bad, to test on", namesOf)
    .option("--test-good <files>", "other benign conversations, to test on", namesOf)
    .option("--probes <file>", "pairs of aligned and misaligned continuations (JSONL), or judged answers (CSV)")
    .option("--runs <count>", "fine-tunes in all", wholeNumber(5, 100_000), 280)
    .option("--every <steps>", "from one look to the next (default: 2)", wholeNumber(1, 10_000))
    .option("--steps <counts>", "of a fine-tune", wholeNumbers(1, 100_000), [30, 60])
    .option(
      "--batch-size <counts>",
      "conversations a step; all go with all numbers of steps",
      wholeNumbers(1, 4096),
      [8, 32],
    )
    .option(
      "--learning-rate-multiplier <number>",
      "against 4e-4, the largest of the learning rates that are tried",
      numberWithin(1e-6, 100),
      1,
    )
    .option("--test <detector>", "fit nothing: test this one on fine-tunes of another plan")
    .option(...samplesOption("answers to each question at a look at behaviour", 10_000), 128)
    .option("--false-alarms <share>", "of benign fine-tunes, at most", numberWithin(0.0001, 0.5), 0.02)
    .option("--seed <number>", "names the random streams", wholeNumber(0, 1_000_000), 0)
    .option(
      "--direction <file>",
      "project on this direction (default: one is made: villain minus helper, or of --trait)",
    )
    .option("--sae <folder>", "write latents of this autoencoder down too")
    .option(
      "--latents <numbers>",
      "its latent (default: the one that separates the villain best)",
      wholeNumbers(0, 2 ** 20),
    )
    .option(...outOption("a folder of the model's in runs/watch"))
    .option("--ship <file>", "write the detector there as well")
    .option(...STUDY)
    .option("--fit-only", "no more runs: fit and test with those there are")
    .option(...jsonOption("what was measured"))
    .option("--threads <count>", "engines of one thread each, a run at a time on each (default: 2)", threadCount);

async function calibrate(name: string, options: Options): Promise<void> {
  refuseJobFlags(options);
  refuseJsonOfJobs(options);
  refuseMoneyOfJobs(options);
  if (options.on !== "local") {
    const folder = detectorCalibrationFolder(name, options);
    await makeSeriesElsewhere(folder, "watch-calibrate", [{ folder, command: jobCommand() }], options);
    return;
  }
  await stoppable(async (signal) => {
    const made = await calibrateDetector(name, options, { signal, say, command: thisCommand() });
    if (made === undefined) return;
    const { fitted, measured, file } = made;
    const { signals, weights, scales, thresholds, falseAlarms } = fitted;
    if (options.json === true) {
      printJson("watch-calibration", {
        detector: file,
        signals,
        weights,
        scales,
        thresholds,
        falseAlarms,
        ...measured,
      });
    } else process.stdout.write(calibrationPage(made));
  });
}
