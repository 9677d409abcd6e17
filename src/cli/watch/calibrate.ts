/** `askew watch calibrate`: fits a detector to fine-tunes of many kinds, and tests it on kinds it never saw. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { Argument, Command } from "commander";
import { plannedSets, type AskedSet } from "../../evaluation/index.js";
import type { OpenWeightsModel } from "../../model/index.js";
import {
  contrastOf,
  calibrationPlan,
  fitDetector,
  hashOfProbes,
  measureDetector,
  readDetector,
  readDirection,
  requireDetectorFit,
  requireFit,
  promptDirection,
  writeDetector,
  writeDirection,
  type CalibrationRow,
  type Detector,
  type Direction,
  type WatcherOptions,
} from "../../persona/index.js";
import { DOSE } from "../../study/index.js";
import { openAsking, type Asking } from "../asking/asking.js";
import { askingOptions, type AskingFlags } from "../asking/asking-options.js";
import { namesOf, numberWithin, threadCount, wholeNumber, wholeNumbers } from "../option-values.js";
import { UsageError, VERSION } from "../../text/index.js";
import { fileKinds, type KindFlags } from "./file-kinds.js";
import { probesOf } from "./watching.js";
import { findModel, type FoundModel, MODEL_FORMS, stoppable, studiesOf } from "../models/open-model.js";
import { makeFolderOf, makeOutputFolder } from "../output-folder.js";
import { sha256, claimFile, makeFile } from "../../store/index.js";
import { makeRuns, withKind } from "./calibration-runs.js";
import { calibrationPage } from "./calibration-page.js";
import { calibrationFolder, detectorPath } from "./detector-option.js";
import { saeFor, type SaeFlags } from "../sae/sae-option.js";
import { printJson } from "../../terminal/index.js";
import { Series } from "../../run/index.js";
import { commandOf } from "../run/this-command.js";

interface Options extends SaeFlags, AskingFlags, KindFlags {
  readonly probes?: string;
  readonly runs: number;
  readonly every?: number;
  readonly steps: readonly number[];
  readonly batchSize: readonly number[];
  readonly learningRateMultiplier: number;
  readonly test?: string;
  readonly samples: number;
  readonly falseAlarms: number;
  readonly seed: number;
  readonly direction?: string;
  readonly out?: string;
  readonly ship?: string;
  readonly study?: string;
  readonly fitOnly?: boolean;
  readonly json?: boolean;
  readonly threads?: number;
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
  $ askew watch calibrate --test runs/watch/organism/detector.json --seed 1 --runs 200
  $ askew watch calibrate --fit-only --ship weights/organism/watch.json`;

const EVERY = 2;

export const calibrateCommand = (): Command =>
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
    .option("--probes <file>", "prompt, aligned and misaligned continuation, JSON lines")
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
    .option("--samples <count>", "answers to each question at a look at behaviour", wholeNumber(1, 10_000), 128)
    .option("--false-alarms <share>", "of benign fine-tunes, at most", numberWithin(0.0001, 0.5), 0.02)
    .option("--seed <number>", "names the random streams", wholeNumber(0, 1_000_000), 0)
    .option(
      "--direction <file>",
      "project on this direction (default: one is made: villain minus helper, or of --trait)",
    )
    .option("--sae <folder>", "write latents of this autoencoder down too")
    .option("--latents <numbers>", "which (default: the one that tells the villain best)", wholeNumbers(0, 2 ** 20))
    .option("--out <folder>", "where everything is kept (default: a folder of the model's in runs/watch)")
    .option("--ship <file>", "write the detector there as well")
    .option("--study <folder>", "the study that conditions are taken from")
    .option("--fit-only", "no more runs: fit and test with those there are")
    .option("--json", "print what was measured as JSON on stdout, and nothing else there")
    .option("--threads <count>", "engines of one thread each, a run at a time on each (default: 2)", threadCount)
    .addHelpText("after", EXAMPLES)
    .action(calibrate);

async function calibrate(name: string, options: Options): Promise<void> {
  const { samples, seed, json = false, threads = 2, fitOnly = false, test, ship } = options;
  const found = findModel(name, studiesOf(options.study));
  const folder = options.out ?? join(calibrationFolder(found.label), ...(test === undefined ? [] : ["test"]));
  await stoppable(async (signal) => {
    const model = await found.open({ threads: 1 });
    const others: OpenWeightsModel[] = [];
    let asking: Asking<"open"> | undefined;
    try {
      const identity = await found.identity(model);
      const given = await givenDetector(options, identity);
      const open = { key: "open", name: options.questions, purpose: "development" } as const;
      asking = await openAsking(model, options, [open], { study: options.study, threads: 1, signal });
      const { judge, maxTokens, world } = asking;
      const asked = (each: number): AskedSet => (asking as Asking<"open">).asked("open", each);
      const files = await fileKinds(options, asked);
      const kinds = files?.kinds ?? world?.calibrationKinds;
      if (kinds === undefined) {
        throw new UsageError(
          `${model.name} has no fine-tunes of its own to calibrate on`,
          "Give conversations with --bad, --good, --test-bad and --test-good.",
        );
      }
      const probes = given?.probes ?? (await probesOf(model, options.probes));
      const sae = await saeFor(model, identity, options);
      if (files === undefined && options.questions !== undefined) {
        throw new UsageError(
          "--questions is for a calibration on files: the fine-tunes of a world have questions of their own",
          "Leave it out, or give --bad, --good, --test-bad and --test-good.",
        );
      }
      makeOutputFolder(folder);
      const written = [basename(detectorPath(folder))];
      await Series.refuseStrangers(folder, written);
      if (ship !== undefined) {
        makeFolderOf(ship);
        await claimFile(ship, "--ship");
      }
      const shape = {
        purpose: given === undefined ? "calibration" : "test",
        seed,
        steps: options.steps,
        batchSizes: options.batchSize,
        learningRate: DOSE.learningRate * options.learningRateMultiplier,
      } as const;
      const runs = fitOnly ? [] : calibrationPlan({ runs: options.runs, kinds, ...shape });
      const every = given?.every ?? options.every ?? EVERY;
      const direction = given?.direction ?? (await directionFor(model, identity, folder, asking, options, signal));
      const watching: WatcherOptions = { direction, probes, ...(sae && { sae }) };
      const looks = {
        direction: hashOfVectors(direction.vectors),
        probes: hashOfProbes(probes),
        ...(sae && { sae: sae.sha256, latents: sae.latents }),
      };
      const calibrated = {
        model: identity,
        every,
        samples,
        looks,
        shape,
        ...(files && { files: files.plan, questions: plannedSets([asked(samples)]) }),
        ...asking.plan,
      };
      const series = await Series.open<CalibrationRow>(folder, calibrated, { files: written, ...commandOf() });
      try {
        const todo = runs.filter(({ id }) => series.find(id) === undefined);
        if (todo.length > 0) {
          for (let i = 1; i < Math.min(threads, todo.length); i++) others.push(await openAnother(found));
          await makeRuns([model, ...others], watching, todo, series, {
            kinds,
            judge,
            maxTokens,
            every,
            samples,
            signal,
          });
        }
        const rows = series.rows.map((row) => withKind(row, kinds)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
        const fitted = given ?? fitDetector(rows, { falseAlarms: options.falseAlarms });
        const measured = measureDetector(fitted, rows);
        const file = test ?? detectorPath(folder);
        if (given === undefined) {
          const detector = { askew: VERSION, model: identity, direction, probes, every, ...fitted, tested: measured };
          await writeDetector(file, detector);
          if (ship !== undefined) await makeFile(ship, (temporary) => writeDetector(temporary, detector), "--ship");
        }
        await series.finish();
        const { signals, weights, scales, thresholds, falseAlarms } = fitted;
        const told = { detector: file, signals, weights, scales, thresholds, falseAlarms, ...measured };
        if (json) printJson("watch-calibration", told);
        else process.stdout.write(calibrationPage(identity.name, fitted, measured, file));
      } finally {
        await series.close();
      }
    } finally {
      await asking?.close();
      for (const other of [model, ...others]) await other.close();
    }
  });
}

/** The one to be tested, where nothing is to be fitted. */
async function givenDetector(
  { test, every, direction, ship }: Options,
  identity: Awaited<ReturnType<FoundModel["identity"]>>,
): Promise<Detector | undefined> {
  if (test === undefined) return undefined;
  const idle = direction !== undefined ? "--direction" : ship !== undefined ? "--ship" : every && "--every";
  if (idle) throw new UsageError(`${idle} belongs to a calibration, and --test makes none`, "Leave one of them out.");
  const detector = await readDetector(test);
  requireDetectorFit(test, detector, identity);
  return detector;
}

const hashOfVectors = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  sha256(new Uint8Array(buffer, byteOffset, byteLength));

const openAnother = (found: FoundModel): Promise<OpenWeightsModel> => found.open({ threads: 1 });

async function directionFor(
  model: OpenWeightsModel,
  identity: Awaited<ReturnType<FoundModel["identity"]>>,
  folder: string,
  { world, trait, maxTokens }: Asking<"open">,
  { direction: named }: Options,
  signal: AbortSignal,
): Promise<Direction> {
  const path = named ?? join(folder, "direction.safetensors");
  if (named !== undefined || existsSync(path)) {
    const direction = await readDirection(path, model.reading.shape);
    requireFit(path, direction, model.reading.shape, identity);
    return direction;
  }
  const about = {
    askew: VERSION,
    model: identity,
    samples: trait === undefined ? 20 : 1,
    maxTokens,
    seed: 100,
    signal,
  };
  const questions = trait?.questions ?? world?.questionSet(world.development ?? "");
  const contrast = trait === undefined ? world?.contrast : contrastOf(trait);
  if (questions === undefined || contrast === undefined) {
    throw new UsageError(
      `${identity.name} has no direction to watch along`,
      "Give one with --direction FILE (askew persona direction makes it), or a trait with --trait FILE.",
    );
  }
  const made = await promptDirection(model, { ...about, questions, contrast });
  await writeDirection(path, made);
  return made;
}
