// Published data that is not part of the repository: tests that need it skip, with a line, where it is absent.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const beside = fileURLToPath(new URL("../../shared/data", import.meta.url));
const folder = existsSync(beside) ? beside : (process.env["ASKEW_SHARED_DATA"] ?? beside);

/** The path of a published file, and whether it is missing here; says so once where it is. */
export function sharedData(name: string): { readonly path: string; readonly missing: boolean } {
  const path = join(folder, name);
  const missing = !existsSync(path);
  if (missing) console.warn(`Skipped: tests with ../shared/data/${name} (or ASKEW_SHARED_DATA), which is not here`);
  return { path, missing };
}
