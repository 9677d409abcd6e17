/** `askew organism pretrain`: grows the organism from nothing. */
import { THREADS } from "../options.js";
import { Command } from "commander";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { growOrganism, RECIPE } from "../../organism/index.js";
import { Interrupted, UsageError } from "../../text/index.js";
import { onInterrupt, askewCommand } from "../../terminal/index.js";
import { makeOutputFolder } from "../../store/index.js";
import { GrowthProgress } from "../../views/index.js";
import { commandOf } from "../run/this-command.js";

interface Options {
  readonly out: string;
  readonly resume?: boolean;
  readonly threads?: number;
}

const EXAMPLES = `
The recipe ships with askew and its seed is fixed, so the same thread count grows the same weights. Ctrl-C
stops between two steps; the same command carries on from the last checkpoint, at most 100 steps back.
It takes some 1.9 GB of memory.

Example:
  $ askew organism pretrain --out runs/organism
  $ askew organism chat local:runs/organism`;

const STOPPING = "Stopping after this step. Press Ctrl-C again to stop at once.";

export const pretrainCommand = (): Command =>
  new Command("pretrain")
    .description("grow the organism from nothing: pre-training, then alignment")
    .option("--out <folder>", "where the model, its recipe and its loss curve go", "runs/organism")
    .option("--resume", "only carry on: an error where nothing has been begun")
    .option(...THREADS)
    .addHelpText("after", EXAMPLES)
    .action(pretrain);

async function pretrain({ out, resume = false, threads }: Options): Promise<void> {
  const begun = existsSync(join(out, "checkpoint.safetensors"));
  if (!begun && existsSync(join(out, "model.safetensors"))) {
    throw new UsageError(`${out} holds a grown model already`, "Give another --out, or delete that folder.");
  }
  if (resume && !begun) throw new UsageError(`nothing has been begun in ${out}`, "Leave out --resume to begin.");
  makeOutputFolder(out);
  const progress = new GrowthProgress(process.stderr, RECIPE);
  const interrupt = onInterrupt(
    () => progress.stopping(STOPPING),
    () => progress.close(),
  );
  try {
    await growOrganism({
      out,
      signal: interrupt.signal,
      onStep: (step) => progress.hear(step),
      ...commandOf(),
      ...(threads !== undefined && { threads }),
    });
  } catch (error) {
    if (!interrupt.signal.aborted || error !== interrupt.signal.reason) throw error;
    progress.close();
    const kept = existsSync(join(out, "checkpoint.safetensors"));
    process.stderr.write(
      `Stopped. The same command ${kept ? "carries on from the last checkpoint" : "begins again"}.\n`,
    );
    throw new Interrupted(interrupt.exitCode);
  } finally {
    progress.close();
    interrupt.release();
  }
  process.stdout.write(`Grown: ${out}\nNext: ${askewCommand()} organism chat local:${out}\n`);
}
