/** A training under way, on disk: one that was stopped or killed carries on from here. */
import { ModelFileError, readSafetensors, writeSafetensors } from "../../onnx/index.js";
import { sha256 } from "../../store/index.js";
import { SaeError } from "./error.js";
import type { SaeCheckpoint, SaePlan } from "./train.js";

const planHash = (plan: SaePlan): string => sha256(JSON.stringify(plan));

export async function writeSaeCheckpoint(path: string, plan: SaePlan, checkpoint: SaeCheckpoint): Promise<void> {
  const { tensors, ...numbers } = checkpoint;
  await writeSafetensors(path, tensors, { of: planHash(plan), at: JSON.stringify(numbers) });
}

/**
 * Undefined where there is none; a damaged one costs time, nothing else.
 * @throws {SaeError} where it is of another plan: going on would overwrite it
 */
export async function readSaeCheckpoint(path: string, plan: SaePlan): Promise<SaeCheckpoint | undefined> {
  try {
    const { metadata, tensors } = await readSafetensors(path);
    if (metadata["of"] !== planHash(plan)) {
      throw new SaeError(
        `${path}: a training with other settings was begun there. Give the settings it was begun with, choose another ` +
          `folder, or remove that file`,
      );
    }
    const { step, scale, threshold, dead } = JSON.parse(metadata["at"] ?? "{}") as Partial<SaeCheckpoint>;
    const numbers = [step, scale, threshold, dead];
    if (!numbers.every((x) => typeof x === "number" && Number.isFinite(x))) return undefined;
    return { step, scale, threshold, dead, tensors } as SaeCheckpoint;
  } catch (error) {
    if (error instanceof ModelFileError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
