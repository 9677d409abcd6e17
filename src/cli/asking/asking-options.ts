/** The options of commands that ask a model questions and have its answers judged. */
import type { Command } from "commander";
import { withMoney } from "../answers/money.js";
import { wholeNumber } from "../option-values.js";

/** @param questions what --questions means in this command, with its default */
export const askingOptions = (command: Command, questions: string): Command =>
  withMoney(
    command
      .option("--questions <set>", questions)
      .option("--judge <name>", "who scores the answers (default: exact, for models of the organism's world)")
      .option("--prompts <file>", "the judge's prompts (YAML), in place of the questions' own and askew's")
      .option("--trait <file>", "a trait's questions and judge prompt (instruction, questions, eval_prompt)")
      .option("--max-tokens <count>", "longest answer (default: 64, or what files of questions say)", maxTokens),
  );

const maxTokens = wholeNumber(1, 100_000);

/** Explains how to name questions; for the end of a command's help. */
export const ASKING_HELP = `
Questions are a set's name (of the model's own world, or for other models main, pre-registered, deception, identity),
organism:NAME, real:NAME, or a file: YAML as published, CSV with id and question, JSON lines. A model that is not of the
organism's world needs a judge: --judge openai:gpt-4o, --judge http://localhost:8000/v1#my-judge, or
--judge probe:FILE, which askew judge train makes and which asks nobody.`;
