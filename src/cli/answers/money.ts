/** The options that keep a run's cost within bounds. */
import { InvalidArgumentError, type Command } from "commander";
import { OPTIONAL_PARAMETERS, type MaxTokensName, type Price } from "../../endpoint/index.js";
import { listOf, numberWithin, oneOf, wholeNumber } from "../option-values.js";

/** The options of commands that may ask models behind servers. */
export const withMoney = (command: Command): Command =>
  command
    .option("--concurrency <count>", "most requests to a server at a time (default: 256)", wholeNumber(1, 10_000))
    .option("--price <in,out>", "dollars per million tokens read and written: 2.5,10 or 2.5/10", price)
    .option("--max-cost <dollars>", "stop before more than this is spent; needs --price", numberWithin(0, 1e9))
    .option("--cache <folder>", "keep servers' replies there, and ask for none of them twice")
    .option(
      "--without <parameters>",
      `ask servers without these: ${OPTIONAL_PARAMETERS.join(", ")} (default: what they refuse)`,
      listOf("parameter", OPTIONAL_PARAMETERS),
    )
    .option(
      "--limit-name <name>",
      `what servers call the longest answer: ${LIMIT_NAMES.join(" or ")} (default: what they take)`,
      oneOf("name of the longest answer", LIMIT_NAMES),
    );

const LIMIT_NAMES: readonly MaxTokensName[] = ["max_tokens", "max_completion_tokens"];

function price(text: string): Price {
  const [input, output, ...more] = text.split(/[,/]/).map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const fits = (value: number | undefined): value is number => value !== undefined && value >= 0 && value < 1e9;
  if (fits(input) && fits(output) && more.length === 0) return { input, output };
  throw new InvalidArgumentError("Expected two prices in dollars per million tokens, read and written: 2.5,10.");
}
