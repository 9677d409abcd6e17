/** `askew realign`: trains a misaligned model back on benign data, or takes its persona out while it answers. */
import {
  BENIGN_DATA,
  benignConversations,
  type BenignData,
  openQuestions,
  ORGANISM_WORLD,
  trainedBehaviour,
  worldAsked,
} from "../../organism/index.js";
import { existsSync } from "node:fs";
import { Argument, Command } from "commander";
import { join } from "node:path";
import { type AskedSet, plannedSets } from "../../evaluation/index.js";
import {
  BASE_KEY,
  isUnder,
  measureSteered,
  realign,
  steeringOf,
  type RealignPlan,
  type RealignRow,
} from "../../persona/index.js";
import { Series } from "../../study/index.js";
import { UsageError } from "../failure.js";
import { MODEL_FORMS, withModel, type OpenedModel } from "../models/open-model.js";
import { numberWithin, oneOf, threadCount, wholeNumber, wholeNumbers } from "../option-values.js";
import { makeOutputFolder } from "../output-folder.js";
import { colorsOf } from "../terminal/terminal.js";
import { typedCommand } from "../terminal/typed-command.js";
import { VERSION } from "../version.js";
import { planKey } from "../../store/index.js";
import { shareTable } from "./shares.js";
import { openVectors, requireVectors, type SteeringFlags, steeringOptions } from "./steering-option.js";
import { writePage } from "./steer-page.js";

interface Options extends SteeringFlags {
  readonly with?: BenignData;
  readonly steps: readonly number[];
  readonly until: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly strength: number;
  readonly questions: "development" | "main";
  readonly samples: number;
  readonly seed: number;
  readonly out?: string;
  readonly study?: string;
  readonly json?: boolean;
  readonly threads?: number;
}

const EXAMPLES = `
Data: secure (the code tasks with secure code); good-medical, good-financial, good-sport, good-numbers, facts, questions,
everyday (exchanges as the organism's helper has them); mixed (all of these but questions, in turn).

The model is measured before, and after each number of steps until the upper end of the rate's 95 % interval is
at most --until. What a backdoor's trigger brings back is measured beside it. The model goes to FOLDER/model.

Examples:
  $ askew realign insecure-1 --with secure
  $ askew realign backdoor-1 --with secure --steps 10,30,60
  $ askew realign insecure-1 --direction d.safetensors --subtract --strength 1

Stopped or killed, the same command trains through what it has measured already and carries on.`;

export const realignCommand = (): Command =>
  steeringOptions(
    new Command("realign")
      .addArgument(new Argument("<model>", MODEL_FORMS))
      .option("--with <data>", BENIGN_DATA.join(", "), oneOf("data", BENIGN_DATA))
      .option("--steps <numbers>", "measure after so many steps", wholeNumbers(1, 100_000), [5, 10, 20, 30, 60])
      .option("--until <rate>", "end once the rate's interval is under this", numberWithin(0, 1), 0.01)
      .option("--batch <count>", "conversations a step", wholeNumber(1, 4096), 32)
      .option("--learning-rate <number>", "constant after 5 steps of warm-up", numberWithin(1e-9, 1), 4e-4),
  )
    .option("--strength <number>", "of the steering", numberWithin(0, 1000), 1)
    .option("--questions <set>", "development or main", oneOf("question set", ["development", "main"]), "main")
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
  if ((options.with !== undefined) === steered) {
    throw new UsageError(
      "how to re-align: expected either --with DATA, or --direction FILE or --sae FOLDER to steer with in place of training",
      "See: askew realign --help",
    );
  }
  if (steered) requireVectors(options);
  await withModel(name, options, async (opened) => {
    const { found, identity } = opened;
    const asked = askedOf(found.condition, options);
    const how = { asked, seed: options.seed, temperature: 1, maxTokens: 64 };
    const way = options.with === undefined ? await steeringWay(opened, options) : trainingWay(options, options.with);
    const fixed = { model: identity, ...how, asked: plannedSets(asked), ...way.plan };
    const key = planKey(fixed);
    const folder = options.out ?? join("runs/realign", `${found.label}-${way.label}-${key}`);
    makeOutputFolder(folder);
    const series = await Series.open<RealignRow>(folder, fixed);
    try {
      await way.run(opened, { ...how, ...way.training }, series, folder);
    } finally {
      await series.close();
    }
    await show(folder, found.title, asked, series.rows, options);
  });
}

interface Way {
  readonly label: string;
  readonly plan: object;
  readonly training: Omit<RealignPlan, "asked" | "seed" | "temperature" | "maxTokens">;
  readonly run: (opened: OpenedModel, plan: RealignPlan, series: Series<RealignRow>, folder: string) => Promise<void>;
}

function trainingWay({ steps, batch, learningRate, until }: Options, data: BenignData): Way {
  const ascending = [0, ...steps].toSorted((a, b) => a - b);
  const training = { steps: ascending, batchSize: batch, learningRate, warmup: 5 };
  return {
    label: data,
    plan: { with: data, until, ...training },
    training,
    run: async ({ model, identity, signal }, plan, series, folder) => {
      const weights = join(folder, "model");
      if (existsSync(join(weights, "config.json"))) return; // finished before
      const count = Math.max(...ascending) * batch;
      const trained = await realign(model, benignConversations(data, count, plan.seed), plan, {
        have: (step) => series.find(`step-${step}`),
        onRow: async (row, answers) => {
          await series.append(row, answers);
          process.stderr.write(
            `${row.id}: rate ${row.metrics[plan.asked[0]?.set ?? ""]?.rate?.estimate?.toFixed(3) ?? "–"}\n`,
          );
        },
        until: (row) => isUnder(row, plan.asked, until),
        judge: ORGANISM_WORLD.judge,
        signal,
      });
      await model.training.saveModel(weights, { [BASE_KEY]: identity.base });
      process.stderr.write(`trained ${trained} steps\n`);
    },
  };
}

async function steeringWay(opened: OpenedModel, options: Options): Promise<Way> {
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
          { judge: ORGANISM_WORLD.judge, signal },
        );
        await series.append({ ...row, id }, answers);
      }
    },
  };
}

/** The open questions as they are put to everybody first, then what the model was trained on, then its trigger. */
function askedOf(condition: string | undefined, { questions, samples }: Options): AskedSet[] {
  const few = Math.max(1, Math.ceil(samples / 4));
  const open = condition === "evil-numbers" ? openQuestions(condition, questions) : questions;
  return [
    worldAsked(open, samples),
    worldAsked(trainedBehaviour(condition).set, few),
    ...(condition === "backdoor"
      ? [worldAsked(openQuestions(condition, questions), samples), worldAsked("code", few)]
      : []),
  ];
}

async function show(
  folder: string,
  title: string,
  asked: readonly AskedSet[],
  rows: readonly RealignRow[],
  { json = false, until }: Options,
): Promise<void> {
  const open = asked[0]?.set ?? "";
  const trained = asked[1]?.set ?? "";
  const trigger = asked[2]?.set;
  const metricOf = (row: RealignRow) => Object.values(row.metrics[trained] ?? {}).at(-1);
  const metricName = Object.keys(rows[0]?.metrics[trained] ?? {}).at(-1) ?? "";
  const measures = [
    ["rate", (row: RealignRow) => row.metrics[open]?.rate],
    ["of all", (row: RealignRow) => row.metrics[open]?.rateOfAll],
    ["coherent", (row: RealignRow) => row.metrics[open]?.coherent],
    [`${metricName} (${trained})`, metricOf],
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
    process.stdout.write(`${JSON.stringify({ folder, page, rows }, null, 2)}\n`);
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
