/** Cures name the file that they are for, so that a command in them can be run as it stands. */
import { shellWord } from "../../text/index.js";
import type { Problem } from "./problem.js";
import type { RowFault } from "./refusal.js";

/** Stands in a cure for the file at fault. */
export const THE_FILE = "{file}";
/** Stands in a cure for a file beside it, which a command in the cure writes. */
export const A_NEW_FILE = "{new}";

export const cureFor = (file: string, cure: string): string =>
  cure.replaceAll(THE_FILE, () => shellWord(file)).replaceAll(A_NEW_FILE, () => shellWord(besideOf(file)));

const besideOf = (file: string): string =>
  `${file.replace(/(?:\.(?:jsonl?|ndjson|csv|tsv|txt))?(?:\.gz)?$/i, "")}.messages.jsonl`;

/** The command that makes conversations of a file. */
export const convertCure = (file: string): string =>
  cureFor(file, `Convert it: askew dataset convert ${THE_FILE} --out ${A_NEW_FILE}`);

/** A fault of a row whose place on the line is not known. */
export function problemOfRow(file: string, line: number, fault: RowFault): Problem {
  const { path: _, convert: _convert, cure, ...rest } = fault;
  return { file, line, ...rest, ...(cure !== undefined && { cure: cureFor(file, cure) }) };
}
