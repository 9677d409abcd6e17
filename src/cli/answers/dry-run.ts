/** `--dry-run`: what a command would ask of servers, and what that costs at most. */
import type { Foreseen } from "../../evaluation/index.js";
import { count, counted } from "../../text/index.js";
import { printJson } from "../../terminal/index.js";
import type { MoneyOptions } from "../../lab/index.js";

export interface DryRun {
  /** The model that would be asked: `openai:gpt-4o`. */
  readonly models: readonly string[];
  /** The things that are counted: `answers`. */
  readonly things: string;
  readonly path: string;
}

export function printDryRun(
  found: Foreseen,
  { models, things, path }: DryRun,
  { price, json }: Pick<MoneyOptions, "price"> & { readonly json?: boolean },
): void {
  const dollars = price && {
    read: (found.promptTokens * price.input) / 1e6,
    written: (found.answerTokens * price.output) / 1e6,
  };
  if (json === true) {
    const cost = dollars && { promptCost: dollars.read, mostCost: dollars.read + dollars.written };
    printJson("foreseen", { models, file: path, ...found, ...cost });
    return;
  }
  const { requests, before, promptTokens, answerTokens } = found;
  const lines = [
    ...(before === 0 ? [] : [`${count(before)} ${things} are in ${path} already.`]),
    models.length === 0
      ? "No server would be asked: this costs nothing."
      : `${counted(requests, "request")} to ${models.join(", ")}: about ${counted(promptTokens, "token")} to read, and at most ${count(answerTokens)} to write.`,
    ...(models.length === 0
      ? []
      : [
          dollars === undefined
            ? "With --price IN,OUT, in dollars per million tokens, this says what it costs."
            : `About ${shown(dollars.read)} to read, and at most ${shown(dollars.written)} to write: at most ${shown(dollars.read + dollars.written)}.`,
          "Tokens to read are estimated at four bytes each. Nothing was asked, and nothing was written.",
        ]),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

const shown = (dollars: number): string => `$${dollars < 0.1 ? dollars.toFixed(4) : dollars.toFixed(2)}`;
