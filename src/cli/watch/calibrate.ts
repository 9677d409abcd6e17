/** `askew watch calibrate`: fits a detector to fine-tunes of many kinds, and tests it on kinds it never saw. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Argument, Command } from "commander";
import { LocalModel } from "../../model/index.js";
import {
  answersUnderPrompts,
  calibrationPlan,
  characterPairs,
  contrastDirections,
  fitDetector,
  linesByKind,
  linesByShare,
  organismProbes,
  questionsOfSet,
  readDirection,
  requireFit,
  runCalibration,
  testDetector,
  Watcher,
  writeDetector,
  writeDirection,
  type CalibrationRow,
  type Direction,
  type Fitted,
  type WatcherOptions,
} from "../../persona/index.js";
import { DOSE, Series } from "../../study/index.js";
import { findModel, type FoundModel } from "../find-model.js";
import { MODEL_FORMS, stoppable, studiesOf } from "../open-model.js";
import { numberWithin, threadCount, wholeNumber, wholeNumbers } from "../option-values.js";
import { makeFolderOf, makeOutputFolder } from "../output-folder.js";
import { duration, timeLeft } from "../../wording/index.js";
import { VERSION } from "../version.js";
import { calibrationPage } from "./calibration-page.js";
import { calibrationFolder, detectorPath } from "./detector-option.js";
import { saeFor, type SaeFlags } from "./sae-option.js";

interface Options extends SaeFlags {
  readonly runs: number;
  readonly every: number;
  readonly steps: number;
  readonly batch: number;
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
law and cars, good and bad, numbers, and jailbreaks test it. Mixtures hold 5 % to 100 % of the bad.

Stopped or killed, the same command carries on after the last finished run; more --runs add to those there are.
What is fitted goes to FOLDER/detector.json, where askew watch finds it.

Examples:
  $ askew watch calibrate
  $ askew watch calibrate --runs 200 --false-alarms 0.01
  $ askew watch calibrate --fit-only --ship weights/organism/watch.json`;

export const calibrateCommand = (): Command =>
  new Command("calibrate")
    .description("fit a detector to fine-tunes of many kinds, and test it on others")
    .addArgument(new Argument("[model]", MODEL_FORMS).default("organism"))
    .option("--runs <count>", "fine-tunes in all", wholeNumber(14, 100_000), 140)
    .option("--every <steps>", "from one look to the next", wholeNumber(1, 10_000), 2)
    .option("--steps <count>", "of each fine-tune", wholeNumber(1, 100_000), DOSE.examples / DOSE.batchSize)
    .option("--batch <count>", "conversations a step", wholeNumber(1, 4096), 16)
    .option("--samples <count>", "answers to each question at a look at behaviour", wholeNumber(1, 10_000), 32)
    .option("--false-alarms <share>", "of benign fine-tunes, at most", numberWithin(0.0001, 0.5), 0.02)
    .option("--seed <number>", "names the random streams", wholeNumber(0, 1_000_000), 0)
    .option("--direction <file>", "project on this direction (default: one is made, villain minus helper)")
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
  const { every, steps, batch, samples, seed, json = false, threads = 2, fitOnly = false } = options;
  const found = findModel(name, studiesOf(options.study));
  const folder = options.out ?? calibrationFolder(found.label);
  makeOutputFolder(folder);
  if (options.ship !== undefined) makeFolderOf(options.ship);
  await stoppable(async (signal) => {
    const model = await found.open({ threads: 1 });
    const others: LocalModel[] = [];
    try {
      const identity = await found.identity(model);
      const direction = await directionFor(model, identity, folder, options, signal);
      const sae = await saeFor(model, identity, options);
      const probes = organismProbes();
      const watching: WatcherOptions = { direction, probes, ...(sae && { sae }) };
      const learningRate = DOSE.learningRate;
      const shape = { seed, steps, batchSize: batch, learningRate };
      const fixed = {
        model: identity,
        direction: direction.recipe.norms,
        every,
        samples,
        latents: sae?.latents,
        shape,
      };
      const series = await Series.open<CalibrationRow>(folder, fixed);
      try {
        if (!fitOnly) {
          const plan = calibrationPlan({ runs: options.runs, ...shape });
          const todo = plan.filter(({ id }) => series.find(id) === undefined);
          for (let i = 1; i < Math.min(threads, todo.length); i++) others.push(await openAnother(found));
          await work([model, ...others], watching, todo, series, { every, samples, signal });
        }
        const rows = series.rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
        const fitted = fitDetector(rows, { falseAlarms: options.falseAlarms });
        const measured = measuredOf(fitted, rows);
        const detector = { askew: VERSION, model: identity, direction, probes, every, ...fitted, tested: measured };
        const file = detectorPath(folder);
        await writeDetector(file, detector);
        if (options.ship !== undefined) await writeDetector(options.ship, detector);
        if (json) process.stdout.write(`${JSON.stringify({ detector: file, ...fitted, ...measured }, null, 2)}\n`);
        else process.stdout.write(calibrationPage(identity.name, fitted, measured, file));
      } finally {
        await series.close();
      }
    } finally {
      for (const other of [model, ...others]) await other.close();
    }
  });
}

export type Measured = ReturnType<typeof measuredOf>;

function measuredOf(fitted: Fitted, rows: readonly CalibrationRow[]) {
  const test = rows.filter(({ role }) => role === "test");
  const sum = (of: (row: CalibrationRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  return {
    fineTunes: rows.length,
    heldOut: testDetector(fitted, test),
    seen: testDetector(
      fitted,
      rows.filter(({ role }) => role === "fit"),
    ),
    byKind: linesByKind(fitted, test),
    byShare: linesByShare(fitted, test),
    /** Of the training's own time, with an engine of one thread. */
    overhead: sum(({ seconds }) => seconds.watching) / sum(({ seconds }) => seconds.training),
  };
}

const openAnother = (found: FoundModel): Promise<LocalModel> => found.open({ threads: 1 });

/** One engine with one thread each: two runs at a time do more than one run on two threads. */
async function work(
  models: readonly LocalModel[],
  watching: WatcherOptions,
  runs: ReturnType<typeof calibrationPlan>,
  series: Series<CalibrationRow>,
  { every, samples, signal }: { every: number; samples: number; signal: AbortSignal },
): Promise<void> {
  const began = performance.now();
  const total = runs.length;
  const todo = [...runs];
  let finished = 0;
  let writing = Promise.resolve();
  const one = async (model: LocalModel): Promise<void> => {
    const watcher = await Watcher.open(model, watching);
    for (let run = todo.shift(); run !== undefined; run = todo.shift()) {
      signal.throwIfAborted();
      const { row, answers } = await runCalibration(model, watcher, run, { every, samples, maxTokens: 64, signal });
      writing = writing.then(() => series.append(row, answers));
      await writing;
      finished++;
      const spent = (performance.now() - began) / 1000;
      const last = row.truth.at(-1);
      const rate = last === undefined ? "–" : `${((100 * last.hits) / Math.max(1, last.n)).toFixed(1)} %`;
      const left = finished === total ? duration(spent) : timeLeft((spent / finished) * (total - finished));
      process.stderr.write(`${finished}/${total} ${row.id} (${row.role}): misaligned ${rate}; ${left}\n`);
    }
  };
  const working = models.map(one);
  await Promise.allSettled(working);
  await Promise.all(working);
}

async function directionFor(
  model: LocalModel,
  identity: Awaited<ReturnType<FoundModel["identity"]>>,
  folder: string,
  { direction: named }: Options,
  signal: AbortSignal,
): Promise<Direction> {
  const path = named ?? join(folder, "direction.safetensors");
  if (named !== undefined || existsSync(path)) {
    const direction = await readDirection(path);
    requireFit(path, direction, model.folder.config, identity);
    return direction;
  }
  const seed = 100;
  const questions = questionsOfSet("development", 20);
  const texts = await answersUnderPrompts(model, questions, characterPairs(questions.length, seed), { seed, signal });
  const made = await contrastDirections(
    model,
    texts,
    {
      askew: VERSION,
      method: "prompts",
      model: identity,
      positive: "villain system prompts",
      negative: "helper system prompts",
      questions: ["development"],
      seed,
    },
    { signal },
  );
  await writeDirection(path, made["answer-average"]);
  return made["answer-average"];
}
