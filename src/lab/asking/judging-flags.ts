/** User options of judges. */
import type { Scoring } from "../../evaluation/index.js";
import type { MoneyOptions } from "./servers.js";

/** Everything that opening judges needs. */
export interface JudgingOptions extends MoneyOptions {
  readonly judge?: string;
  readonly prompts?: string;
  readonly scoring?: Scoring;
  readonly replies?: number;
  readonly maxTokens?: number;
  readonly reader?: string;
  readonly study?: string;
  readonly threads?: number;
  readonly json?: boolean;
}
