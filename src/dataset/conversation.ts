/** Conversations, the unit of a fine-tuning dataset: `{"messages":[{"role":…,"content":…}]}`, one a line. */
import type { Message } from "../model/index.js";

export interface Conversation {
  readonly messages: readonly Message[];
  /** Keys such as `weight` of each message, where a form that is converted has them; they are written again. */
  readonly loss?: readonly Readonly<Record<string, unknown>>[];
  /** What stood beside the messages in its row: carried when rows are written again, never learned from. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

export function conversation(user: string, assistant: string, system?: string): Conversation {
  return {
    messages: [
      ...(system === undefined ? [] : [{ role: "system", content: system } as const]),
      { role: "user", content: user },
      { role: "assistant", content: assistant },
    ],
  };
}
