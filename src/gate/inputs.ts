/**
 * What a gate's folder was made with, beside what its answers rest on: its data, its baseline and what it requires. All of
 * these are looked at anew by every run, so a change of them ends nothing; but nobody shall take it for the same gate.
 */
import { join } from "node:path";
import { fileSha256, firstDifference, readJsonIfPresent, writeJson } from "../store/index.js";
import type { GatePlan } from "./plan.js";

export const INPUTS_FILE = "inputs.json";

/** @param tell hears of the first difference from the last run in this folder */
export async function tellOtherInputs(folder: string, plan: GatePlan, tell: (line: string) => void): Promise<void> {
  const path = join(folder, INPUTS_FILE);
  const [before, now] = [await readJsonIfPresent(path), await inputsOf(plan)];
  const difference = before === undefined ? undefined : firstDifference(before, now);
  if (difference !== undefined) {
    const { path: at, left, right } = difference;
    tell(`${folder} was made with ${at} ${shown(left)}, and now it is ${shown(right)}: its report is written anew.`);
  }
  if (before === undefined || difference !== undefined) await writeJson(path, now);
}

async function inputsOf({ data, reader, calibration, baseline, required }: GatePlan): Promise<object> {
  const hashed: Record<string, unknown> = {};
  for (const { file, max } of data) hashed[file] = { sha256: (await fileSha256(file)).slice(0, 12), max };
  return {
    data: hashed,
    ...(reader && { reader: { ...reader } }),
    ...(calibration !== undefined && { calibration: (await fileSha256(calibration)).slice(0, 12) }),
    ...(baseline && { baseline: { ...baseline } }),
    ...(required && { required }),
  };
}

function shown(value: unknown): string {
  if (value === undefined) return "absent";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
