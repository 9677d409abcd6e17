/** `askew run`: carries on whatever run a folder holds, from the folder alone. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { THREADS } from "../options.js";
import { Argument, Command } from "commander";
import { homeFor } from "../../lab/index.js";
import { readRun, RunKinds } from "../../run/index.js";
import { readJobsFile } from "../../study/index.js";
import { tasksOf } from "../jobs/divided.js";
import { elsewhere } from "../jobs/elsewhere.js";
import { refuseJobFlags, withCluster, type ClusterFlags } from "../jobs/on-flags.js";
import { askewCommand, quoted } from "../../terminal/index.js";
import { UsageError } from "../../text/index.js";
import { hosts } from "../study/trusted-hosts.js";
import { CELL_KIND } from "./cell-kind.js";
import { commandKind, type CarryOnOptions } from "./command-kind.js";

const KINDS = new RunKinds<CarryOnOptions>().register(
  CELL_KIND,
  commandKind("study", ["reproduce", "study"]),
  commandKind("study of several models", ["study"]),
  commandKind("fine-tune", ["finetune", "watch"]),
  commandKind("sparse autoencoder", ["sae train"]),
  commandKind("growth of an organism", ["organism pretrain"]),
  commandKind("gate", ["gate", "audit model"]),
  commandKind("series of measurements", [
    "diff",
    "steer",
    "realign",
    "experiment",
    "persona transfer",
    "watch calibrate",
    "audit calibrate",
  ]),
);

const examples = (name: string): string => `
A folder holds a fine-tune, a cell of a study, a whole study, a sparse autoencoder, a diff, a sweep, a calibration …
Its run.json says which, and with which command it was begun; a cell needs nothing but its cell.json. What was begun is
carried on, what is finished is left as it is. While it runs, events.jsonl in the folder grows.

With --on, each folder is a job of a scheduler's. Several folders without it are one after the other.

Examples:
  $ askew ${name} runs/reproduce/cells/insecure-1
  $ askew ${name} runs/sae
  $ askew ${name} runs/fine-tunes/* --on slurm --cluster cluster.yaml`;

interface Options extends CarryOnOptions, ClusterFlags {}

/** @param name `run`, or what it was called before */
export const runCommand = (name: "run" | "cell" = "run"): Command =>
  withCluster(
    new Command(name)
      .addArgument(new Argument("<folders...>", "folders of runs"))
      .option("--host <name>", "a server that the folder may name and your key may go to; repeatable", hosts)
      .option(...THREADS),
    "runs are carried on",
  )
    .addHelpText("after", examples(name))
    .action(async (folders: readonly string[], options: Options) => {
      if (name === "cell")
        process.stderr.write("askew cell is called askew run now; the old name goes with the next version.\n");
      for (const folder of folders) await requireFolder(folder);
      refuseJobFlags(options);
      if (options.on === "local") await carryOn(folders, options);
      else await carryOnElsewhere(folders, options);
    });

/** @throws {UsageError} where the path is no folder */
async function requireFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  const said = found === undefined ? "there is no such folder" : "this is a file, and a run is a folder";
  const isStudy = found !== undefined && /\.ya?ml$/i.test(path);
  throw new UsageError(
    `${path}: ${said}`,
    isStudy ? `A study's file is run with: ${askewCommand()} study ${quoted(path)}` : "askew status runs lists runs.",
  );
}

async function carryOn(folders: readonly string[], { threads, host }: CarryOnOptions): Promise<void> {
  const options = { ...(threads !== undefined && { threads }), ...(host && { host }) };
  // A run may be carried on in the folder that it was begun in, which changes what a relative path means.
  const [first, ...others] = folders.map((folder) => (folders.length === 1 ? folder : resolve(folder)));
  if (first !== undefined) await KINDS.carryOn(first, options);
  for (const folder of others) await KINDS.carryOn(folder, options);
}

async function carryOnElsewhere(folders: readonly string[], options: Options): Promise<void> {
  const own = [...new Set(folders.map((folder) => resolve(folder)))];
  for (const folder of own) await KINDS.requireKnown(folder);
  const home = homeFor(own);
  const settings = options.cluster === undefined ? {} : await readJobsFile(options.cluster);
  const commands = await Promise.all(own.map(async (folder) => (await readRun(folder))?.command));
  for (const [i, command] of commands.entries()) {
    if (command?.words.includes("--on") !== true) continue;
    throw new UsageError(`${own[i] ?? ""} has jobs of its own: askew ${command.words.join(" ")}`, "Give that command.");
  }
  const servers = (options.host ?? []).map((host) => `https://${host}#any`);
  await elsewhere({ home, name: "run", things: "runs", settings, flags: options, servers }, (follow) =>
    follow(
      tasksOf(
        home,
        own.map((folder) => ({ folder })),
      ),
    ),
  );
}
