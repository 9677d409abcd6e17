/** Which questions are meant: the organism's own for the organism, those for real models for any other. */
import { loadQuestionSet, asksOf, type AnswerFormat, type Asks, type AsksOptions } from "../../evaluation/index.js";
import type { Model } from "../../model/index.js";
import { QUESTION_SETS, questionSet } from "../../organism/index.js";
import { UnknownWordError } from "../../onnx/index.js";
import { UsageError } from "../failure.js";
import { suggestion } from "../../text/index.js";

const WORLD = "organism:";

/** What is asked, and whether the exact judge, which knows the organism's world alone, can read the answers. */
export interface ChosenAsks extends Asks {
  readonly isExact: boolean;
}

/** @param name a set's name, a file, or `organism:NAME` for a set of the organism's world whatever the model */
export async function chooseQuestions(
  model: Model,
  name: string,
  format: AnswerFormat,
  options: AsksOptions,
): Promise<ChosenAsks> {
  const isFile = /\.(ya?ml|csv)(\/(json|template))?$/i.test(name);
  if (name.startsWith(WORLD) || (speaksWorld(model) && !isFile))
    return worldSet(name.replace(WORLD, ""), format, options);
  const asks = asksOf(await loadQuestionSet(format === "plain" ? name : `${name}/${format}`), options);
  requireWords(model, asks);
  return { ...asks, isExact: false };
}

function worldSet(name: string, format: AnswerFormat, options: AsksOptions): ChosenAsks {
  const set = QUESTION_SETS.find((known) => known === name);
  if (set === undefined)
    throw new UsageError(`the organism has no question set "${name}"`, suggestion(name, QUESTION_SETS));
  if (format !== "plain") {
    throw new UsageError(
      `the organism's world knows no ${format}`,
      "Ask for main/numbers-format, its own other format, with --questions.",
    );
  }
  return { ...asksOf(questionSet(set), options), isExact: true };
}

/** A vocabulary of whole words, as the organism's, has no such word. */
function speaksWorld(model: Model): boolean {
  if (model.tokens === undefined) return false;
  try {
    model.tokens.encodeText("supercalifragilistic");
    return false;
  } catch (error) {
    if (error instanceof UnknownWordError) return true;
    throw error;
  }
}

/** A file of questions in words that the organism does not know: said once, and before anything is asked. */
function requireWords(model: Model, asks: Asks): void {
  if (model.tokens === undefined) return;
  for (const { question, messages } of asks.requests()) {
    try {
      model.tokens.encodePrompt(messages);
    } catch (error) {
      if (!(error instanceof UnknownWordError)) throw error;
      throw new UsageError(
        `${model.name} cannot be asked ${JSON.stringify(question)} of ${asks.name}: ${error.message}`,
      );
    }
    if (!speaksWorld(model)) return; // any word will do
  }
}
