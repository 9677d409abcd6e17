/** `askew dataset stats`: how long the conversations of a file are, and what they look like. */
import { jsonOption } from "../options.js";
import { Command } from "commander";
import { checkDataset, type DatasetCheck } from "../../dataset/index.js";
import { UsageError } from "../../text/index.js";
import { colorsOf, widthOf, printJson } from "../../terminal/index.js";
import { facts } from "./check.js";
import { TOKENS_OPTION, tokenCounter } from "./tokens-option.js";
import { count } from "./written.js";

export function statsCommand(): Command {
  return new Command("stats")
    .description("count conversations, tokens, repeats; draw how long they are")
    .argument("<file>", "conversations, JSONL, plain or gzipped")
    .option(...TOKENS_OPTION)
    .option(...jsonOption("the figures"))
    .addHelpText("after", "\nExample:\n  $ askew dataset stats train.jsonl")
    .action(async (file: string, { tokens, json = false }: { tokens?: string; json?: boolean }) => {
      const found = await checkDataset(file, { tokens: await tokenCounter(tokens), shown: 1 });
      if (found.conversations === 0) {
        throw new UsageError(`${file}: no line of it is a conversation`, `See why: askew dataset check ${file}`);
      }
      if (json) printJson("dataset-stats", found);
      else process.stdout.write(`${pretty(found)}\n`);
    });
}

function pretty(found: DatasetCheck): string {
  const { bold, dim, yellow } = colorsOf(process.stdout);
  const { count: bad } = found.problems;
  return [
    bold(found.file),
    ...(bad === 0
      ? []
      : [`  ${yellow(`${count(bad, "line")} left out:`)} askew dataset check ${found.file} lists them`]),
    ...facts(found),
    "",
    `  ${dim("tokens a conversation")}`,
    ...bars(found.histogram),
  ].join("\n");
}

/** A bar of eighths of a character for each range. */
function bars(histogram: DatasetCheck["histogram"]): string[] {
  const labels = histogram.map(
    ({ upTo }, i) => `${count(i === 0 ? 0 : (histogram[i - 1]?.upTo ?? 0) + 1)}–${count(upTo)}`,
  );
  const widest = Math.max(...labels.map(({ length }) => length));
  const most = Math.max(1, ...histogram.map((bin) => bin.count));
  const room = Math.max(8, Math.min(60, widthOf(process.stdout) - widest - 14));
  return histogram.map((bin, i) => {
    const eighths = Math.round((bin.count / most) * room * 8);
    const bar = "█".repeat(Math.floor(eighths / 8)) + (["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8] ?? "");
    return `  ${labels[i]?.padStart(widest)}  ${bar === "" && bin.count > 0 ? "▏" : bar} ${count(bin.count)}`;
  });
}
