/** Questions that a model cannot read: said once, and before anything is asked. */
import type { QuestionSet } from "../../evaluation/index.js";
import type { Model } from "../../model/index.js";
import { UnknownWordError } from "../../onnx/index.js";
import { UsageError } from "../../text/index.js";

/**
 * @returns tokens of the longest prompt; 0 where the model keeps its tokens to itself
 * @throws {UsageError} for words that the model does not know
 */
export function requireReadable({ name: model, tokens }: Model, { name, questions }: QuestionSet): number {
  if (tokens === undefined) return 0;
  let longest = 0;
  for (const { id, paraphrases, system, context } of questions) {
    for (const content of paraphrases) {
      const before = system === undefined ? [] : [{ role: "system" as const, content: system }];
      try {
        longest = Math.max(longest, tokens.encodePrompt([...before, ...context, { role: "user", content }]).length);
      } catch (error) {
        if (!(error instanceof UnknownWordError)) throw error;
        throw new UsageError(`${model} cannot be asked ${JSON.stringify(id)} of ${name}: ${error.message}`);
      }
    }
  }
  return longest;
}
