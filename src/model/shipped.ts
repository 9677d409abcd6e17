/** Models whose weights ship with askew: each is a folder in `weights/` at the package's root, and its name is the model's. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { packagePath } from "../text/index.js";

const FOLDER = packagePath("weights");

let names: readonly string[] | undefined;

/** Their names, which every command and `openModel` take. */
export function shippedModels(): readonly string[] {
  names ??= readdirSync(FOLDER, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  return names;
}

/** The folder of one of them; undefined where no such model ships. */
export const shippedFolder = (name: string): string | undefined =>
  shippedModels().includes(name) ? join(FOLDER, name) : undefined;
