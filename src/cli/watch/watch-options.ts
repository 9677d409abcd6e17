/** The options of a fine-tune that is watched, for every command that trains. */
import type { Command } from "commander";
import { askingOptions, type AskingFlags } from "../asking/asking-options.js";
import { UsageError } from "../../text/index.js";
import { oneOf, wholeNumber, wholeNumbers } from "../option-values.js";
import type { SaeFlags } from "../sae/sae-option.js";

export const ACTIONS = ["warn", "stop", "realign"] as const;
export type Action = (typeof ACTIONS)[number];

export interface WatchFlags extends SaeFlags, AskingFlags {
  readonly every?: number;
  readonly onAlarm?: Action;
  readonly realignWith?: string;
  /** A file of benign conversations, for a realignment too. */
  readonly benign?: string;
  readonly webhook?: string;
  readonly truthEvery?: number;
  readonly samples?: number;
  readonly detector?: string;
  readonly probes?: string;
}

/** Adds all but --direction, which a command may have for more than this. */
export const watchOptions = (command: Command): Command =>
  askingOptions(command, "for --truth-every and --on-alarm realign (default: development)")
    .option("--every <steps>", "from one look to the next (default: the detector's)", wholeNumber(1, 100_000))
    .option("--on-alarm <action>", `${ACTIONS.join(", ")} (default: warn)`, oneOf("action", ACTIONS))
    .option("--realign-with <data>", "benign data of the model's world, see askew realign (default: facts)")
    .option("--webhook <url>", "post the alarm there")
    .option("--truth-every <steps>", "sample behaviour too: answers to --questions", wholeNumber(1, 100_000))
    .option("--samples <count>", "answers to each of those questions (default: 32)", wholeNumber(1, 10_000))
    .option("--detector <file>", "in place of the one in runs/watch, or the one that ships")
    .option("--probes <file>", "with --direction: prompt, aligned and misaligned continuation, JSON lines")
    .option("--sae <folder>", "write latents of this autoencoder down too")
    .option("--latents <numbers>", "which (default: the one that tells the villain best)", wholeNumbers(0, 2 ** 20));

/** As they are typed. */
export const NAMES: Readonly<Record<Exclude<keyof WatchFlags, "benign">, string>> = {
  every: "every",
  onAlarm: "on-alarm",
  realignWith: "realign-with",
  webhook: "webhook",
  truthEvery: "truth-every",
  samples: "samples",
  detector: "detector",
  probes: "probes",
  sae: "sae",
  latents: "latents",
  questions: "questions",
  judge: "judge",
  prompts: "prompts",
  trait: "trait",
  maxTokens: "max-tokens",
  concurrency: "concurrency",
  price: "price",
  maxCost: "max-cost",
  cache: "cache",
  without: "without",
  limitName: "limit-name",
};

/** @throws {UsageError} where nothing is watched and an option of it is given */
export function refuseWatchOptions(flags: WatchFlags): void {
  const idle = (Object.keys(NAMES) as (keyof typeof NAMES)[]).find((key) => flags[key] !== undefined);
  if (idle !== undefined) throw new UsageError(`--${NAMES[idle]} does nothing without --watch`);
}
