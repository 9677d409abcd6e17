/** Small whole files of JSON, written so that a reader sees the old one or the whole new one. */
import { readFile } from "node:fs/promises";
import { writeJsonAtomically } from "../onnx/index.js";
import { StudyError } from "./error.js";
import { codeOf, storing } from "./storing.js";

export async function writeJson(path: string, value: unknown): Promise<void> {
  await storing(path, () => writeJsonAtomically(path, value));
}

/** The value in a JSON file; undefined where there is no such file. */
export async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    return storing(path, () => Promise.reject(error));
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new StudyError(`${path} is not JSON. Restore it, or start anew in another folder with --out.`);
  }
}
