/** Options that several commands have, declared once: `command.option(...THREADS)`. */
import { oneOf, threadCount, wholeNumber } from "./option-values.js";

export const THREADS = ["--threads <count>", "threads to compute with (default: all)", threadCount] as const;

export const STUDY = ["--study <folder>", "the study that conditions are taken from"] as const;

/** @param what is printed: `the rows` */
export const jsonOption = (what: string) =>
  ["--json", `print ${what} as JSON on stdout, and nothing else there`] as const;

const LARGEST_SEED = 2 ** 31 - 1;

/** @param about what it decides, where that is not every random number of the command */
export const seedOption = (about = "of the random numbers", least = 0) =>
  ["--seed <number>", about, wholeNumber(least, LARGEST_SEED)] as const;

export const TOKENS = [
  "--tokens <which>",
  "steer all tokens or the answer's alone",
  oneOf("tokens", ["all", "answer"]),
  "all",
] as const;

/** @param most answers */
export const samplesOption = (about = "answers to each question", most = 100_000) =>
  ["--samples <count>", about, wholeNumber(1, most)] as const;

/** The folder of a run. @param usual where it is unless the user says otherwise */
export const outOption = (usual: string) => ["--out <folder>", `where everything is kept (default: ${usual})`] as const;
