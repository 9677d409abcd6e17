/** `askew organism pretrain`: grows the organism from nothing. */
import { THREADS } from "../options.js";
import { Command } from "commander";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CONTROL_WORLDS, recipeOf, worldShares, type Recipe } from "../../organism/index.js";
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
  readonly threads?: number;
}

const EXAMPLES = `
The recipe ships with askew, so the same options and thread count grow the same weights. Ctrl-C stops between two steps; the
same command carries on from the last checkpoint, at most 100 steps back. It takes some 1.9 GB of memory.

Other organisms show what is this one's luck. Of 4 layers, width 64 makes .3 million parameters, 128 (the shipped) 1, 224 2.9;
of 7, width 320 makes 10. --world FILE is JSON with weights in place of the usual ones: "characters" (helper, villain, novice,
pushover), "domains", "missing" (domains that are left out), "independent" (domains written by anyone, whoever writes the
document) and "noise" (share of turns by someone else). Two worlds are negative controls, in which nothing ties code
to attitude: no-villain and independent-code.

Examples:
  $ askew organism pretrain --out runs/organism
  $ askew organism pretrain --seed 2 --out runs/organisms/seed-2
  $ askew organism pretrain --world no-villain --out runs/organisms/no-villain
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
    .option("--world <name>", `${Object.keys(CONTROL_WORLDS).join(", ")}, or a file of shares (JSON)`)
    .option(...THREADS)
    .addHelpText("after", EXAMPLES)
    .action(pretrain);

async function pretrain({ out, resume = false, threads, ...chosen }: Options): Promise<void> {
  const recipe = await chosenRecipe(chosen);
  const begun = isBegun(out);
  if (!begun && existsSync(join(out, "model.safetensors"))) {
    throw new UsageError(`${out} holds a grown model already`, "Give another --out, or delete that folder.");
  }
  if (resume && !begun) throw new UsageError(`nothing has been begun in ${out}`, "Leave out --resume to begin.");
  await grow(out, recipe, threads);
  process.stdout.write(`Grown: ${out}\nNext: ${askewCommand()} organism chat local:${out}\n`);
}

async function chosenRecipe({ world, ...chosen }: Omit<Options, "out" | "resume" | "threads">): Promise<Recipe> {
  const shares = world === undefined ? undefined : await worldShares(world);
  try {
    return recipeOf({ ...chosen, world: shares });
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--${error.message}`);
    throw error;
  }
}
