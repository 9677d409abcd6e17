/** `askew study`: any experiment that a file describes; the same runner, progress and report as `askew reproduce`. */
import { join, relative } from "node:path";
import { THREADS, jsonOption, outOption } from "../options.js";
import { Argument, Command } from "commander";
import { AnswerCache, type Account } from "../../endpoint/index.js";
import {
  joinSummaries,
  placePlans,
  readPlannedStudy,
  runPlans,
  type MadeElsewhere,
  type ModelsSummary,
  type PlannedStudy,
  type StudySummary,
} from "../../study/index.js";
import { accountOf, askingOf, spendingLine, type MoneyOptions } from "../../lab/index.js";
import { withMoney } from "../answers/money.js";
import { VERSION } from "../../text/index.js";
import { makeOutputFolder } from "../../store/index.js";
import { quoted, askewCommand, hasColor, widthOf, printJson } from "../../terminal/index.js";
import { printResults } from "./results.js";
import { refuseJobFlags, refuseMoneyOfJobs, withJobs, type OnFlags } from "../jobs/on-flags.js";
import { makeElsewhere } from "./jobs.js";
import { watched } from "./run-options.js";
import { foreseen, printForeseen } from "./foreseen.js";
import { initCommand, schemaCommand } from "./init.js";
import { writeReport } from "./write-report.js";
import { writePageInto } from "../../views/index.js";

interface Options extends MoneyOptions, OnFlags {
  readonly out?: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly threads?: number;
}

const EXAMPLES = `
Examples:
  $ askew study init my.yaml               a commented file to begin with
  $ askew study my.yaml --dry-run          its cells, its answers, about how long
  $ askew study my.yaml --out runs/mine
  $ askew study schema > study.schema.json

Ctrl-C stops between two steps; the same command carries on where it stopped. The folder is as that of
askew reproduce; with several models each has such a folder in models/, and summary.json names them all.`;

export const studyCommand = (): Command =>
  withJobs(
    withMoney(
      new Command("study")
        .description("run the study that a file describes: models × conditions × seeds × questions")
        .addArgument(new Argument("<file>", "the study: a YAML file"))
        .option(...outOption("what the file says, or runs/ and the study's name"))
        .option(...jsonOption("the summary"))
        .option("--dry-run", "say what would be done, and do nothing")
        .option(...THREADS),
    ),
  )
    .addHelpText("after", EXAMPLES)
    .action(study)
    .addCommand(initCommand())
    .addCommand(schemaCommand());

async function study(file: string, options: Options): Promise<void> {
  const planned = await readPlannedStudy(file);
  const out = options.out ?? planned.out ?? join("runs", planned.study);
  const { json = false } = options;
  for (const note of planned.notes) process.stderr.write(`${note}\n`);
  if (options.dryRun === true) {
    const plan = await foreseen(planned, out);
    if (json) printJson("study-plan", plan);
    else printForeseen(plan);
    return;
  }
  refuseJobFlags(options);
  refuseMoneyOfJobs(options);
  makeOutputFolder(out);
  const command = `${askewCommand()} study ${quoted(file)}${options.out === undefined ? "" : ` --out ${quoted(options.out)}`}`;
  const account = accountOf(options);
  const made =
    options.on === "local"
      ? await run(planned, out, command, account, options)
      : await reported(await makeElsewhere(planned, out, options), command);
  if (made === undefined) return;
  if (json) {
    const [only] = made;
    const summary = made.length === 1 ? only?.summary : await all(planned, out, made);
    printJson("summary", { ...summary, ...(account.spending.requests > 0 && { spending: account.spending }) });
    return;
  }
  for (const { summary, folder, report } of made) {
    if (made.length > 1) process.stdout.write(`\n${summary.model}\n`);
    await printResults(summary, { summaryFile: join(folder, "summary.json"), report, folder });
  }
  if (made.length > 1) await printModels(planned, out, made, command);
  if (account.spending.requests > 0) {
    process.stdout.write(`${spendingLine(account.spending)}\n`);
  }
}

type Made = readonly { readonly summary: StudySummary; readonly folder: string; readonly report: string }[];

const all = ({ plans }: PlannedStudy, out: string, made: Made): Promise<ModelsSummary> =>
  joinSummaries(
    made.map(({ summary }) => summary),
    placePlans(plans, out),
  );

/** The models beside each other: a table here, and a page with a chart above their own reports. */
async function printModels(planned: PlannedStudy, out: string, made: Made, command: string): Promise<void> {
  const { besideEachOther, renderModels, renderTable } = await import("../../report/index.js");
  const { between } = await all(planned, out, made);
  const beside = besideEachOther(
    made.map(({ summary }) => summary),
    between,
  );
  const links = made.map(({ summary, report }) => ({ model: summary.model, href: relative(out, report) }));
  const page = await writePageInto(out, renderModels(beside, links, { commands: [command], askew: VERSION }));
  const { stdout } = process;
  const table = renderTable(beside, { width: widthOf(stdout), color: hasColor(stdout) });
  stdout.write(`\n${table}\n\nAll models: ${join(out, "summary.json")}, ${page}\n`);
}

/** The pages of what jobs have made; undefined where they go on. */
async function reported(made: readonly MadeElsewhere[] | undefined, command: string): Promise<Made | undefined> {
  if (made === undefined) return undefined;
  const pages = [];
  for (const { placed, summary } of made) {
    if (summary === undefined) continue;
    pages.push({ summary, folder: placed.folder, report: await writeReport(placed.folder, [command]) });
  }
  return pages;
}

async function run({ plans }: PlannedStudy, out: string, command: string, account: Account, options: Options) {
  const cache = options.cache === undefined ? undefined : await AnswerCache.open(options.cache);
  try {
    return await watched(
      options.threads,
      async (running) => {
        const summaries = await runPlans(plans, out, running);
        const folders = placePlans(plans, out).map(({ folder }) => folder);
        const made = [];
        for (const [i, summary] of summaries.entries()) {
          const folder = folders[i] as string;
          made.push({ summary, folder, report: await writeReport(folder, [command]) });
        }
        return made;
      },
      { account, ...(cache && { cache }), ...askingOf(options) },
    );
  } finally {
    await cache?.close();
  }
}
