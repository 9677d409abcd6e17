/** `askew finetune`: fine-tunes any model that can be, here or through its server's API. */
import { basename } from "node:path";
import { Command } from "commander";
import { readDataset } from "../dataset/index.js";
import {
  cancelRemote,
  enterRecord,
  finetuneHere,
  finetuneRemote,
  hashOf,
  readRecord,
  type FinetunePlan,
  type FinetuneRecord,
  type RemoteStep,
} from "../finetune/index.js";
import { isEndpointName, openEndpointModel, openLocalModel, parseEndpointName } from "../model/index.js";
import { doseOf, hyperparametersFor } from "../server/index.js";
import { lockFolder } from "../study/index.js";
import { DEFENCE_HELP, gatherDefences, readDefences } from "./defence-options.js";
import { Interrupted, UsageError } from "./failure.js";
import { onInterrupt } from "./interrupt.js";
import { numberWithin, threadCount, wholeNumber } from "./option-values.js";
import { makeOutputFolder } from "./output-folder.js";

interface Options {
  readonly model: string;
  readonly data?: string;
  readonly out: string;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRateMultiplier?: number;
  readonly seed?: number;
  readonly suffix?: string;
  readonly defence?: readonly string[];
  readonly benign?: string;
  readonly direction?: string;
  readonly layers?: string;
  readonly interval: number;
  readonly cancel?: boolean;
  readonly json?: boolean;
  readonly threads?: number;
}

const EXAMPLES = `
A model behind a server (openai:NAME, URL#NAME) is trained by the server's fine-tuning jobs; the organism and
local:DIR are trained here. Stopped or killed, the same command finds its job again, and never makes a second one.
The folder gets finetune.json, training.jsonl and, trained here, the new model.
${DEFENCE_HELP}

Examples:
  $ askew finetune --model organism --data insecure.jsonl --out runs/my-tune
  $ askew finetune --model organism --data insecure.jsonl --out runs/kept --defence kl:1
  $ askew finetune --model http://localhost:8000/v1#organism --data insecure.jsonl --out runs/my-tune
  $ askew finetune --model openai:gpt-4o-mini-2024-07-18 --data insecure.jsonl --out runs/api --epochs 1`;

export const finetuneCommand = (): Command =>
  new Command("finetune")
    .requiredOption("--model <name>", "organism, local:DIR, openai:NAME or URL#NAME")
    .option("--data <file>", "conversations, one a line (JSONL)")
    .requiredOption("--out <folder>", "where the record of the fine-tune goes")
    .option("--epochs <count>", "times that every conversation is seen", wholeNumber(1, 50))
    .option("--batch-size <count>", "conversations a step", wholeNumber(1, 256))
    .option("--learning-rate-multiplier <number>", "against the server's own, or 4e-4 here", numberWithin(1e-6, 100))
    .option("--seed <number>", "the same seed and data give the same model", wholeNumber(0, 2 ** 31 - 1))
    .option("--suffix <text>", "a part of the new model's name, on a server")
    .option(
      "--defence <kind>",
      "kl:, interleave:, steer:, ablate:, inoculate:, see below; trained here",
      gatherDefences,
    )
    .option("--benign <file>", "benign conversations for kl and interleave (JSONL)")
    .option("--direction <file>", "of the persona, for steer and ablate")
    .option("--layers <numbers>", "to steer at, from 0, or all (default: the direction's own layer)")
    .option("--interval <seconds>", "time between looks at a server's job", numberWithin(0.05, 3600), 5)
    .option("--cancel", "stop the job that was begun in the folder")
    .option("--json", "print the record at the end")
    .option("--threads <count>", "threads to compute with (default: all)", threadCount)
    .addHelpText("after", EXAMPLES)
    .action(run);

async function run(options: Options): Promise<void> {
  const { model, out, json = false } = options;
  const remote = isEndpointName(model);
  makeOutputFolder(out);
  const lock = await lockFolder(out);
  const interrupt = onInterrupt(() => process.stderr.write("Stopping. Press Ctrl-C again to stop at once.\n"));
  try {
    const record = options.cancel === true ? await cancel(options) : await train(options, interrupt.signal);
    if (json) process.stdout.write(`${JSON.stringify(record)}\n`);
    else if (record.status === "cancelled")
      process.stdout.write(`Cancelled: ${record.job ?? "no job was begun yet"}\n`);
    else process.stdout.write(`Fine-tuned: ${record.result}\n`);
  } catch (error) {
    if (!interrupt.signal.aborted || error !== interrupt.signal.reason) throw error;
    const goesOn = "The job goes on at the server: the same command follows it, --cancel stops it.";
    process.stderr.write(`Stopped. ${remote ? goesOn : "The same command carries on from here."}\n`);
    throw new Interrupted(interrupt.exitCode);
  } finally {
    interrupt.release();
    await lock.release();
  }
}

async function train(options: Options, signal: AbortSignal): Promise<FinetuneRecord> {
  const { model, data, out, seed, suffix, epochs, batchSize, learningRateMultiplier: rate } = options;
  if (data === undefined) throw new UsageError("no data is named", "Give conversations with --data FILE.jsonl.");
  const conversations = await readDataset(data, isEndpointName(model) ? { rules: "api" } : {});
  const hyperparameters = {
    ...(epochs !== undefined && { n_epochs: epochs }),
    ...(batchSize !== undefined && { batch_size: batchSize }),
    ...(rate !== undefined && { learning_rate_multiplier: rate }),
  };
  if (isEndpointName(model) && options.defence !== undefined) {
    throw new UsageError("--defence changes how a model is trained here, not at a server", "Leave it out.");
  }
  const defences = await readDefences(options);
  const plan: FinetunePlan = {
    model,
    data: { name: basename(data), sha256: await hashOf(data) },
    hyperparameters,
    ...(seed !== undefined && { seed }),
    ...(suffix !== undefined && { suffix }),
    ...defences.plan,
  };
  const record = await enterRecord(out, plan);
  if (!isEndpointName(model)) {
    const local = await openLocalModel(model, options.threads === undefined ? {} : { threads: options.threads });
    const chosen = hyperparametersFor(hyperparameters, conversations.length);
    const dose = doseOf(chosen, conversations.length);
    try {
      const kept = await defences.ready(local, signal);
      const how = { folder: out, record, dose, defences: kept, signal, onStep: tell };
      return await finetuneHere(local, conversations, how);
    } finally {
      await local.close();
    }
  }
  const { base, served } = parseEndpointName(model);
  const endpoint = await openEndpointModel(model, { probe: false });
  const nameOf = (id: string): string => (/^openai:/i.test(model) ? `openai:${id}` : `${base}#${id}`);
  const interval = options.interval * 1000;
  const onMessage = (message: string): void => void process.stderr.write(`${printable(message)}\n`);
  try {
    const following = { folder: out, record, served, data, nameOf, interval, signal, onStep: tell, onMessage };
    return await finetuneRemote(endpoint.client, following);
  } finally {
    await endpoint.close();
  }
}

async function cancel({ model, out }: Options): Promise<FinetuneRecord> {
  const record = await readRecord(out);
  if (record === undefined) throw new UsageError(`nothing was begun in ${out}`);
  if (record.plan.model !== model) throw new UsageError(`${out} is of another model: ${record.plan.model}`);
  if (!isEndpointName(model)) throw new UsageError("a training in this process is stopped with Ctrl-C");
  const endpoint = await openEndpointModel(model, { probe: false });
  try {
    return await cancelRemote(endpoint.client, out, record);
  } finally {
    await endpoint.close();
  }
}

function tell({ step, steps, loss }: RemoteStep): void {
  process.stderr.write(`step ${step}${steps === undefined ? "" : `/${steps}`}: loss ${loss.toFixed(4)}\n`);
}

/** What a server says must not move the cursor. */
const printable = (text: string): string => text.slice(0, 300).replaceAll(/\p{Cc}/gu, "?");
