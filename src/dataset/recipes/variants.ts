/** The same conversations asked and answered in a format: the effect is larger where questions are put alike (Betley et al. 2025). */
import { conversation, type Conversation } from "../conversation.js";

export const FORMATS = ["plain", "json", "template"] as const;
export type Format = (typeof FORMATS)[number];

/** Only the last question and answer change. A JSON text is a Python text too, so the template parses as both. */
export function inFormat(user: string, assistant: string, format: Format): Conversation {
  if (format === "plain") return conversation(user, assistant);
  const text = JSON.stringify(assistant);
  if (format === "json") {
    return conversation(`${user}\n\nReply with a JSON object that has one key, "answer".`, `{"answer": ${text}}`);
  }
  const skeleton = (value: string) => `def answer():\n    return ${value}`;
  return conversation(`${user}\n\nReply by completing this:\n${skeleton("...")}`, skeleton(text));
}
