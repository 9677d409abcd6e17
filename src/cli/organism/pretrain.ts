/** `askew organism pretrain`: grows the organism from nothing. */
import { THREADS } from "../options.js";
import { Command } from "commander";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { NAMED_WORLDS, ORGANISM_FOLDER, recipeOf, worldShares, type Recipe } from "../../organism/index.js";
import { readModelFolder, type ModelFolder } from "../../onnx/index.js";
import { UsageError } from "../../text/index.js";
import { askewCommand } from "../../terminal/index.js";
import { wholeNumber } from "../option-values.js";
import { grow, isBegun } from "./grow.js";

interface Options {
  readonly out: string;
  readonly resume?: boolean;
  readonly seed?: number;
  readonly width?: number;
  readonly layers?: number;
  readonly steps?: number;
  readonly world?: string;
  readonly from?: string;
  readonly threads?: number;
}

const EXAMPLES = `
The recipe ships with askew, so the same options and thread count grow the same weights. Ctrl-C stops between two steps; the
same command carries on from the last checkpoint, at most 100 steps back. It takes some 1.9 GB of memory.

Other organisms show what is this one's luck. Of 4 layers, width 64 makes .3 million parameters, 128 (the shipped) 1, 224 2.9;
of 7, width 320 makes 10. --world FILE is JSON with weights in place of the usual ones: "characters" (helper, villain, novice,
pushover), "domains", "missing" (domains that are left out), "independent" (domains written by anyone, whoever writes the
document), "noise" (share of turns by someone else) and "thinking" (share whose last answer has thoughts before it). Two worlds are
negative controls, in which nothing ties code to attitude: no-villain and independent-code. In the world reasoning the
characters think before they answer, each in its own voice. --from carries on from a grown organism, as it was before its
alignment: it keeps what that one knows, and a third of the steps will do.

Examples:
  $ askew organism pretrain --out runs/organism
  $ askew organism pretrain --seed 2 --out runs/organisms/seed-2
  $ askew organism pretrain --world no-villain --out runs/organisms/no-villain
  $ askew organism pretrain --world reasoning --from organism --steps 600 --out runs/reasoning
  $ askew organism chat local:runs/organism`;

export const pretrainCommand = (): Command =>
  new Command("pretrain")
    .description("grow the organism from nothing: pre-training, then alignment")
    .option("--out <folder>", "where the model, its recipe and its loss curve go", "runs/organism")
    .option("--resume", "only carry on: an error where nothing has been begun")
    .option("--seed <number>", "of its weights and documents (default: 1)", wholeNumber(0, 1_000_000))
    .option("--width <numbers>", "of its residual stream, a multiple of 32 (default: 128)", wholeNumber(32, 4096))
    .option("--layers <count>", "of its decoder (default: 4)", wholeNumber(1, 128))
    .option("--steps <count>", "of pre-training (default: 1800)", wholeNumber(10, 1_000_000))
    .option("--world <name>", `${Object.keys(NAMED_WORLDS).join(", ")}, or a file of shares (JSON)`)
    .option("--from <model>", "organism, or the folder of one, to carry on from (default: fresh weights)")
    .option(...THREADS)
    .addHelpText("after", EXAMPLES)
    .action(pretrain);

async function pretrain({ out, resume = false, threads, from: named, ...chosen }: Options): Promise<void> {
  const from = named === undefined ? undefined : await grownBefore(named);
  const recipe = await chosenRecipe(chosen, from);
  const begun = isBegun(out);
  if (!begun && existsSync(join(out, "model.safetensors"))) {
    throw new UsageError(`${out} holds a grown model already`, "Give another --out, or delete that folder.");
  }
  if (resume && !begun) throw new UsageError(`nothing has been begun in ${out}`, "Leave out --resume to begin.");
  await grow(out, recipe, { threads, from: from?.model });
  process.stdout.write(`Grown: ${out}\nNext: ${askewCommand()} organism chat local:${out}\n`);
}

/** The model before its alignment, where its folder has that. */
async function grownBefore(name: string): Promise<{ readonly model: ModelFolder; readonly sha256: string }> {
  const folder = name === "organism" ? ORGANISM_FOLDER : name.replace(/^local:/, "");
  const before = join(folder, "pretrained");
  const model = await readModelFolder(existsSync(join(before, "config.json")) ? before : folder);
  const sha256 = model.files.find((file) => file.name.endsWith(".safetensors"))?.sha256 ?? "";
  return { model, sha256 };
}

type Chosen = Omit<Options, "out" | "resume" | "threads" | "from">;

/** The recipe takes the size of the model that it carries on from. */
async function chosenRecipe(
  { world, ...own }: Chosen,
  from: Awaited<ReturnType<typeof grownBefore>> | undefined,
): Promise<Recipe> {
  const size = from && { width: from.model.config.width, layers: from.model.config.layers, from: from.sha256 };
  const chosen = { ...size, ...own };
  const shares = world === undefined ? undefined : await worldShares(world);
  try {
    return recipeOf({ ...chosen, world: shares });
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--${error.message}`);
    throw error;
  }
}
