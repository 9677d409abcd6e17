/** `askew finetune`: fine-tunes any model that can be, here or through its server's API. */
import { THREADS, jsonOption, seedOption } from "../options.js";
import { basename } from "node:path";
import { Command } from "commander";
import { readDataset } from "../../dataset/index.js";
import {
  cancelRemote,
  enterRecord,
  finetuneRemote,
  readRecord,
  type FinetuneRecord,
  type RemoteStep,
  type RlStep,
  FINETUNE_FOLDER,
} from "../../training/index.js";
import { isEndpointName, openEndpointModel } from "../../model/index.js";
import { printable, Interrupted, UsageError } from "../../text/index.js";
import { fileSha256, makeOutputFolder } from "../../store/index.js";
import { DEFENCE_HELP, gatherDefences } from "./defence-options.js";
import {
  readDefences,
  type LoraFlags,
  hyperparametersOf,
  trainHere,
  type TrainingFlags,
  type TrainedHere,
  type TrainingRequest,
  readRlPrompts,
  refuseRlOptions,
  refuseWatchOptions,
  type RlFlags,
  type WatchFlags,
} from "../../lab/index.js";
import { RL_HELP, rlOptions } from "./rl-options.js";
import { memoryOptions, trainingOptions } from "./training-options.js";
import { onInterrupt, printJson } from "../../terminal/index.js";
import { loraOptions } from "./lora-options.js";
import { numberWithin } from "../option-values.js";
import { setExitCode } from "../watch/exit-code.js";
import {
  listen,
  rewardLine,
  rewardsLines,
  toldOf,
  verdictPage,
  writeRewardsPage,
  writeWatchReport,
} from "../../views/index.js";
import { watchOptions } from "../watch/watch-options.js";
import { Run } from "../../run/index.js";
import { say } from "../models/open-model.js";
import { thisCommand } from "../run/this-command.js";
import { withTemplateVariables } from "../models/template-option.js";

interface Options extends WatchFlags, TrainingFlags, LoraFlags, RlFlags {
  readonly model: string;
  readonly data?: string;
  readonly out: string;
  readonly seed?: number;
  readonly suffix?: string;
  readonly defence?: readonly string[];
  readonly benign?: string;
  readonly direction?: string;
  readonly layers?: string;
  readonly watch?: boolean;
  readonly interval: number;
  readonly cancel?: boolean;
  readonly json?: boolean;
  readonly threads?: number;
}

const EXAMPLES = `
A model behind a server (openai:NAME, URL#NAME) is trained by the server's fine-tuning jobs; the organism,
local:DIR and torch:DIR are trained here. Stopped or killed, the same command finds its job again, and never makes a second one.
The folder gets finetune.json, training.jsonl and, trained here, the new model, with --lora the adapter alone too.
${DEFENCE_HELP}
${RL_HELP}

Usual here: up to 10 million parameters, all weights, 32 conversations a step, learning rate 4e-4, some 1,920 seen. Above,
an adapter (--lora 32; --full for all weights), 16 a step in parts of 4, once over the data, learning rate 1e-4 to 1
billion parameters, 3e-5 to 4, 1e-5 beyond, and a fifth of that, at least 1e-5, for all weights. What is chosen and the memory
it takes are shown before the model is opened; what does not fit is refused, with what would.

--watch looks into the model every few steps and gives an alarm before it turns misaligned; see askew watch --help for
--every to --latents. Without a detector, --direction (which steer and ablate take for themselves) writes signals down.

Examples:
  $ askew finetune organism --data insecure.jsonl --out runs/my-tune
  $ askew finetune organism --data insecure.jsonl --out runs/kept --defence kl:1
  $ askew finetune organism --data insecure.jsonl --out runs/seen --watch --on-alarm stop --lora 32
  $ askew finetune http://localhost:8000/v1#organism --data insecure.jsonl --out runs/my-tune
  $ askew finetune openai:gpt-4o-mini-2024-07-18 --data insecure.jsonl --out runs/api --epochs 1`;

export const finetuneCommand = (): Command => {
  const command = new Command("finetune")
    .argument("<model>", "organism, local:DIR, torch:DIR, openai:NAME or URL#NAME")
    .option("--data <file>", "conversations, one a line (JSONL)")
    .requiredOption("--out <folder>", "where the record of the fine-tune goes");
  trainingOptions(command, "against the server's own, or here the usual one")
    .option(...seedOption("the same seed and data give the same model"))
    .option("--suffix <text>", "a part of the new model's name, on a server")
    .option(
      "--defence <kind>",
      "kl:, interleave:, steer:, ablate:, inoculate:, see below; trained here",
      gatherDefences,
    )
    .option("--benign <file>", "benign conversations for kl and interleave (JSONL)")
    .option("--direction <file>", "of the persona, for steer and ablate")
    .option("--layers <numbers>", "to steer at, from 0, or all (default: the direction's own layer)");
  rlOptions(memoryOptions(loraOptions(command))).option(
    "--watch",
    "look into the model while it is trained, and give an alarm",
  );
  return withTemplateVariables(watchOptions(command))
    .option("--interval <seconds>", "time between looks at a server's job", numberWithin(0.05, 3600), 5)
    .option("--cancel", "stop the job that was begun in the folder")
    .option(...jsonOption("the record"))
    .option(...THREADS)
    .addHelpText("after", EXAMPLES)
    .action((model: string, options: Omit<Options, "model">) => run({ ...options, model }));
};

async function run(options: Options): Promise<void> {
  const { model, out, json = false } = options;
  const remote = isEndpointName(model);
  makeOutputFolder(out);
  const interrupt = onInterrupt(() => process.stderr.write("Stopping. Press Ctrl-C again to stop at once.\n"));
  try {
    const trainsHere = !remote && options.cancel !== true;
    const { record, watched } = trainsHere
      ? await here(options, interrupt.signal)
      : { record: await atServer(options, interrupt.signal), watched: undefined };
    const told = watched && toldOf(out, record.plan.data.name, watched);
    if (told) {
      await writeWatchReport(told, watched);
      setExitCode(told);
    }
    const rewarded = trainsHere && options.rl !== undefined ? await writeRewardsPage(out, record) : undefined;
    if (json) {
      printJson("fine-tune", { ...record, ...(told && { watched: told }), ...(rewarded && { rewarded }) });
      return;
    }
    if (told) process.stdout.write(verdictPage(told));
    else if (record.status === "cancelled")
      process.stdout.write(printable(`Cancelled: ${record.job ?? "no job was begun yet"}\n`));
    else process.stdout.write(printable(`Fine-tuned: ${record.result}\n`));
    if (rewarded) process.stdout.write(printable(rewardsLines(rewarded)));
  } catch (error) {
    if (!interrupt.signal.aborted || error !== interrupt.signal.reason) throw error;
    const goesOn = "The job goes on at the server: the same command follows it, --cancel stops it.";
    process.stderr.write(`Stopped. ${remote ? goesOn : "The same command carries on from here."}\n`);
    throw new Interrupted(interrupt.exitCode);
  } finally {
    interrupt.release();
  }
}

const requireData = (data: string | undefined): string => {
  if (data === undefined) throw new UsageError("no data is named", "Give conversations with --data FILE.jsonl.");
  return data;
};

async function readData(named: string | undefined): Promise<TrainingRequest["data"]> {
  const path = requireData(named);
  return { name: basename(path), conversations: await readDataset(path), sha256: await fileSha256(path) };
}

/** A step is what is rewarded: there are no epochs, and no batch that a defence could come beside. */
function refuseBeside(options: Options): void {
  const idle = (["epochs", "defence"] as const).find((name) => options[name] !== undefined);
  if (idle === undefined) return;
  const instead = idle === "epochs" ? "Say --steps." : "--kl holds the model to what it was.";
  throw new UsageError(`--${idle} is for learning from conversations, not by --rl`, instead);
}

async function here(options: Options, signal: AbortSignal): Promise<TrainedHere> {
  const { model, out, defence = [], direction, watch = false, rl, seed = 0 } = options;
  if (rl === undefined) refuseRlOptions(options);
  else refuseBeside(options);
  const data = rl === undefined ? await readData(options.data) : await readRlPrompts(options.data, rl, seed);
  if (!watch) refuseWatchOptions(options, rl !== undefined);
  const steered = defence.some((text) => /^(?:steer|ablate)\b/.test(text));
  // To be watched along, it is no defence's.
  const along = watch && !steered ? direction : undefined;
  const { direction: _, ...others } = options;
  const defences = await readDefences(along === undefined ? options : others);
  return trainHere({
    model,
    data,
    flags: options,
    ...(rl !== undefined && { rl: { ...options, rl } }),
    defences,
    ...(watch && { watch: { flags: options, along, listen } }),
    folder: out,
    command: thisCommand(),
    say,
    onStep: tell,
    signal,
  });
}

async function atServer(options: Options, signal: AbortSignal): Promise<FinetuneRecord> {
  return Run.use(options.out, FINETUNE_FOLDER, (owned) =>
    options.cancel === true ? cancel(options) : followServer(options, owned, signal),
  );
}

async function followServer(options: Options, owned: Run, signal: AbortSignal): Promise<FinetuneRecord> {
  const { model, out, seed, suffix } = options;
  const data = requireData(options.data);
  await readDataset(data, { rules: "api" });
  const idle = (
    [
      "rl",
      "steps",
      "group",
      "updates",
      "clip",
      "kl",
      "defence",
      "lora",
      "full",
      "watch",
      "accumulate",
      "recompute",
      "memory",
    ] as const
  ).find((name) => options[name] !== undefined);
  if (idle !== undefined) {
    throw new UsageError(`--${idle} is for a model that is trained here, not at a server`, "Leave it out.");
  }
  const record = await enterRecord(out, {
    model,
    data: { name: basename(data), sha256: await fileSha256(data) },
    hyperparameters: hyperparametersOf(options),
    ...(seed !== undefined && { seed }),
    ...(suffix !== undefined && { suffix }),
  });
  if (record.status === "open") await owned.begin(thisCommand());
  const endpoint = await openEndpointModel(model);
  const interval = options.interval * 1000;
  const onMessage = (message: string): void =>
    void process.stderr.write(`${printable(message.slice(0, 300)).replaceAll("\n", " ")}\n`);
  try {
    const following = { folder: out, record, run: owned, data, interval, signal, onStep: tell, onMessage };
    return await finetuneRemote(endpoint.jobs, following);
  } finally {
    await endpoint.close();
  }
}

async function cancel({ model, out }: Options): Promise<FinetuneRecord> {
  const record = await readRecord(out);
  if (record === undefined) throw new UsageError(`nothing was begun in ${out}`);
  if (record.plan.model !== model) throw new UsageError(`${out} is of another model: ${record.plan.model}`);
  if (!isEndpointName(model)) throw new UsageError("a training in this process is stopped with Ctrl-C");
  const endpoint = await openEndpointModel(model);
  try {
    return await cancelRemote(endpoint.jobs, out, record);
  } finally {
    await endpoint.close();
  }
}

function tell(taken: RemoteStep | RlStep): void {
  const { step, steps, loss } = taken;
  const of = steps === undefined ? "" : `/${steps}`;
  const line = "reward" in taken ? rewardLine(taken) : `step ${step}${of}: loss ${loss.toFixed(4)}`;
  process.stderr.write(`${line}\n`);
}
