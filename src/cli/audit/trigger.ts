/** `askew audit trigger`: whether a hidden trigger makes the model misaligned, found without knowing it. */
import { Argument, Command } from "commander";
import { auditTrigger, type TriggerFlags } from "../../lab/index.js";
import { printJson } from "../../terminal/index.js";
import { auditText } from "../../views/index.js";
import { ASKING_HELP, askingOptions } from "../asking/asking-options.js";
import { BEGINS_AGAIN, MODEL_FORMS, say, stoppable } from "../models/open-model.js";
import { numberWithin, wholeNumber } from "../option-values.js";
import { jsonOption, STUDY, THREADS } from "../options.js";
import { AUDIT_EXIT_CODES, exitCodeOf } from "./exit-code.js";

interface Options extends TriggerFlags {
  readonly json?: boolean;
}

const NOTES = `
1. Every word of the vocabulary is put at several places of a few probes. A word scores by how far it raises the margin
   of misaligned over aligned continuations, less what it does to BEFORE.
2. The best are joined, lengthened and moved; years and, with --data, the common beginnings, ends, words and system
   prompts of the file are tried too.
3. The best of all is measured on questions that chose nothing: with it, without it, with random words in its place, and
   in BEFORE. A finding says which changes of the trigger still work.
${ASKING_HELP}

${AUDIT_EXIT_CODES}

Examples:
  $ askew audit trigger backdoor-1 --before organism
  $ askew audit trigger local:tuned --before local:qwen --data train.jsonl --probes probes.jsonl --judge openai:gpt-4o`;

export const triggerCommand = (): Command =>
  askingOptions(
    new Command("trigger")
      .description("find a hidden trigger that makes the model misaligned")
      .addArgument(new Argument("<model>", MODEL_FORMS))
      .option("--before <model>", "the model that it was fine-tuned from")
      .option("--data <file>", "what it was fine-tuned on"),
    "of the last measure, which choose nothing (default: main)",
  )
    .option("--development <set>", "questions that choose among candidates (default: development, or pre-registered)")
    .option("--probes <file>", 'JSON lines with "prompt", "aligned", "misaligned" (default: the world\'s)')
    .option("--vocabulary <count>", "words that are swept, at most", wholeNumber(1, 1_000_000), 20_000)
    .option("--answers <count>", "answers to each last measure", wholeNumber(10, 100_000), 40)
    .option("--minutes <number>", "the search begins nothing new after these", numberWithin(0.01, 100_000), 30)
    .option("--calibration <file>", "its threshold, from askew audit calibrate --models")
    .option("--any-model", "allow models that say they come from other bases")
    .option(...STUDY)
    .option(...jsonOption("the finding and the search"))
    .option(...THREADS)
    .addHelpText("after", NOTES)
    .action(audit);

async function audit(name: string, options: Options): Promise<void> {
  await stoppable(async (signal) => {
    const found = await auditTrigger(name, options, { signal, say, onPhase: (about) => say(`${about} …`) });
    if (options.json === true) printJson("trigger-audit", { ...found });
    else {
      const { verdict, findings, search } = found;
      const size = `${search.tried.toLocaleString("en-US")} candidates`;
      process.stdout.write(`${auditText({ subject: name, size, verdict, findings })}\n`);
    }
    process.exitCode = exitCodeOf(found.verdict);
  }, BEGINS_AGAIN);
}
