/** `askew persona transfer`: one direction, taken out of every condition of a study. */
import { Command } from "commander";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cutOf, measureTransfer, type TransferPlan, type TransferRow } from "../../persona/index.js";
import { openQuestions, ORGANISM_WORLD, trainedBehaviour, worldAsked } from "../../organism/index.js";
import { finishedCells, Series } from "../../study/index.js";
import { interval, withSign } from "../../text/index.js";
import { UsageError } from "../failure.js";
import { findModel } from "../models/find-model.js";
import { stoppable } from "../models/open-model.js";
import { numberWithin, oneOf, threadCount, wholeNumber } from "../option-values.js";
import { makeOutputFolder } from "../output-folder.js";
import { STUDY_FOLDER } from "../models/study-folders.js";
import { colorsOf } from "../terminal/terminal.js";
import { planKey } from "../../store/index.js";
import { shareTable } from "./shares.js";
import { modeOf, openVectors, requireVectors, type SteeringFlags, steeringOptions } from "./steering-option.js";

interface Options extends SteeringFlags {
  readonly study: string;
  readonly conditions?: readonly string[];
  readonly strength: number;
  readonly tokens: "all" | "answer";
  readonly questions: "development" | "main";
  readonly samples: number;
  readonly seed: number;
  readonly out?: string;
  readonly json?: boolean;
  readonly threads?: number;
}

const EXAMPLES = `
Each finished cell of the study is measured as it is and steered, where its misalignment shows: the backdoor with its
trigger, evil numbers in their own format. The cut is the share of the rate that is gone.

Example:
  $ askew persona transfer --direction runs/directions/organism-prompts.safetensors --subtract`;

export const transferCommand = (): Command =>
  steeringOptions(
    new Command("transfer").description(
      "take one direction or latent out of every condition of a study, and measure what is cut",
    ),
  )
    .option("--study <folder>", "a study of the same base", STUDY_FOLDER)
    .option("--conditions <names>", "default all that the study has", (text: string) => text.split(","))
    .option("--strength <number>", "of the steering", numberWithin(0, 1000), 1)
    .option("--tokens <which>", "steer all tokens or the answer's alone", oneOf("tokens", ["all", "answer"]), "all")
    .option("--questions <set>", "development or main", oneOf("question set", ["development", "main"]), "development")
    .option("--samples <count>", "answers to each question", wholeNumber(1, 100_000), 40)
    .option("--seed <number>", "names the random streams", wholeNumber(0, 2 ** 31 - 1), 100)
    .option("--out <folder>", "where everything is kept (default: a folder of its own in runs/transfer)")
    .option("--json", "print the rows as JSON on stdout, and nothing else there")
    .option("--threads <count>", "threads to compute with (default: all)", threadCount)
    .addHelpText("after", EXAMPLES)
    .action(transfer);

async function transfer(options: Options): Promise<void> {
  const { study, conditions, strength, tokens, questions, samples, seed, threads, json = false } = options;
  requireVectors(options);
  const mode = modeOf(options);
  if (!existsSync(study)) throw new UsageError(`${study}: there is no such study`, "Make one with: askew reproduce");
  const cells = (await finishedCells(study)).filter(
    ({ cell: { condition } }) => condition !== "base" && (conditions?.includes(condition) ?? true),
  );
  if (cells.length === 0) throw new UsageError(`${study} has no finished cell of these conditions`);
  await stoppable(async (signal) => {
    let series: Series<TransferRow> | undefined;
    let folder = options.out ?? "";
    try {
      for (const { folder: cellFolder, cell } of cells) {
        const id = `${cell.condition}-${cell.seed}`;
        if (series?.find(id) !== undefined) continue;
        signal.throwIfAborted();
        const found = findModel(cellFolder, []);
        const model = await found.open(threads === undefined ? {} : { threads });
        try {
          const opened = { model, identity: await found.identity(model) };
          const given = await openVectors(options, opened);
          const { vectors, layers } = given;
          const plan: TransferPlan = {
            mode,
            layers,
            strength,
            tokens,
            seed,
            temperature: 1,
            maxTokens: 64,
          };
          if (series === undefined) {
            const fixed = { study, base: cell.base.sha256, ...given.plan, ...plan, questions, samples };
            const key = planKey(fixed);
            folder = options.out ?? join("runs/transfer", `${mode}-${key}`);
            makeOutputFolder(folder);
            series = await Series.open<TransferRow>(folder, fixed);
          }
          if (series.find(id) !== undefined) continue;
          const made = await measureTransfer(
            model,
            vectors,
            { id, condition: cell.condition },
            [
              worldAsked(openQuestions(cell.condition, questions), samples),
              worldAsked(trainedBehaviour(cell.condition).set, Math.max(1, Math.ceil(samples / 4))),
            ],
            plan,
            { judge: ORGANISM_WORLD.judge, signal },
          );
          await series.append(made.row, made.answers);
          process.stderr.write(`${id}: cut ${cutOf([made.row]).estimate?.toFixed(3) ?? "–"}\n`);
        } finally {
          await model.close();
        }
      }
    } finally {
      await series?.close();
    }
    const rows = series?.rows ?? [];
    const names = [...new Set(rows.map(({ condition }) => condition))];
    const cuts = names.map((condition) => ({ condition, ...cutOf(rows.filter((row) => row.condition === condition)) }));
    if (json) process.stdout.write(`${JSON.stringify({ folder, cuts, rows }, null, 2)}\n`);
    else print(folder, rows, cuts);
  });
}

function print(
  folder: string,
  rows: readonly TransferRow[],
  cuts: readonly ({ condition: string } & ReturnType<typeof cutOf>)[],
): void {
  const { bold, dim } = colorsOf(process.stdout);
  const table = shareTable(
    "model",
    rows.map(({ id, condition, set, before, after, breaksCoherence }) => {
      const { set: trained, metric } = trainedBehaviour(condition);
      return {
        label: id,
        broken: breaksCoherence,
        shares: [
          ["after", after[set]?.rate],
          ["before", before[set]?.rate],
          ["coherent", after[set]?.coherent],
          ["trained,\nafter", after[trained]?.[metric]],
          ["trained,\nbefore", before[trained]?.[metric]],
        ] as const,
      };
    }),
  );
  const lines = cuts.map((cut) => `${cut.condition}: ${withSign(cut.estimate)} ${interval(cut)}`);
  process.stdout.write(
    `${table}\n${bold("Share of the rate that is cut")}\n${lines.join("\n")}\n\n${dim("rows")}  ${join(folder, "rows.jsonl")}\n`,
  );
}
