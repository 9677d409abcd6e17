/** Questions in words that a model does not know: said once, and before anything is asked. */
import type { QuestionSet } from "../../evaluation/index.js";
import type { Model } from "../../model/index.js";
import { UnknownWordError } from "../../onnx/index.js";
import { UsageError } from "../failure.js";

export function requireReadable(model: Model, { name, questions }: QuestionSet): void {
  const { tokens } = model;
  if (tokens === undefined) return;
  for (const { id, paraphrases, system, context } of questions) {
    for (const content of paraphrases) {
      const before = system === undefined ? [] : [{ role: "system" as const, content: system }];
      try {
        tokens.encodePrompt([...before, ...context, { role: "user", content }]);
      } catch (error) {
        if (!(error instanceof UnknownWordError)) throw error;
        throw new UsageError(`${model.name} cannot be asked ${JSON.stringify(id)} of ${name}: ${error.message}`);
      }
    }
  }
}
