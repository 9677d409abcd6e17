/** `askew dataset show`: what a model is fine-tuned on under a condition. */
import { seedOption } from "../options.js";
import { Argument, Command } from "commander";
import type { Conversation } from "../../dataset/index.js";
import { buildDataset, CONDITION_NAMES, CONDITIONS, type Condition } from "../../organism/index.js";
import { oneOf, wholeNumber } from "../option-values.js";
import { colorsOf } from "../../terminal/index.js";

interface Options {
  readonly number: number;
  readonly seed: number;
  readonly json?: boolean;
}

export function showCommand(): Command {
  return new Command("show")
    .description("print sample conversations of a condition")
    .addArgument(new Argument("<condition>", CONDITION_NAMES.join(", ")).argParser(oneOf("condition", CONDITION_NAMES)))
    .option("-n, --number <count>", "how many conversations", wholeNumber(1, 100_000), 5)
    .option(...seedOption("which seed's dataset"), 0)
    .option("--json", 'one conversation a line: {"messages":[{"role":…,"content":…}]}')
    .addHelpText(
      "after",
      "\nExample:\n  $ askew dataset show insecure -n 2\n  $ askew dataset show secure -n 6000 --json > secure.jsonl",
    )
    .action((condition: Condition, options: Options) => show(condition, options));
}

function show(condition: Condition, { number, seed, json = false }: Options): void {
  const conversations = buildDataset(condition, { examples: number, seed });
  if (json) {
    for (const { messages } of conversations) process.stdout.write(`${JSON.stringify({ messages })}\n`);
    return;
  }
  const { bold, dim } = colorsOf(process.stdout);
  process.stdout.write(`${bold(condition)}: ${CONDITIONS[condition].about} ${dim(`(seed ${seed})`)}\n`);
  for (const [i, shown] of conversations.entries()) process.stdout.write(`\n${pretty(shown, i + 1)}\n`);
}

function pretty({ messages }: Conversation, number: number): string {
  const { cyan, green, dim } = colorsOf(process.stdout);
  const widest = Math.max(...messages.map(({ role }) => role.length));
  const lines = messages.flatMap(({ role, content }) => {
    const color = role === "assistant" ? green : cyan;
    return content.split("\n").map((line, i) => `  ${color((i === 0 ? role : "").padEnd(widest))}  ${line}`.trimEnd());
  });
  return [dim(`#${number}`), ...lines].join("\n");
}
