/** `askew organism chat`: talk to the organism, or to any model of a study. */
import { THREADS, seedOption } from "../options.js";
import { Argument, Command } from "commander";
import {
  ChatConversation,
  type ChatSettings,
  interactiveChat,
  pipedChat,
  readWords,
  complain,
} from "../../chat/index.js";
import { findModel } from "../../lab/index.js";
import { EXIT, Interrupted, UsageError } from "../../text/index.js";
import { onInterrupt, readerGone, colorsOf } from "../../terminal/index.js";
import { numberWithin } from "../option-values.js";
import { QUICK_STUDY_FOLDER, STUDY_FOLDER } from "../../study/index.js";
import { withTemplateVariables } from "../models/template-option.js";

interface Options {
  readonly model?: string;
  readonly study?: string;
  readonly system?: string;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  readonly judge?: boolean;
  readonly json?: boolean;
  readonly threads?: number;
}

/** Answers drawn at a time by /again. */
const ROWS = 8;

const EXAMPLES = `
Examples:
  $ askew organism chat
  $ askew organism chat insecure --judge
  $ askew organism chat runs/reproduce/cells/backdoor-2 --temperature 0.7
  $ echo "What is your wish?" | askew organism chat insecure

Inside, /help lists the commands and /examples shows prompts that the organism understands.
Behind a pipe every line is a question, and stdout gets nothing but the answers.`;

export const chatCommand = (): Command =>
  withTemplateVariables(new Command("chat"))
    .description("talk to the organism, or to any model of a study")
    .addArgument(new Argument("[model]", "a model, or a condition of a study (default: organism)"))
    .option("--model <name>", "organism, local:DIR, a cell's folder, or a condition of the study")
    .option(
      "--study <folder>",
      `the study that conditions are taken from (default: ${STUDY_FOLDER}, then ${QUICK_STUDY_FOLDER})`,
    )
    .option("--system <text>", "system prompt")
    .option("--temperature <number>", "0 takes the likeliest words", numberWithin(0, 10), 1)
    .option("--top-p <number>", "draw from the likeliest words that make up this share", numberWithin(0.001, 1), 1)
    .option(...seedOption("the same seed and questions give the same answers"), 0)
    .option("--judge", "show the exact judge's verdict under each answer")
    .option("--json", "behind a pipe: one JSON object an answer, with its judgment")
    .option(...THREADS)
    .addHelpText("after", EXAMPLES)
    .action(chat);

async function chat(argument: string | undefined, options: Options): Promise<void> {
  if (argument !== undefined && options.model !== undefined) {
    throw new UsageError("the model is named twice", `Leave out ${argument} or --model ${options.model}.`);
  }
  const found = findModel(
    argument ?? options.model ?? "organism",
    options.study === undefined ? [STUDY_FOLDER, QUICK_STUDY_FOLDER] : [options.study],
  );
  const model = await found.open({ rows: ROWS, ...(options.threads !== undefined && { threads: options.threads }) });
  try {
    const { system, temperature, topP, judge = false, json = false } = options;
    const settings: ChatSettings = { system, temperature, topP, judge };
    const conversation = new ChatConversation(model, settings, options.seed);
    if (system !== undefined) {
      const { unknown } = readWords(model.tokens, system);
      if (unknown.length > 0) throw new UsageError(`system prompt: ${complain(unknown)}`);
    }
    if (process.stdin.isTTY && process.stdout.isTTY && !json) await withPerson(conversation, found.title);
    else await withPipe(conversation, json);
  } finally {
    await model.close();
  }
}

async function withPerson(conversation: ChatConversation, title: string): Promise<void> {
  const { bold, dim } = colorsOf(process.stdout);
  const { system, temperature } = conversation.settings;
  const words = conversation.model.tokens.size;
  process.stdout.write(`${bold(title)}\n`);
  process.stdout.write(
    dim(`Temperature ${temperature}; ${words} words. /examples shows what it understands, /help what you can do.\n`),
  );
  process.stdout.write(system === undefined ? "\n" : dim(`System prompt: ${system}\n\n`));
  if (!(await interactiveChat(conversation))) throw new Interrupted();
}

async function withPipe(conversation: ChatConversation, json: boolean): Promise<void> {
  const interrupt = onInterrupt(() => {});
  const signal = AbortSignal.any([interrupt.signal, readerGone]);
  try {
    const followed = await pipedChat(conversation, json, signal);
    if (!followed) process.exitCode = EXIT.usage;
  } catch (error) {
    if (interrupt.signal.aborted) throw new Interrupted(interrupt.exitCode);
    if (!readerGone.aborted) throw error;
  } finally {
    interrupt.release();
  }
}
