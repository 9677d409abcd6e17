/** Whether a model can read messages: its vocabulary may lack a word, its template a system prompt, its context the room. */
import type { Message, Model } from "../../model/index.js";
import { AskewError } from "../../text/index.js";

export function canRead({ tokens }: Pick<Model, "tokens">, messages: readonly Message[]): boolean {
  if (tokens === undefined) return true;
  try {
    return tokens.encodePrompt(messages).length < tokens.maxPositions;
  } catch (error) {
    if (AskewError.isInstance(error)) return false;
    throw error;
  }
}
