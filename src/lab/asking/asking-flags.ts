/** User options of commands that ask a model and have its answers judged. */
import type { MoneyOptions } from "./servers.js";

export interface AskingFlags extends MoneyOptions {
  readonly questions?: string;
  readonly judge?: string;
  readonly prompts?: string;
  readonly trait?: string;
  readonly maxTokens?: number;
}
