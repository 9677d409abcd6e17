/** Growing an organism with progress on stderr; a clean stop throws `Interrupted`. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ModelFolder } from "../../onnx/index.js";
import { growOrganism, type Recipe } from "../../organism/index.js";
import { makeOutputFolder } from "../../store/index.js";
import { onInterrupt } from "../../terminal/index.js";
import { Interrupted } from "../../text/index.js";
import { GrowthProgress } from "../../views/index.js";
import { commandOf } from "../run/this-command.js";

const STOPPING = "Stopping after this step. Press Ctrl-C again to stop at once.";

/** A growth that has not come to its end leaves a checkpoint. */
export const isBegun = (out: string): boolean => existsSync(join(out, "checkpoint.safetensors"));

interface How {
  readonly threads?: number | undefined;
  /** The folder is to be carried on by this very command; default true. */
  readonly isAlone?: boolean;
  /** The model to carry on from, which the recipe names. */
  readonly from?: ModelFolder | undefined;
}

export async function grow(out: string, recipe: Recipe, { threads, isAlone = true, from }: How = {}): Promise<void> {
  makeOutputFolder(out);
  const progress = new GrowthProgress(process.stderr, recipe);
  const interrupt = onInterrupt(
    () => progress.stopping(STOPPING),
    () => progress.close(),
  );
  try {
    await growOrganism({
      out,
      recipe,
      ...(from && { from }),
      signal: interrupt.signal,
      onStep: (step) => progress.hear(step),
      ...(isAlone && commandOf()),
      ...(threads !== undefined && { threads }),
    });
  } catch (error) {
    if (!interrupt.signal.aborted || error !== interrupt.signal.reason) throw error;
    progress.close();
    process.stderr.write(
      `Stopped. The same command ${isBegun(out) ? "carries on from the last checkpoint" : "begins again"}.\n`,
    );
    throw new Interrupted(interrupt.exitCode);
  } finally {
    progress.close();
    interrupt.release();
  }
}
