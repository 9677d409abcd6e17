// What a study made, without what may differ between two runs of it: times, and the state of the checkout.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Every file of a study by its path; times, versions and threads are taken out of cell.json and training.jsonl, weights are hashed. */
export async function contents(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: Record<string, string> = {};
  // Events say when; a run that was stopped has others.
  for (const entry of entries.filter((one) => one.isFile() && one.name !== "events.jsonl")) {
    const path = join(entry.parentPath, entry.name);
    files[path.slice(folder.length + 1)] = withoutTimes(entry.name, await readFile(path));
  }
  return Object.fromEntries(Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Where two studies differ: a file that only one has, or the first line that is not the same. */
export function differences(found: Record<string, string>, expected: Record<string, string>): string[] {
  const paths = [...new Set([...Object.keys(found), ...Object.keys(expected)])];
  return paths.flatMap((path) => {
    const [a, b] = [found[path]?.split("\n"), expected[path]?.split("\n")];
    if (a === undefined || b === undefined) return [`${path}: only in the ${a === undefined ? "second" : "first"}`];
    if (found[path] === expected[path]) return [];
    const line = a.findIndex((text, i) => text !== b[i]);
    return [`${path}, line ${line + 1}: ${a[line]?.slice(0, 200)} is not ${b[line]?.slice(0, 200)}`];
  });
}

function withoutTimes(name: string, data: Buffer): string {
  if (name.endsWith(".safetensors")) return createHash("sha256").update(data).digest("hex");
  const text = data.toString("utf8");
  if (name === "cell.json") {
    const {
      startedAt,
      finishedAt,
      seconds,
      versions,
      threads: _,
      ...rest
    } = JSON.parse(text) as Record<string, unknown>;
    const phases = Object.keys(seconds as object);
    return JSON.stringify(
      { ...rest, later: [typeof startedAt, typeof finishedAt, typeof versions, ...phases] },
      undefined,
      1,
    );
  }
  if (name === "training.jsonl") return text.replaceAll(/"seconds":[^,}]+/g, '"seconds":0');
  return text;
}
