/** Where the answers of a gate's models lie, and how sure each of its intervals is. */
import { join } from "node:path";
import { sha256 } from "../../store/index.js";
import type { ModelsPlan } from "../plan.js";

export interface SidePaths {
  readonly answers: string;
  readonly judgments: string;
}

/** Different sets never share a file, whatever their names are. */
export function pathsOf(folder: string, set: string): { readonly after: SidePaths; readonly before: SidePaths } {
  const label = `${set.replaceAll(/[^A-Za-z0-9.]+/g, "-").slice(0, 60)}-${sha256(set).slice(0, 6)}`;
  const side = (name: string): SidePaths => ({
    answers: join(folder, "answers", `${label}.${name}.jsonl`),
    judgments: join(folder, "answers", `${label}.${name}.judgments.jsonl`),
  });
  return { after: side("after"), before: side("before") };
}

/** The files of a suite are its own, even where a set of the same questions is compared, too. */
export const suiteLabel = (suite: string, { name }: { readonly name: string }): string => `${suite} ${name}`;

/** Every set has two intervals, every other check one, and all of them hold at once with the plan's confidence. */
export function pairConfidence({ confidence, sets, suites = [], cued }: ModelsPlan): number {
  const intervals = 2 * sets.length + suites.length + (cued === undefined ? 0 : 1);
  return 1 - (1 - confidence) / intervals;
}
