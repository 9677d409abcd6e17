/**
 * Whether a model in this process writes a number as one token. Many tokenizers (Qwen's, Mistral's, Gemma's) write every
 * digit by itself; the one token of such a judge is the first digit of its number, and no score.
 */
import type { Model } from "../../model/index.js";

/** True of a model whose tokenizer is out of reach: its replies will show it. */
export function writesWholeNumbers({ tokens }: Model): boolean {
  return tokens === undefined || tokens.encodeText("57").length === tokens.encodeText("5").length;
}
