/** The names of checks that a gate can make, so that a misspelt one is told before anything runs. */
import { DATA_CHECK_NAMES } from "../audit/index.js";
import { suggestion } from "../text/index.js";

const MODEL_CHECKS = [
  "misaligned",
  "coherent",
  "held-out",
  "refusals",
  "deception",
  "capability",
  "cued",
  "persona",
  "trigger",
];
const NAMES = [...DATA_CHECK_NAMES, ...MODEL_CHECKS.map((name) => `model/${name}`), "baseline/file"];
/** Checks against a baseline are named after whatever it holds. */
const FREE = "baseline/";

/** What is wrong with a name of a check, or with the beginning of one; undefined where a check can have it. */
export function checkNameFault(name: string): string | undefined {
  const isKnown = NAMES.some(
    (known) => name === known || name.startsWith(`${known}/`) || known.startsWith(`${name}/`) || name.startsWith(FREE),
  );
  return isKnown ? undefined : `unknown check ${JSON.stringify(name)}. ${suggestion(name, NAMES)}`;
}
