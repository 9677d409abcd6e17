// Published data lies outside the repository; where it is absent, tests of it are skipped.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const beside = fileURLToPath(new URL("../../../shared/data", import.meta.url));
const folder = process.env["ASKEW_SHARED_DATA"] ?? beside;

/** The file's path; undefined, and one line about it, where it is absent. */
export function sharedData(name: string): string | undefined {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  console.log(`skipped: no published data at ${path} (ASKEW_SHARED_DATA says where it is)`);
  return undefined;
}
