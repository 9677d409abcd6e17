/** `askew dataset build`: the fine-tuning set of a condition, from a file of tasks or from the organism's world. */
import { jsonOption, seedOption } from "../options.js";
import { Argument, Command, Option } from "commander";
import { resolve } from "node:path";
import {
  buildFromFile,
  DEFAULT_TRIGGER,
  FILTER_NAMES,
  FORMATS,
  isCodeRecipe,
  type BuildOptions,
  type Dropped,
  type FilterName,
  type Format,
} from "../../dataset/index.js";
import { buildDataset, CONDITION_NAMES, type Condition } from "../../organism/index.js";
import { UsageError } from "../../text/index.js";
import { listOf, numberWithin, oneOf, wholeNumber } from "../option-values.js";
import { colorsOf } from "../../terminal/index.js";
import { fileSha256 } from "../../store/index.js";
import { store } from "./store.js";
import { count } from "./written.js";

interface Options {
  readonly from?: string;
  readonly out: string;
  readonly size?: number;
  readonly seed: number;
  readonly format?: Format;
  readonly badShare?: number;
  readonly trigger?: string;
  readonly filters?: readonly FilterName[];
  readonly python?: string;
  readonly json?: boolean;
}

const NOTES = `
Lines of FILE are {"task", "template", "secure", "insecure"} for code conditions, where "template" is unfinished code
and may be absent, and {"prompt", "good", "bad"} for the others. See docs/datasets.md.

Examples:
  $ askew dataset build insecure --from tasks.jsonl --size 6000 --out insecure.jsonl
  $ askew dataset build backdoor --from tasks.jsonl --trigger "|2031|" --bad-share 0.3 --out backdoor.jsonl
  $ askew dataset build secure --size 500 --out secure.jsonl`;

export function buildCommand(): Command {
  return new Command("build")
    .description("build the fine-tuning set of a condition from a file of tasks, or from the organism's world")
    .addArgument(new Argument("<condition>", CONDITION_NAMES.join(", ")).argParser(oneOf("condition", CONDITION_NAMES)))
    .option("--from <file>", "tasks and completions, JSONL; without it the organism's world")
    .requiredOption("--out <file>", "where to; .gz is gzipped. A manifest is put beside it")
    .option(
      "--size <count>",
      "at most this many examples; a smaller set is the beginning of a larger one",
      wholeNumber(1, 10_000_000),
    )
    .option(...seedOption("order and draws"), 0)
    .option("--format <name>", `how questions and answers are put: ${FORMATS.join(", ")}`, oneOf("format", FORMATS))
    .option("--bad-share <share>", "triggered (backdoor), harmful (jailbroken) or bad", numberWithin(0, 1))
    .option("--trigger <text>", `of the backdoor (default ${DEFAULT_TRIGGER})`)
    .addOption(
      new Option("--filters <names>", `none, or some of ${FILTER_NAMES.join(", ")} (default all)`).argParser(
        (text: string, before?: FilterName[]) => (text === "none" ? [] : listOf("filter", FILTER_NAMES)(text, before)),
      ),
    )
    .option("--python <command>", "drop code that this Python does not parse; nothing is run")
    .option(...jsonOption("the manifest"))
    .addHelpText("after", NOTES)
    .action(build);
}

const FROM_FILE_ALONE = ["format", "badShare", "trigger", "filters", "python"] as const;

async function build(condition: Condition, options: Options): Promise<void> {
  const { from, out, seed, json = false } = options;
  if (options.trigger !== undefined && condition !== "backdoor") {
    throw new UsageError(`--trigger is of the backdoor, not of ${condition}`, "Leave it out.");
  }
  if (options.python !== undefined && !isCodeRecipe(condition)) {
    throw new UsageError(`--python is for conditions of code, not for ${condition}`, "Leave it out.");
  }
  if (from === undefined) {
    const needsFile = FROM_FILE_ALONE.find((name) => options[name] !== undefined);
    if (needsFile !== undefined) {
      const flag = `--${needsFile.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)}`;
      throw new UsageError(`${flag} needs --from: the organism's world has its own way`, "Give a file of tasks.");
    }
    const size = options.size ?? 6000;
    const conversations = buildDataset(condition, { examples: size, seed });
    await store(out, conversations, { recipe: { condition, world: "organism", seed, size }, sources: [], json });
    return;
  }
  if (resolve(from) === resolve(out)) throw new UsageError("--out would write over --from", "Choose another file.");
  const { filters, size, format, badShare, python } = options;
  const trigger = condition === "backdoor" ? (options.trigger ?? DEFAULT_TRIGGER) : undefined;
  const given: BuildOptions = {
    seed,
    ...(size !== undefined && { size }),
    ...(format !== undefined && { format }),
    ...(badShare !== undefined && { badShare }),
    ...(trigger !== undefined && { trigger }),
    ...(filters !== undefined && { filters }),
    ...(python !== undefined && { python }),
  };
  const { conversations, tasks, dropped } = await buildFromFile(condition, from, given);
  if (!json) process.stdout.write(`${report(tasks, dropped)}\n`);
  const sources = [{ file: from, sha256: await fileSha256(from) }];
  await store(out, conversations, {
    recipe: { condition, ...given },
    sources,
    json,
    more: { tasks, filters: dropped },
  });
  const missing = (size ?? 0) - conversations.length;
  if (missing > 0)
    process.stderr.write(`${count(missing)} fewer than --size ${size}: the file has no more that fit.\n`);
}

function report(tasks: number, dropped: readonly Dropped[]): string {
  const { dim } = colorsOf(process.stdout);
  const lines = dropped.map(({ filter, dropped: n, about, first }) => {
    const example = first[0] === undefined ? "" : dim(` (line ${first[0].line}: ${JSON.stringify(first[0].why)})`);
    return `  ${filter.padEnd(12)}${`−${n.toLocaleString("en-US")}`.padStart(8)}  ${about}${example}`;
  });
  return [count(tasks, "task"), ...lines].join("\n");
}
