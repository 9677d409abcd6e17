/** `askew watch`: a fine-tune that is watched, with an alarm before its behaviour turns. */
import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { Argument, Command } from "commander";
import { buildDataset, CONDITION_NAMES, readDataset, type Condition, type Conversation } from "../../dataset/index.js";
import { stepsOf, type Dose } from "../../finetune/index.js";
import {
  measure,
  organismProbes,
  openQuestions,
  readDirection,
  readProbes,
  requireFit,
  Watcher,
  BENIGN_DATA,
  type BenignData,
  type Direction,
  type Probe,
  type Truth,
} from "../../persona/index.js";
import { doseOf, hyperparametersFor } from "../../server/index.js";
import { DOSE, watchedFinetune, type WatchedPlan, type WatchedVerdict } from "../../study/index.js";
import { fileSha256 } from "../../dataset/index.js";
import { UsageError } from "../failure.js";
import { BASE_KEY } from "../find-model.js";
import { MODEL_FORMS, withModel, type OpenedModel } from "../open-model.js";
import { numberWithin, oneOf, threadCount, wholeNumber, wholeNumbers } from "../option-values.js";
import { makeOutputFolder } from "../output-folder.js";
import { AlarmBell, webhookOf } from "./alarm-bell.js";
import { calibrateCommand } from "./calibrate.js";
import { findDetector, type FoundDetector } from "./detector-option.js";
import { realignAfter, type Realigned } from "./realign-after.js";
import { saeFor, type SaeFlags } from "./sae-option.js";
import { verdictPage } from "./verdict-page.js";
import { WatchProgress } from "./watch-progress.js";

const ACTIONS = ["warn", "stop", "realign"] as const;
type Action = (typeof ACTIONS)[number];

interface Options extends SaeFlags {
  readonly dataset?: string;
  readonly condition?: Condition;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRateMultiplier?: number;
  readonly seed: number;
  readonly every?: number;
  readonly onAlarm: Action;
  readonly realignWith: BenignData;
  readonly webhook?: string;
  readonly truthEvery?: number;
  readonly samples: number;
  readonly detector?: string;
  readonly direction?: string;
  readonly probes?: string;
  readonly out?: string;
  readonly study?: string;
  readonly json?: boolean;
  readonly threads?: number;
}

const EXAMPLES = `
Every few steps the model reads fixed probes. How far it has moved since the first step, along the persona's direction and
in what it holds likely, is one score, which gives the alarm. The detector comes from askew watch calibrate,
which also says how often it is wrong. Without one, --direction FILE writes the signals down and gives no alarm.

At the alarm: warn goes on, stop ends the training, realign ends it and trains the model back on benign data.
A web hook gets the alarm as JSON, posted in the background; ASKEW_WEBHOOK holds an address that must stay secret.

FOLDER gets training.jsonl, watch.jsonl, verdict.json and the model. Stopped or killed, the same command carries on.

Examples:
  $ askew watch organism --dataset my-data.jsonl --on-alarm stop
  $ askew watch organism --condition insecure --truth-every 5
  $ askew watch organism --dataset my-data.jsonl --webhook http://localhost:9000/alarm
  $ askew watch calibrate`;

export const watchCommand = (): Command =>
  new Command("watch")
    .addArgument(new Argument("[model]", MODEL_FORMS).default("organism"))
    .option("--dataset <file>", "conversations, one a line (JSONL)")
    .option("--condition <name>", CONDITION_NAMES.join(", "), oneOf("condition", CONDITION_NAMES))
    .option("--epochs <count>", "times that every conversation is seen", wholeNumber(1, 50))
    .option("--batch-size <count>", "conversations a step", wholeNumber(1, 256))
    .option("--learning-rate-multiplier <number>", "against 4e-4", numberWithin(1e-6, 100))
    .option("--seed <number>", "the same seed and data give the same model", wholeNumber(0, 2 ** 31 - 1), 1)
    .option("--every <steps>", "from one look to the next (default: the detector's)", wholeNumber(1, 100_000))
    .option("--on-alarm <action>", ACTIONS.join(", "), oneOf("action", ACTIONS), "warn")
    .option("--realign-with <data>", BENIGN_DATA.join(", "), oneOf("data", BENIGN_DATA), "facts")
    .option("--webhook <url>", "post the alarm there")
    .option("--truth-every <steps>", "sample behaviour too: development questions", wholeNumber(1, 100_000))
    .option("--samples <count>", "answers to each of those questions", wholeNumber(1, 10_000), 32)
    .option("--detector <file>", "in place of the calibrated one in runs/watch")
    .option("--direction <file>", "without a detector: write projections on this direction down")
    .option("--probes <file>", "without a detector: prompt, aligned and misaligned continuation, JSON lines")
    .option("--sae <folder>", "write latents of this autoencoder down too")
    .option("--latents <numbers>", "which (default: the one that tells the villain best)", wholeNumbers(0, 2 ** 20))
    .option("--out <folder>", "where everything is kept (default: a folder of its own in runs/watched)")
    .option("--study <folder>", "the study that conditions are taken from")
    .option("--json", "print the verdict as JSON on stdout, and nothing else there")
    .option("--threads <count>", "threads to compute with (default: all)", threadCount)
    .addHelpText("after", EXAMPLES)
    // Both have an --out, a --seed and more: what follows `calibrate` is its own.
    .enablePositionalOptions()
    .addCommand(calibrateCommand())
    .action(watch);

interface Data {
  readonly name: string;
  readonly sha256: string;
  readonly conversations: readonly Conversation[];
  readonly dose: Dose;
}

async function watch(name: string, options: Options): Promise<void> {
  const webhook = webhookOf(options.webhook);
  try {
    const data = await dataOf(options);
    await withModel(name, options, async (opened) => {
      const { model, identity, found, signal } = opened;
      const given =
        options.direction === undefined ? await findDetector(options.detector, found.label, identity) : null;
      const { direction, probes } = given === null ? await plainWatching(opened, options) : given.detector;
      const every = options.every ?? given?.detector.every ?? 2;
      const { condition, seed, onAlarm, samples, truthEvery } = options;
      if (given !== null && every !== given.detector.every) {
        throw new UsageError(
          `--every ${every}: ${given.path} was calibrated with a look every ${given.detector.every} steps`,
          "Its threshold holds for those. Leave --every out, or calibrate with --every.",
        );
      }
      const sae = await saeFor(model, identity, options);
      const plan: WatchedPlan = {
        model: { name: identity.name, weights: identity.weights },
        data: { name: data.name, sha256: data.sha256 },
        dose: data.dose,
        seed,
        every,
        detector: given?.sha256 ?? null,
        onAlarm,
        truthEvery: truthEvery ?? null,
      };
      const key = createHash("sha256").update(JSON.stringify(plan)).digest("hex").slice(0, 8);
      const folder = options.out ?? join("runs/watched", `${found.label}-${basename(data.name, ".jsonl")}-${key}`);
      makeOutputFolder(folder);
      const watcher = await Watcher.open(model, { direction, probes, ...(sae && { sae }) });
      const progress = new WatchProgress(process.stderr, stepsOf(data.dose), given?.detector.threshold);
      const set = openQuestions(condition, "development");
      const ask = async (step: number): Promise<Truth> => {
        const measured = await measure(model, [{ set, samples }], { seed, signal });
        const { estimate, n } = measured.metrics[set]?.rate?.wilson ?? { estimate: null, n: 0 };
        return { step, hits: Math.round((estimate ?? 0) * n), n };
      };
      const bell = new AlarmBell(webhook, progress, {
        ...plan,
        folder,
        falseAlarms: given?.detector.falseAlarms ?? null,
      });
      signal.addEventListener("abort", () => void webhook?.close(1000));
      let verdict: WatchedVerdict;
      try {
        verdict = await watchedFinetune(model, data.conversations, {
          folder,
          plan,
          dose: data.dose,
          watcher,
          ...(given && { detector: given.detector }),
          stops: onAlarm !== "warn",
          ask,
          signal,
          metadata: { [BASE_KEY]: identity.base },
          onStep: (step) => progress.step(step),
          onRow: (row) => progress.row(row),
          onAlarm: (row) => bell.ring(row),
        });
      } finally {
        progress.close();
        await watcher.close();
      }
      const realigned =
        onAlarm === "realign" && verdict.alarm !== null
          ? await realignAfter(opened, verdict, { folder, set, seed, samples, data: options.realignWith })
          : null;
      tell(options, { folder, verdict, given, realigned, data: data.name });
    });
  } finally {
    await webhook?.close(10_000);
  }
}

async function dataOf({
  dataset,
  condition,
  epochs,
  batchSize,
  learningRateMultiplier: rate,
  seed,
}: Options): Promise<Data> {
  if ((dataset === undefined) === (condition === undefined)) {
    throw new UsageError(
      "what to train on: expected either --dataset FILE.jsonl or --condition NAME",
      "See: askew watch --help",
    );
  }
  const wanted = {
    ...(epochs !== undefined && { n_epochs: epochs }),
    ...(batchSize !== undefined && { batch_size: batchSize }),
    ...(rate !== undefined && { learning_rate_multiplier: rate }),
  };
  const { examples } = DOSE;
  const conversations =
    dataset === undefined ? buildDataset(condition as Condition, { examples, seed }) : await readDataset(dataset);
  const { length } = conversations;
  const dose = doseOf(hyperparametersFor(wanted, length), length);
  if (dataset !== undefined) return { name: dataset, sha256: await fileSha256(dataset), conversations, dose };
  const sha256 = createHash("sha256").update(JSON.stringify(conversations)).digest("hex");
  return { name: condition as Condition, sha256, conversations, dose };
}

async function plainWatching(
  { model, identity }: OpenedModel,
  { direction: path, probes: file, detector }: Options,
): Promise<{ direction: Direction; probes: readonly Probe[] }> {
  if (detector !== undefined) throw new UsageError("expected either --detector or --direction, found both");
  const direction = await readDirection(path as string);
  requireFit(path as string, direction, model.folder.config, identity);
  return { direction, probes: file === undefined ? organismProbes() : await readProbes(file) };
}

interface Told {
  readonly folder: string;
  readonly verdict: WatchedVerdict;
  readonly given: FoundDetector | null;
  readonly realigned: Realigned | null;
  readonly data: string;
}

function tell({ json = false }: Options, told: Told): void {
  const { given, ...rest } = told;
  const detector = given === null ? null : { file: given.path, falseAlarms: given.detector.falseAlarms };
  if (json) process.stdout.write(`${JSON.stringify({ ...rest, detector }, null, 2)}\n`);
  else process.stdout.write(verdictPage(told));
}
