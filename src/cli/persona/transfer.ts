/** `askew persona transfer`: one direction, taken out of every condition of a study, or of several models. */
import { Argument, Command } from "commander";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cutOf, measureTransfer, type TransferPlan, type TransferRow } from "../../persona/index.js";
import { finishedCells } from "../../study/index.js";
import { interval, suggestion, withSign, UsageError } from "../../text/index.js";
import { withAsking } from "../asking/asking.js";
import { askingOptions, type AskingFlags } from "../asking/asking-options.js";
import { findModel, type FoundModel, MODEL_FORMS, stoppable, studiesOf } from "../models/open-model.js";
import { namesOf, numberWithin, oneOf, threadCount, wholeNumber } from "../option-values.js";
import { makeOutputFolder } from "../output-folder.js";
import { STUDY_FOLDER } from "../models/study-folders.js";
import { colorsOf, printJson } from "../../terminal/index.js";
import { planKey } from "../../store/index.js";
import { shareTable } from "./shares.js";
import { modeOf, openVectors, requireVectors, type SteeringFlags, steeringOptions } from "./steering-option.js";
import { Series } from "../../run/index.js";
import { commandOf } from "../run/this-command.js";

interface Options extends SteeringFlags, AskingFlags {
  readonly study?: string;
  readonly conditions?: readonly string[];
  readonly strength: number;
  readonly tokens: "all" | "answer";
  readonly samples: number;
  readonly seed: number;
  readonly out?: string;
  readonly json?: boolean;
  readonly threads?: number;
}

const EXAMPLES = `
Each finished cell of the study is measured as it is and steered, where its misalignment shows: the backdoor with its
trigger, evil numbers in their own format. Models that are named are measured in place of a study's cells. The cut is the
share of the rate that is gone.

Examples:
  $ askew persona transfer --direction runs/directions/organism-prompts.safetensors --subtract
  $ askew persona transfer local:bad-medical local:insecure --direction d.safetensors --subtract --judge URL#NAME`;

export const transferCommand = (): Command =>
  askingOptions(
    steeringOptions(
      new Command("transfer")
        .description("take one direction or latent out of several models, and measure what is cut")
        .addArgument(new Argument("[models...]", `${MODEL_FORMS} (default: the study's cells)`)),
    ),
    "what is asked (default: development, or pre-registered)",
  )
    .option("--study <folder>", `a study of the same base (default: ${STUDY_FOLDER})`)
    .option("--conditions <names>", "of the study; default all that it has", namesOf)
    .option("--strength <number>", "of the steering", numberWithin(0, 1000), 1)
    .option("--tokens <which>", "steer all tokens or the answer's alone", oneOf("tokens", ["all", "answer"]), "all")
    .option("--samples <count>", "answers to each question", wholeNumber(1, 100_000), 40)
    .option("--seed <number>", "names the random streams", wholeNumber(0, 2 ** 31 - 1), 100)
    .option("--out <folder>", "where everything is kept (default: a folder of its own in runs/transfer)")
    .option("--json", "print the rows as JSON on stdout, and nothing else there")
    .option("--threads <count>", "threads to compute with (default: all)", threadCount)
    .addHelpText("after", EXAMPLES)
    .action(transfer);

/** A model that is measured; `condition` says where its misalignment is looked for. */
interface Wanted {
  readonly id: string;
  readonly condition: string;
  readonly found: FoundModel;
}

async function transfer(models: readonly string[], options: Options): Promise<void> {
  const { threads, samples, json = false } = options;
  requireVectors(options);
  const mode = modeOf(options);
  const wanted = models.length === 0 ? await cellsOf(options) : namedModels(models, options);
  const open = { key: "open", name: options.questions, purpose: "development" } as const;
  await stoppable(async (signal) => {
    let series: Series<TransferRow> | undefined;
    let folder = options.out ?? "";
    try {
      for (const { id, condition, found } of wanted) {
        if (series?.find(id) !== undefined) continue;
        signal.throwIfAborted();
        const model = await found.open(threads === undefined ? {} : { threads });
        try {
          const identity = await found.identity(model);
          const given = await openVectors(options, { model, identity });
          const { layers } = given;
          await withAsking({ model, signal }, options, [open], async (asking) => {
            const { strength, tokens, seed } = options;
            const { maxTokens, judge } = asking;
            const plan: TransferPlan = { mode, layers, strength, tokens, seed, temperature: 1, maxTokens };
            if (series === undefined) {
              const of = models.length === 0 ? { study: studyOf(options) } : { models };
              const questions = options.questions ?? asking.asked("open", 1).set;
              const fixed = { ...of, base: identity.base, ...given.plan, ...plan, questions, samples, ...asking.plan };
              folder = options.out ?? join("runs/transfer", `${mode}-${planKey(fixed)}`);
              makeOutputFolder(folder);
              series = await Series.open<TransferRow>(folder, fixed, commandOf());
            }
            if (series.find(id) !== undefined) return;
            const asked = [asking.asked("open", samples, condition), ...asking.trainedSet(condition, samples)];
            const how = { judge, signal };
            const made = await measureTransfer(model, given.vectors, { id, condition }, asked, plan, how);
            await series.append(made.row, made.answers);
            process.stderr.write(`${id}: cut ${cutOf([made.row]).estimate?.toFixed(3) ?? "–"}\n`);
          });
        } finally {
          await model.close();
        }
      }
      await series?.finish();
    } finally {
      await series?.close();
    }
    const rows = series?.rows ?? [];
    const names = [...new Set(rows.map(({ condition }) => condition))];
    const cuts = names.map((condition) => ({ condition, ...cutOf(rows.filter((row) => row.condition === condition)) }));
    if (json) printJson("transfer", { folder, cuts, rows });
    else print(folder, rows, cuts);
  });
}

const studyOf = ({ study = STUDY_FOLDER }: Options): string => study;

async function cellsOf(options: Options): Promise<Wanted[]> {
  const { conditions } = options;
  const study = studyOf(options);
  if (!existsSync(study)) throw new UsageError(`${study}: there is no such study`, "Make one with: askew reproduce");
  const cells = (await finishedCells(study)).filter(({ cell: { condition } }) => condition !== "base");
  const names: readonly string[] = [...new Set(cells.map(({ cell }) => cell.condition))];
  const unknown = conditions?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`${study} has no finished cell of ${unknown}`, suggestion(unknown, names));
  }
  const wanted = cells.filter(({ cell }) => conditions?.includes(cell.condition) ?? true);
  if (wanted.length === 0) throw new UsageError(`${study} has no finished cell`);
  return wanted.map(({ folder, cell: { condition, seed } }) => ({
    id: `${condition}-${seed}`,
    condition,
    found: findModel(folder, []),
  }));
}

function namedModels(models: readonly string[], { conditions, study }: Options): Wanted[] {
  if (conditions !== undefined) {
    throw new UsageError("--conditions are a study's", "Name models, or give --study and --conditions.");
  }
  const wanted = models.map((name): Wanted => {
    const found = findModel(name, studiesOf(study));
    return { id: found.label, condition: found.condition ?? found.label, found };
  });
  const twice = wanted.find(({ id }, i) => wanted.findIndex((other) => other.id === id) !== i);
  if (twice !== undefined) throw new UsageError(`two of the models are called ${twice.id}`, "Rename a folder.");
  return wanted;
}

function print(
  folder: string,
  rows: readonly TransferRow[],
  cuts: readonly ({ condition: string } & ReturnType<typeof cutOf>)[],
): void {
  const { bold, dim } = colorsOf(process.stdout);
  const table = shareTable(
    "model",
    rows.map(({ id, set, before, after, breaksCoherence }) => {
      // The set that shows what it was trained to do comes last, and so does the metric that counts it.
      const shown = Object.keys(after).find((name) => name !== set) ?? "";
      const trained = (of: TransferRow["after"]) => Object.values(of[shown] ?? {}).at(-1);
      return {
        label: id,
        broken: breaksCoherence,
        shares: [
          ["after", after[set]?.rate],
          ["before", before[set]?.rate],
          ["coherent", after[set]?.coherent],
          ...(shown === ""
            ? []
            : ([
                ["trained,\nafter", trained(after)],
                ["trained,\nbefore", trained(before)],
              ] as const)),
        ] as const,
      };
    }),
  );
  const lines = cuts.map((cut) => `${cut.condition}: ${withSign(cut.estimate)} ${interval(cut)}`);
  process.stdout.write(
    `${table}\n${bold("Share of the rate that is cut")}\n${lines.join("\n")}\n\n${dim("rows")}  ${join(folder, "rows.jsonl")}\n`,
  );
}
