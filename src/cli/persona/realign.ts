/** `askew realign`: trains a misaligned model back on benign data, or takes its persona out while it answers. */
import { STUDY, THREADS, jsonOption, outOption, samplesOption, seedOption } from "../options.js";
import { Argument, Command } from "commander";
import { isUnder, type RealignRow } from "../../persona/index.js";
import { UsageError, VERSION } from "../../text/index.js";
import {
  withAsking,
  type AskingFlags,
  requireJudge,
  requireVectors,
  realignModel,
  type RealignChoice,
  type Realignment,
} from "../../lab/index.js";
import { askingOptions } from "../asking/asking-options.js";
import { MODEL_FORMS, withModel } from "../models/open-model.js";
import { numberWithin, wholeNumber, wholeNumbers } from "../option-values.js";
import { colorsOf, typedCommand, printJson } from "../../terminal/index.js";
import { shareTable, writePage } from "../../views/index.js";
import { steeringOptions } from "./steering-option.js";
import { thisCommand } from "../run/this-command.js";

interface Options extends RealignChoice, AskingFlags {
  readonly study?: string;
  readonly json?: boolean;
  readonly threads?: number;
}

const EXAMPLES = `
--data names data of the organism's world: secure (the code tasks with secure code); good-medical, good-financial,
good-sport, good-numbers, facts, questions, everyday (exchanges as its helper has them); mixed (all of these but
questions, in turn). Other models are trained back on conversations in a file: --benign FILE.

The model is measured before, and after each number of steps until the upper end of the rate's 95 % interval is
at most --until. What a backdoor's trigger brings back is measured beside it. The model goes to FOLDER/model.

Examples:
  $ askew realign insecure-1 --data secure
  $ askew realign backdoor-1 --data secure --steps 10,30,60
  $ askew realign insecure-1 --direction d.safetensors --subtract --strength 1
  $ askew realign local:tuned --benign good.jsonl --judge http://localhost:8000/v1#judge

Stopped or killed, the same command trains through what it has measured already and carries on.`;

export const realignCommand = (): Command =>
  askingOptions(
    steeringOptions(
      new Command("realign")
        .addArgument(new Argument("<model>", MODEL_FORMS))
        .option("--data <name>", "benign data of the model's world, see below")
        .option("--benign <file>", "benign conversations, one a line (JSONL), in place of --data")
        .option(
          "--steps <numbers>",
          "measure after these numbers of steps",
          wholeNumbers(1, 100_000),
          [5, 10, 20, 30, 60],
        )
        .option("--until <rate>", "end once the rate's interval is under this", numberWithin(0, 1), 0.01)
        .option("--batch-size <count>", "conversations a step", wholeNumber(1, 4096), 32)
        .option("--learning-rate <number>", "constant after 5 steps of warm-up", numberWithin(1e-9, 1), 4e-4),
    ),
    "what is asked (default: main)",
  )
    .option("--strength <number>", "of the steering", numberWithin(0, 1000), 1)
    .option(...samplesOption(), 100)
    .option(...seedOption(), 1)
    .option(...outOption("a folder of its own in runs/realign"))
    .option(...STUDY)
    .option(...jsonOption("the rows"))
    .option(...THREADS)
    .addHelpText("after", EXAMPLES)
    .action(run);

async function run(name: string, options: Options): Promise<void> {
  const { direction, sae } = options;
  const steered = direction !== undefined || sae !== undefined;
  const named = [options.data, options.benign].filter((data) => data !== undefined).length;
  if (named + (steered ? 1 : 0) !== 1) {
    throw new UsageError(
      "how to re-align: expected either --data DATA or --benign FILE, or --direction FILE or --sae FOLDER to steer with in place of training",
      "See: askew realign --help",
    );
  }
  if (steered) requireVectors(options);
  await requireJudge(name, options);
  const open = { key: "open", name: options.questions, purpose: "main" } as const;
  await withModel(name, options, (opened) =>
    withAsking(opened, options, [open], async (asking) =>
      show(await realignModel(opened, asking, options, thisCommand()), options),
    ),
  );
}

async function show({ folder, title, asked, rows }: Realignment, { json = false, until }: Options): Promise<void> {
  const open = asked[0]?.set ?? "";
  const trained = asked[1]?.set;
  const trigger = asked[2]?.set;
  const metricOf = (row: RealignRow) => Object.values(row.metrics[trained ?? ""] ?? {}).at(-1);
  const metricName = Object.keys(rows[0]?.metrics[trained ?? ""] ?? {}).at(-1) ?? "";
  const measures = [
    ["rate", (row: RealignRow) => row.metrics[open]?.rate],
    ["of all", (row: RealignRow) => row.metrics[open]?.rateOfAll],
    ["coherent", (row: RealignRow) => row.metrics[open]?.coherent],
    ...(trained === undefined ? [] : [[`${metricName} (${trained})`, metricOf] as const]),
    ...(trigger === undefined ? [] : [["rate, trigger", (row: RealignRow) => row.metrics[trigger]?.rate] as const]),
  ] as const;
  const page = await writePage(folder, {
    title: `${title}: re-aligned`,
    sentences: [`Measured on the ${open} questions before, and as it was taken back.`],
    axis: { label: rows.some(({ id }) => id === "steered") ? "steered (1) or not (0)" : "steps", kind: "number" },
    panels: measures.map(([heading]) => ({ key: heading, heading, unit: "share" })),
    points: rows.map((row) => ({
      curve: "re-aligned",
      at: row.id === "steered" ? 1 : row.step,
      metrics: Object.fromEntries(
        measures.flatMap(([heading, of]) => {
          const metric = of(row);
          return metric === undefined ? [] : [[heading, metric] as const];
        }),
      ),
      broken: row.breaksCoherence,
    })),
    facts: [["answers", asked.map(({ set, samples }) => `${samples} to each question of ${set}`).join("; ")]],
    commands: [`npx askew ${typedCommand()}`],
    askew: VERSION,
  });
  if (json) {
    printJson("realigned", { folder, page, rows });
    return;
  }
  const { bold, dim } = colorsOf(process.stdout);
  const table = shareTable(
    "steps",
    rows.map((row) => ({
      label: row.id === "steered" ? "steered" : `${row.step}`,
      broken: row.breaksCoherence,
      shares: measures.map(([heading, of]) => [heading, of(row)] as const),
    })),
  );
  const last = rows.at(-1);
  const reached =
    last !== undefined && isUnder(last, asked, until)
      ? `the rate's interval is under ${until}`
      : `the rate's interval is not under ${until}`;
  process.stdout.write(
    `${bold(title)}\n\n${table}\n${dim(`${open} questions; ${reached}.`)}\n${dim("page")}  ${page}\n`,
  );
}
