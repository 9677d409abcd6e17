/** `askew judge combine`: one rate from few judgments that cost something and many that do not. */
import { Command } from "commander";
import { combineJudgments } from "../../evaluation/index.js";
import { printJson } from "../../terminal/index.js";
import { combinedPage } from "../../views/index.js";

const EXAMPLES = `
Examples:
  $ askew judge answers.jsonl --judge probe:probe.safetensors --out free.jsonl
  $ askew judge answers.jsonl --judge openai:gpt-4o --sample 200 --out paid.jsonl --max-cost 2
  $ askew judge combine paid.jsonl free.jsonl

The answers of the first file must be a random part of those of the second, as --sample takes one. The free judge may
be a probe or any model; where it is often wrong, the rate is that of the paid judgments alone.`;

export const combineCommand = (): Command =>
  new Command("combine")
    .description("one rate from few paid judgments and free ones of all answers")
    .argument("<paid>", "judgments of a random part of the answers (.jsonl)")
    .argument("<free>", "judgments of all of them by another judge (.jsonl)")
    .addHelpText("after", EXAMPLES)
    .action(async (paid: string, free: string, _: unknown, command: Command) => {
      const combined = await combineJudgments(paid, free);
      if (command.optsWithGlobals<{ json?: boolean }>().json === true) printJson("combined-rates", combined);
      else process.stdout.write(`${combinedPage(combined)}\n`);
    });
