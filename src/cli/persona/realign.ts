/** `askew realign`: trains a misaligned model back on benign data, or takes its persona out while it answers. */
import { existsSync } from "node:fs";
import { Argument, Command } from "commander";
import { join } from "node:path";
import { type AskedSet, type Judge, plannedSets } from "../../evaluation/index.js";
import {
  isUnder,
  measureSteered,
  realign,
  steeringOf,
  type RealignPlan,
  type RealignRow,
} from "../../persona/index.js";
import { placeOf } from "../../study/index.js";
import { UsageError, VERSION } from "../../text/index.js";
import { withAsking, type Asking } from "../asking/asking.js";
import { askingOptions, type AskingFlags } from "../asking/asking-options.js";
import { benignData, type NamedBenign } from "../asking/benign-data.js";
import { BASE_KEY } from "../../model/index.js";
import { MODEL_FORMS, withModel, type OpenedModel } from "../models/open-model.js";
import { numberWithin, threadCount, wholeNumber, wholeNumbers } from "../option-values.js";
import { makeOutputFolder } from "../output-folder.js";
import { colorsOf, typedCommand, printJson } from "../../terminal/index.js";
import { planKey } from "../../store/index.js";
import { shareTable } from "./shares.js";
import { openVectors, requireVectors, type SteeringFlags, steeringOptions } from "./steering-option.js";
import { writePage } from "./steer-page.js";
import { Series } from "../../run/index.js";
import { commandOf } from "../run/this-command.js";

interface Options extends SteeringFlags, AskingFlags {
  readonly data?: string;
  readonly benign?: string;
  readonly steps: readonly number[];
  readonly until: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly strength: number;
  readonly samples: number;
  readonly seed: number;
  readonly out?: string;
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
        .option("--steps <numbers>", "measure after so many steps", wholeNumbers(1, 100_000), [5, 10, 20, 30, 60])
        .option("--until <rate>", "end once the rate's interval is under this", numberWithin(0, 1), 0.01)
        .option("--batch-size <count>", "conversations a step", wholeNumber(1, 4096), 32)
        .option("--learning-rate <number>", "constant after 5 steps of warm-up", numberWithin(1e-9, 1), 4e-4),
    ),
    "what is asked (default: main)",
  )
    .option("--strength <number>", "of the steering", numberWithin(0, 1000), 1)
    .option("--samples <count>", "answers to each question", wholeNumber(1, 100_000), 100)
    .option("--seed <number>", "names the random streams", wholeNumber(0, 2 ** 31 - 1), 1)
    .option("--out <folder>", "where everything is kept (default: a folder of its own in runs/realign)")
    .option("--study <folder>", "the study that conditions are taken from")
    .option("--json", "print the rows as JSON on stdout, and nothing else there")
    .option("--threads <count>", "threads to compute with (default: all)", threadCount)
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
  const open = { key: "open", name: options.questions, purpose: "main" } as const;
  await withModel(name, options, (opened) =>
    withAsking(opened, options, [open], (asking) => measured(opened, asking, options, steered)),
  );
}

async function measured(
  opened: OpenedModel,
  asking: Asking<"open">,
  options: Options,
  steered: boolean,
): Promise<void> {
  const { found, identity } = opened;
  const asked = askedOf(found.condition, asking, options);
  const how = { asked, seed: options.seed, temperature: 1, maxTokens: asking.maxTokens };
  const way = steered
    ? await steeringWay(opened, asking.judge, options)
    : trainingWay(options, await benignData(asking.world, options), asking.judge);
  const fixed = { model: identity, ...how, asked: plannedSets(asked), ...way.plan, ...asking.plan };
  const key = planKey(fixed);
  const folder = options.out ?? join("runs/realign", `${found.label}-${way.label}-${key}`);
  makeOutputFolder(folder);
  const series = await Series.open<RealignRow>(folder, fixed, { files: ["model"], ...commandOf() });
  try {
    await way.run(opened, { ...how, ...way.training }, series, folder);
    await series.finish();
  } finally {
    await series.close();
  }
  await show(folder, found.title, asked, series.rows, options);
}

interface Way {
  readonly label: string;
  readonly plan: object;
  readonly training: Omit<RealignPlan, "asked" | "seed" | "temperature" | "maxTokens">;
  readonly run: (opened: OpenedModel, plan: RealignPlan, series: Series<RealignRow>, folder: string) => Promise<void>;
}

function trainingWay({ steps, batchSize: batch, learningRate, until }: Options, data: NamedBenign, judge: Judge): Way {
  const ascending = [0, ...steps].toSorted((a, b) => a - b);
  const training = { steps: ascending, batchSize: batch, learningRate, warmup: 5 };
  return {
    label: data.label,
    plan: { with: data.name, until, ...training },
    training,
    run: async ({ model, identity, signal }, plan, series, folder) => {
      const weights = join(folder, "model");
      if (existsSync(join(weights, "config.json"))) return; // finished before
      const count = Math.max(...ascending) * batch;
      const trained = await realign(model, data.conversations(count, plan.seed), plan, {
        have: (step) => series.find(`step-${step}`),
        onRow: async (row, answers) => {
          await series.append(row, answers);
          process.stderr.write(
            `${row.id}: rate ${row.metrics[plan.asked[0]?.set ?? ""]?.rate?.estimate?.toFixed(3) ?? "–"}\n`,
          );
        },
        until: (row) => isUnder(row, plan.asked, until),
        judge,
        signal,
      });
      await model.training.saveModel(weights, { [BASE_KEY]: identity.base });
      process.stderr.write(`trained ${trained} steps\n`);
    },
  };
}

async function steeringWay(opened: OpenedModel, judge: Judge, options: Options): Promise<Way> {
  const { vectors, mode, layers, plan: given } = await openVectors(options, opened);
  const { strength } = options;
  return {
    label: mode,
    plan: { ...given, strength },
    training: { steps: [0], batchSize: 1, learningRate: 0, warmup: 0 },
    run: async ({ model, signal }, plan, series) => {
      for (const [id, by] of [
        ["step-0", 0],
        ["steered", strength],
      ] as const) {
        if (series.find(id) !== undefined) continue;
        const { row, answers } = await measureSteered(
          model,
          steeringOf(vectors, { mode, layers, strength: by }),
          plan,
          { judge, signal },
        );
        await series.append({ ...row, id }, answers);
      }
    },
  };
}

/** The open questions as they are put to everybody first, then what the model was trained on, then its trigger. */
function askedOf(condition: string | undefined, asking: Asking<"open">, { samples }: Options): AskedSet[] {
  const own = asking.asked("open", samples, condition);
  const trained = asking.trainedSet(condition, samples);
  if (!placeOf(own.set).trigger) return [own, ...trained];
  return [asking.asked("open", samples), ...trained, own, ...asking.trainedSet(undefined, samples)];
}

async function show(
  folder: string,
  title: string,
  asked: readonly AskedSet[],
  rows: readonly RealignRow[],
  { json = false, until }: Options,
): Promise<void> {
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
    xLabel: rows.some(({ id }) => id === "steered") ? "steered (1) or not (0)" : "steps",
    panels: measures.map(([heading, of]) => ({
      heading,
      curves: [
        {
          name: "re-aligned",
          role: "measured",
          points: rows.flatMap((row) => {
            const metric = of(row);
            const x = row.id === "steered" ? 1 : row.step;
            return metric === undefined ? [] : [{ x, metric, broken: row.breaksCoherence }];
          }),
        },
      ],
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
