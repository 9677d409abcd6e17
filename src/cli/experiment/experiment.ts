/** `askew experiment`: what mixtures, doses, adapters and the like do, each experiment in one command. */
import { join } from "node:path";
import { THREADS, jsonOption, outOption, samplesOption } from "../options.js";
import { Argument, Command } from "commander";
import {
  EXPERIMENTS,
  runExperiment,
  STUDY_CONDITIONS,
  type Experiment,
  type ExperimentOptions,
  type ExperimentSummary,
  overOrganisms,
  type OrganismFound,
  type ExperimentChoice,
} from "../../study/index.js";
import { UsageError, suggestion } from "../../text/index.js";
import { listOf, namesOf, wholeNumber } from "../option-values.js";
import { makeOutputFolder, writeJson } from "../../store/index.js";
import { askewCommand, colorsOf, widthOf, printJson, typedCommand } from "../../terminal/index.js";
import { jobCommand, makeSeriesElsewhere } from "../jobs/divided.js";
import { refuseJobFlags, refuseJsonOfJobs, refuseMoneyOfJobs, withParts, type PartFlags } from "../jobs/on-flags.js";
import type { RunCommand } from "../../run/index.js";
import { thisCommand } from "../run/this-command.js";
import { watched } from "../study/run-options.js";
import { wrap } from "../../layout/index.js";
import { labelOf } from "../../files/index.js";
import { openSetting, readSettingFiles, type OpenedSetting, type SettingFlags } from "../../lab/index.js";
import { printExperiment, printOrganisms, writeExperimentPage } from "../../views/index.js";
import { askingOptions } from "../asking/asking-options.js";
import { memoryOptions, trainingOptions } from "../finetune/training-options.js";
import { say } from "../models/open-model.js";
import { announced, ORGANISMS, organismsOf, refuseOtherModel } from "../organism/organisms.js";

interface Options extends SettingFlags, PartFlags {
  readonly quick?: boolean;
  readonly seeds?: number;
  readonly conditions?: readonly string[];
  readonly model: string;
  readonly organisms?: readonly string[];
  readonly teacher?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly threads?: number;
}

const USUAL_SEEDS = 3;

const EXAMPLES = `
Without a name, or with the name list, the experiments are listed.

A model that does not speak the organism's language needs --data, and a judge: --judge openai:gpt-4o, or
--judge http://localhost:8000/v1#my-judge. mixtures, defences, prolonged and conditional need --benign, defences and prolonged the persona's
direction too; base-model needs the model before its alignment, in a folder pretrained inside its own. What is missing
is said before anything is asked.

Examples:
  $ askew experiment
  $ askew experiment mixtures --quick
  $ askew experiment mixtures --conditions insecure,bad-medical --seeds 5 --out runs/mixtures
  $ askew experiment rl --organisms organism,runs/organisms
  $ askew experiment distance --organisms 5
  $ askew experiment mixtures --seeds 10 --on slurm --jobs 40
  $ askew experiment subliminal --teacher local:runs/organisms/seed-2
  $ askew experiment mixtures local:qwen --data bad.jsonl --benign good.jsonl --judge openai:gpt-4o

Ctrl-C stops between two steps; the same command carries on where it stopped, and more --seeds add to what is there.
The folder holds every answer, rows.jsonl, summary.json, and report.html for the browser.`;

/** No experiment: what other commands call the command that lists. */
const LIST = "list";
const NAMES = EXPERIMENTS.map(({ name }) => name);
/** Those of any experiment; which of them an experiment takes is said when it is known. */
const CONDITIONS = [
  ...new Set([
    ...STUDY_CONDITIONS.filter((name) => name !== "base"),
    ...EXPERIMENTS.flatMap(({ conditions }) => conditions?.possible ?? []),
  ]),
];

const settingOptions = (command: Command): Command =>
  trainingOptions(
    askingOptions(
      command
        .option("--data <files>", "conversations to fine-tune on, each file a condition (JSONL)", namesOf)
        .option("--benign <file>", "harmless conversations, to mix in and to hold a model to")
        .option("--development <set>", "questions that choices are made by (default: development, or pre-registered)")
        .option(...samplesOption("answers to each main question"))
        .option("--direction <file>", "the persona's direction (default: made from --trait)")
        .option("--probes <file>", "pairs of aligned and misaligned continuations (JSONL), or judged answers (CSV)"),
      "what is measured (default: main)",
    ),
    "against the one usual for the model's size, with --data",
  );

export const experimentCommand = (): Command => {
  const command = settingOptions(
    new Command("experiment")
      .description("run one of the experiments beyond askew reproduce, or list them")
      .addArgument(new Argument("[name]", NAMES.join(", ")))
      .addArgument(new Argument("[model]", "organism, or local:DIR").default("organism"))
      .option("--quick", "one seed, fewer arms and answers: about a minute")
      .option("--seeds <count>", `models of each kind (default: ${USUAL_SEEDS}, with --quick 1)`, wholeNumber(1, 1000))
      .option(
        "--conditions <names>",
        "what models are fine-tuned on, where the experiment has a choice",
        listOf("condition", CONDITIONS),
      ),
  );
  return withParts(memoryOptions(command), "models are made and asked")
    .option("--teacher <model>", "another model whose numbers are learned, too (subliminal)")
    .option(...ORGANISMS)
    .option(...outOption("runs/experiments and the name"))
    .option(...jsonOption("the summary"))
    .option(...THREADS)
    .addHelpText("after", EXAMPLES)
    .action((name: string | undefined, model: string, options: Omit<Options, "model">) =>
      run(name, { ...options, model }),
    );
};

async function run(name: string | undefined, options: Options): Promise<void> {
  const { quick = false, json = false } = options;
  refuseJobFlags(options);
  refuseJsonOfJobs(options);
  refuseMoneyOfJobs(options);
  if (name === undefined || name === LIST) {
    if (json)
      printJson("experiments", { experiments: EXPERIMENTS.map((one) => ({ name: one.name, about: one.about })) });
    else list();
    return;
  }
  const experiment = EXPERIMENTS.find((one) => one.name === name);
  if (experiment === undefined) throw new UsageError(`there is no experiment "${name}"`, suggestion(name, NAMES));
  const choice: ExperimentChoice = {
    quick,
    seeds: Array.from({ length: options.seeds ?? (quick ? 1 : USUAL_SEEDS) }, (_, i) => i + 1),
    conditions: conditionsOf(experiment, options),
    model: options.model,
  };
  const folder = options.out ?? join("runs/experiments", `${name}${quick ? "-quick" : ""}`);
  makeOutputFolder(folder);
  const { organisms } = options;
  if (options.on !== "local" && organisms === undefined) {
    await makeSeriesElsewhere(folder, `experiment-${name}`, [{ folder, command: jobCommand() }], options);
    return;
  }
  if (organisms !== undefined) {
    await onOrganisms(experiment, choice, folder, { ...options, organisms });
    return;
  }
  const { summary, page } = await onOne(experiment, choice, folder, options, thisCommand());
  if (options.part !== undefined) return;
  if (json) printJson("experiment", summary);
  else printExperiment(summary, { summaryFile: join(folder, "summary.json"), page });
}

const command = (): string => `npx askew ${typedCommand()}`;

async function onOne(
  experiment: Experiment,
  choice: ExperimentChoice,
  folder: string,
  options: Options,
  carriesOn: RunCommand | undefined,
): Promise<{ readonly summary: ExperimentSummary; readonly page: string }> {
  const files = await readSettingFiles(choice.model, experiment, options);
  let opened: OpenedSetting | undefined;
  return watched(options.threads, async (running) => {
    const setting: ExperimentOptions["setting"] = async (model, signal) => {
      opened = await openSetting(model, experiment, options, { say, files, signal });
      return opened.setting;
    };
    try {
      const made = await runExperiment(experiment, choice, folder, {
        ...running,
        setting,
        part: options.part,
        ...(carriesOn && { command: carriesOn }),
        teacher: options.teacher,
      });
      return { summary: made, page: await writeExperimentPage(folder, made, command()) };
    } finally {
      await opened?.close();
    }
  });
}

/** One after the other, each in a folder of its own, and all in one table. */
async function onOrganisms(
  experiment: Experiment,
  choice: ExperimentChoice,
  folder: string,
  options: Options & { readonly organisms: readonly string[] },
): Promise<void> {
  refuseOtherModel(options.model);
  const all = (await organismsOf(options.organisms, options.threads)).map((one) => ({
    ...one,
    folder: join(folder, one.organism),
    command: onlyOn(one.model),
  }));
  if (options.on !== "local") {
    await makeSeriesElsewhere(folder, `experiment-${experiment.name}`, all, options);
    return;
  }
  const found: OrganismFound[] = [];
  for (const { organism, model, folder: own, command: carriesOn } of announced(all)) {
    const { summary } = await onOne(experiment, { ...choice, model }, own, options, carriesOn);
    found.push({ organism, summary });
  }
  const summary = overOrganisms(found);
  const summaryFile = join(folder, "summary.json");
  await writeJson(summaryFile, summary);
  const page = await writeExperimentPage(folder, summary, command());
  if (options.json === true) {
    printJson("experiment", summary);
    return;
  }
  printExperiment(summary, { summaryFile, page });
  printOrganisms(summary);
}

/** The command of one of several organisms, which carries on in its own folder. */
function onlyOn(model: string): RunCommand {
  const { words, cwd } = jobCommand();
  const kept = words.filter((word, i) => !/^--organisms(?:=|$)/.test(word) && words[i - 1] !== "--organisms");
  const name = kept.findIndex((word, i) => i > 0 && NAMES.includes(word));
  return { words: kept.toSpliced(name + 1, 0, model), cwd };
}

function list(): void {
  const { bold, dim } = colorsOf(process.stdout);
  const wide = Math.max(...NAMES.map((one) => one.length)) + 2;
  const width = Math.min(100, widthOf(process.stdout)) - wide;
  const lines = EXPERIMENTS.flatMap(({ name, about, published }) => [
    ...wrap(about, width).map((line, i) => `${i === 0 ? bold(name.padEnd(wide)) : " ".repeat(wide)}${line}`),
    ...wrap(`Published: ${published}`, width).map((line) => `${" ".repeat(wide)}${dim(line)}`),
  ]);
  process.stdout.write(`${lines.join("\n")}\n\nRun one with: ${askewCommand()} experiment ${NAMES[0] ?? ""} --quick\n`);
}

function conditionsOf(
  { name, conditions }: Experiment,
  { conditions: wanted, data }: Pick<Options, "conditions" | "data">,
): readonly string[] {
  if (data !== undefined) {
    if (wanted === undefined) return data.map((path) => labelOf(path));
    throw new UsageError("--conditions: with --data each file is a condition", "Leave out one of the two.");
  }
  if (wanted === undefined) return conditions?.usual ?? [];
  if (conditions === undefined) throw new UsageError(`--conditions: ${name} has no choice of conditions`);
  const wrong = wanted.find((condition) => !conditions.possible.includes(condition));
  if (wrong !== undefined) {
    throw new UsageError(
      `--conditions: ${name} cannot be run with ${wrong}`,
      `Choose from: ${conditions.possible.join(", ")}.`,
    );
  }
  return wanted;
}
