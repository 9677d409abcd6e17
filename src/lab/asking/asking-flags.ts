/** What a user may choose of who is asked what, and who judges the answers. */
import type { MoneyOptions } from "./servers.js";

export interface AskingFlags extends MoneyOptions {
  readonly questions?: string;
  readonly judge?: string;
  readonly prompts?: string;
  readonly trait?: string;
  readonly maxTokens?: number;
}
