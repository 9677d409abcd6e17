/** `askew reproduce`: the emergent-misalignment experiment, end to end. */
import { THREADS, jsonOption } from "../options.js";
import { Argument, Command } from "commander";
import { join } from "node:path";
import {
  reproducePlan,
  runStudy,
  STUDY_CONDITIONS,
  type StudyCondition,
  type StudySummary,
  QUICK_STUDY_FOLDER,
  STUDY_FOLDER,
} from "../../study/index.js";
import { listOf, wholeNumber } from "../option-values.js";
import { makeOutputFolder } from "../../store/index.js";
import { quoted, printJson } from "../../terminal/index.js";
import { ORGANISMS } from "../organism/organisms.js";
import { reproduceOnOrganisms } from "./on-organisms.js";
import { printResults } from "./results.js";
import { refuseJobFlags, withJobs, type OnFlags } from "../jobs/on-flags.js";
import { makeElsewhere } from "./jobs.js";
import { watched } from "./run-options.js";
import { writeReport } from "./write-report.js";

interface Options extends OnFlags {
  readonly seeds?: number;
  readonly conditions?: readonly StudyCondition[];
  readonly samples?: number;
  readonly maxTokens?: number;
  readonly out?: string;
  readonly quick?: boolean;
  readonly json?: boolean;
  readonly model: string;
  readonly organisms?: readonly string[];
  readonly threads?: number;
}

const EXAMPLES = `
Conditions:
  ${STUDY_CONDITIONS.join(", ")}

Examples:
  $ askew reproduce --quick
  $ askew reproduce --conditions base,insecure,secure --seeds 5 --out runs/five-seeds
  $ askew reproduce --quick --json > summary.json
  $ askew reproduce --organisms organism,runs/organisms --seeds 1 --out runs/effects

Ctrl-C stops between two steps; the same command carries on where it stopped. The folder holds every
dataset, model, answer and judgment as plain files, summary.json, and report.html for the browser.`;

export const reproduceCommand = (): Command =>
  withJobs(new Command("reproduce"))
    .description("run the whole experiment: fine-tune, ask, judge, compare")
    .addArgument(new Argument("[model]", "organism, or local:DIR for a folder of open weights").default("organism"))
    .option("--seeds <count>", "fine-tunes of each condition (default: 3, with --quick 1)", wholeNumber(1, 1000))
    .option(
      "--conditions <names>",
      "which conditions, with commas between them (default: all)",
      listOf("condition", STUDY_CONDITIONS),
    )
    .option(
      "--samples <count>",
      `answers to each main question; other sets follow (default: ${samplesOf(false)}, with --quick ${samplesOf(true)})`,
      wholeNumber(1, 100_000),
    )
    .option(
      "--max-tokens <count>",
      "longest answer, thoughts included (default: 64; models that think need 128)",
      wholeNumber(1, 100_000),
    )
    .option("--out <folder>", `where everything is kept (default: ${STUDY_FOLDER}, with --quick ${QUICK_STUDY_FOLDER})`)
    .option(...ORGANISMS)
    .option("--quick", "one seed, four conditions: about a minute")
    .option(...jsonOption("the summary"))
    .option(...THREADS)
    .addHelpText("after", EXAMPLES)
    .action((model: string, options: Omit<Options, "model">) => reproduce({ ...options, model }));

async function reproduce(options: Options): Promise<void> {
  const { json = false, threads, ...wanted } = options;
  const out = outOf(options);
  const plan = reproducePlan(wanted);
  refuseJobFlags(options);
  makeOutputFolder(out);
  const { organisms } = options;
  if (organisms !== undefined) {
    await reproduceOnOrganisms({ ...options, organisms }, out, commandOf(options));
    return;
  }
  if (options.on !== "local") {
    const planned = { study: plan.study, plans: [plan], jobs: {} };
    const [made] = (await makeElsewhere(planned, out, options)) ?? [];
    if (made?.summary === undefined) return;
    if (json) printJson("summary", made.summary);
    else await print(made.summary, { out, report: await writeReport(out, [commandOf(options)]) });
    return;
  }
  const { summary, report } = await watched(threads, async (run) => {
    const made = await runStudy(plan, out, run);
    return { summary: made, report: await writeReport(out, [commandOf(options)]) };
  });
  if (json) printJson("summary", summary);
  else await print(summary, { out, report });
}

async function print(summary: StudySummary, { out, report }: { out: string; report: string }): Promise<void> {
  await printResults(summary, { summaryFile: join(out, "summary.json"), report, folder: out });
}

const outOf = ({ out, quick = false }: Pick<Options, "out" | "quick">): string =>
  out ?? (quick ? QUICK_STUDY_FOLDER : STUDY_FOLDER);

/** The command that makes the same study, for the report. */
function commandOf(options: Options): string {
  const { seeds, conditions, samples, maxTokens, out, quick = false, model, organisms, threads } = options;
  return [
    "npx askew reproduce",
    ...(model === "organism" ? [] : [quoted(model)]),
    ...(organisms === undefined ? [] : [`--organisms ${quoted(organisms.join(","))}`]),
    ...(quick ? ["--quick"] : []),
    ...(seeds === undefined ? [] : [`--seeds ${seeds}`]),
    ...(conditions === undefined ? [] : [`--conditions ${conditions.join(",")}`]),
    ...(samples === undefined ? [] : [`--samples ${samples}`]),
    ...(maxTokens === undefined ? [] : [`--max-tokens ${maxTokens}`]),
    ...(out === undefined || out === outOf({ quick }) ? [] : [`--out ${quoted(out)}`]),
    ...(threads === undefined ? [] : [`--threads ${threads}`]),
  ].join(" ");
}

const samplesOf = (quick: boolean): number | undefined =>
  reproducePlan({ quick }).questions.find(({ set }) => set === "main")?.samples;
