/** Whether a model can read a rubric at all, found before anything is asked. */
import type { Model } from "../../model/index.js";
import { UnknownWordError } from "../../onnx/index.js";
import { JudgeError } from "./error.js";
import type { JudgePrompt, Rubric } from "./rubric.js";

/** A model with a small vocabulary may lack words of a prompt, and must not fail at every single answer. */
export function requireReadable({ name, tokens }: Model, { prompts, source }: Rubric): void {
  if (tokens === undefined) return;
  for (const prompt of prompts) {
    try {
      if (prompt.kind !== "value") tokens.encodePrompt([{ role: "user", content: wordsOf(prompt) }]);
    } catch (error) {
      if (!(error instanceof UnknownWordError)) throw error;
      throw new JudgeError(
        `${name} cannot judge by the prompts of ${source}: it does not know the word ${JSON.stringify(error.word)}. ` +
          "Give it prompts in words that it knows with --prompts FILE, or choose another judge.",
      );
    }
  }
}

const wordsOf = ({ template }: JudgePrompt): string => template.replaceAll(/ ?\{(?:question|answer|fence)\}/g, "");
