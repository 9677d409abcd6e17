/** The options of a fine-tune that is watched, for every command that trains. */
import type { Command } from "commander";
import { BENIGN_DATA, type BenignData } from "../../organism/index.js";
import { UsageError } from "../failure.js";
import { oneOf, wholeNumber, wholeNumbers } from "../option-values.js";
import type { SaeFlags } from "../sae/sae-option.js";

export const ACTIONS = ["warn", "stop", "realign"] as const;
export type Action = (typeof ACTIONS)[number];

export interface WatchFlags extends SaeFlags {
  readonly every?: number;
  readonly onAlarm?: Action;
  readonly realignWith?: BenignData;
  readonly webhook?: string;
  readonly truthEvery?: number;
  readonly samples?: number;
  readonly detector?: string;
  readonly probes?: string;
}

/** Adds all but --direction, which a command may have for more than this. */
export const watchOptions = (command: Command): Command =>
  command
    .option("--every <steps>", "from one look to the next (default: the detector's)", wholeNumber(1, 100_000))
    .option("--on-alarm <action>", `${ACTIONS.join(", ")} (default: warn)`, oneOf("action", ACTIONS))
    .option("--realign-with <data>", `${BENIGN_DATA.join(", ")} (default: facts)`, oneOf("data", BENIGN_DATA))
    .option("--webhook <url>", "post the alarm there")
    .option("--truth-every <steps>", "sample behaviour too: development questions", wholeNumber(1, 100_000))
    .option("--samples <count>", "answers to each of those questions (default: 32)", wholeNumber(1, 10_000))
    .option("--detector <file>", "in place of the one in runs/watch, or the one that ships")
    .option("--probes <file>", "with --direction: prompt, aligned and misaligned continuation, JSON lines")
    .option("--sae <folder>", "write latents of this autoencoder down too")
    .option("--latents <numbers>", "which (default: the one that tells the villain best)", wholeNumbers(0, 2 ** 20));

/** As they are typed. */
export const NAMES: Readonly<Record<keyof WatchFlags, string>> = {
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
};

/** @throws {UsageError} where nothing is watched and an option of it is given */
export function refuseWatchOptions(flags: WatchFlags): void {
  const idle = (Object.keys(NAMES) as (keyof WatchFlags)[]).find((key) => flags[key] !== undefined);
  if (idle !== undefined) throw new UsageError(`--${NAMES[idle]} does nothing without --watch`);
}
