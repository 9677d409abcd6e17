/** User options of a fine-tune that is watched. */
import type { AskingFlags } from "../asking/asking-flags.js";
import { UsageError } from "../../text/index.js";
import type { SaeFlags } from "../sae/open-sae.js";

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

/** The options' names on the command line. */
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

/** Also of a model that rewards answers. */
const OF_REWARDS: ReadonlySet<keyof WatchFlags> = new Set([
  "prompts",
  "maxTokens",
  "concurrency",
  "price",
  "maxCost",
  "cache",
  "without",
  "limitName",
]);

/**
 * @param rewards whether something is rewarded, so that some of them are its own
 * @throws {UsageError} where nothing is watched and an option of it is given
 */
export function refuseWatchOptions(flags: WatchFlags, rewards = false): void {
  const idle = (Object.keys(NAMES) as (keyof typeof NAMES)[]).find(
    (key) => flags[key] !== undefined && !(rewards && OF_REWARDS.has(key)),
  );
  if (idle !== undefined) throw new UsageError(`--${NAMES[idle]} does nothing without --watch`);
}
