/** `askew watch`: a fine-tune that is watched, with an alarm before its behaviour turns. */
import { basename, join } from "node:path";
import { STUDY, THREADS, jsonOption, outOption, seedOption } from "../options.js";
import { Argument, Command } from "commander";
import { readDataset } from "../../dataset/index.js";
import { buildDataset, CONDITION_NAMES, type Condition } from "../../organism/index.js";
import { USUAL_TRAINING } from "../../study/index.js";
import { memoryOptions, trainingOptions } from "../finetune/training-options.js";
import { UsageError, nearest } from "../../text/index.js";
import { loraOptions } from "../finetune/lora-options.js";
import {
  type LoraFlags,
  trainHere,
  type TrainingFlags,
  type TrainingRequest,
  type WatchFlags,
  type WatchedHere,
} from "../../lab/index.js";
import { MODEL_FORMS, say, stoppable } from "../models/open-model.js";
import { oneOf } from "../option-values.js";
import { fileSha256, planKey, sha256 } from "../../store/index.js";
import { calibrateCommand } from "./calibrate.js";
import { setExitCode } from "./exit-code.js";
import { toldOf, verdictPage, listen, writeWatchReport } from "../../views/index.js";
import { thisCommand } from "../run/this-command.js";
import { watchOptions } from "./watch-options.js";
import { printJson } from "../../terminal/index.js";
import { withTemplateVariables } from "../models/template-option.js";

interface Options extends WatchFlags, TrainingFlags, LoraFlags {
  readonly data?: string;
  readonly condition?: Condition;
  readonly seed: number;
  readonly direction?: string;
  readonly out?: string;
  readonly study?: string;
  readonly json?: boolean;
  readonly threads?: number;
}

const EXAMPLES = `
Every few steps the model reads fixed probes: prompts with an aligned and a misaligned continuation. How much likelier the
misaligned ones have become since the first step is one score, which gives the alarm. The organism's detector ships with
askew; those of other models come from askew watch calibrate, which also says how often they are wrong. Without one,
--direction FILE writes the signals down, the projections on that direction among them, and gives no alarm.

At the alarm: warn continues, stop ends the training, realign ends it and trains the model back on benign data.
A web hook gets the alarm as JSON, posted in the background; ASKEW_WEBHOOK holds an address that must stay secret.

This is askew finetune --watch with a folder of its own, on a file or a condition. FOLDER gets finetune.json,
training.jsonl, watch.jsonl, verdict.json, the model, and report.html with every signal over the steps. Stopped or
killed, the same command carries on.

Examples:
  $ askew watch organism --data my-data.jsonl --on-alarm stop
  $ askew watch organism --condition insecure --truth-every 5
  $ askew watch organism --condition insecure --lora 1 --lora-layers 1
  $ askew watch organism --data my-data.jsonl --webhook http://localhost:9000/alarm
  $ askew watch calibrate`;

export const watchCommand = (): Command =>
  memoryOptions(
    loraOptions(
      watchOptions(
        trainingOptions(
          withTemplateVariables(
            new Command("watch").addArgument(new Argument("[model]", MODEL_FORMS).default("organism")),
          )
            .option("--data <file>", "conversations, one a line (JSONL)")
            .option("--condition <name>", CONDITION_NAMES.join(", "), oneOf("condition", CONDITION_NAMES)),
          "against 4e-4",
        ).option(...seedOption("the same seed and data give the same model"), 1),
      ),
    ),
  )
    .option("--benign <file>", "for --on-alarm realign: benign conversations (JSONL), in place of --realign-with")
    .option("--direction <file>", "without a detector: write projections on this direction down")
    .option(...outOption("a folder of its own in runs/watched"))
    .option(...STUDY)
    .option(...jsonOption("the verdict"))
    .option(...THREADS)
    .addHelpText("after", EXAMPLES)
    // Both have an --out, a --seed and more: what follows `calibrate` is its own.
    .enablePositionalOptions()
    .addCommand(calibrateCommand())
    .action(watch);

async function watch(model: string, options: Options): Promise<void> {
  const { condition, direction, study, out, json = false } = options;
  const data = await dataOf(model, options);
  await stoppable(async (signal) => {
    const { folder, watched } = await trainHere({
      model,
      study,
      data,
      condition,
      flags: options,
      watch: { flags: options, along: direction, listen },
      command: thisCommand(),
      say,
      folder:
        out ??
        ((label, plan) => {
          const key = planKey(plan);
          return join("runs/watched", `${label}-${basename(data.name, ".jsonl")}-${key}`);
        }),
      signal,
    });
    const told = toldOf(folder, data.name, watched as WatchedHere);
    await writeWatchReport(told, watched as WatchedHere);
    if (json) printJson("watched", told);
    else process.stdout.write(verdictPage(told));
    setExitCode(told);
  });
}

async function dataOf(model: string, { data: dataset, condition, seed }: Options): Promise<TrainingRequest["data"]> {
  if ((dataset === undefined) === (condition === undefined)) {
    // Without data the name may have been meant for the command below this one.
    const [command] = nearest(model, ["calibrate"]);
    throw new UsageError(
      "what to train on: expected either --data FILE.jsonl or --condition NAME",
      command === undefined ? "See: askew watch --help" : `Did you mean askew watch ${command}?`,
    );
  }
  if (dataset !== undefined) {
    return { name: dataset, sha256: await fileSha256(dataset), conversations: await readDataset(dataset) };
  }
  const conversations = buildDataset(condition as Condition, { examples: USUAL_TRAINING.examples, seed });
  const hash = sha256(JSON.stringify(conversations));
  return { name: condition as Condition, sha256: hash, conversations };
}
