/**
 * Whether a model writes a number as one token. Many tokenizers (Qwen's, Mistral's, Gemma's) write every
 * digit by itself; the one token of such a judge is the first digit of its number, and no score.
 */
import type { Model } from "../../model/index.js";

const PROBE = "Write the number 57 and nothing else.";

/** `unknown` where the model said something else. Asks a model behind a server once, for 4 tokens. */
export async function tokensOfNumbers(model: Model, signal?: AbortSignal): Promise<"whole" | "split" | "unknown"> {
  const { tokens } = model;
  if (tokens) return tokens.encodeText("57").length === tokens.encodeText("5").length ? "whole" : "split";
  const options = { temperature: 0, maxTokens: 4, alternatives: 1, ...(signal && { signal }) };
  const request = { messages: [{ role: "user", content: PROBE }], seed: "judge/numbers" } as const;
  const [answer] = await model.sample([request], options);
  const said = (answer?.choices ?? []).map(({ token }) => token.trim()).filter((token) => token !== "");
  if (said[0] === "57") return "whole";
  return said[0] === "5" && said[1] === "7" ? "split" : "unknown";
}
