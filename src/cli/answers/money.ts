/** Options that keep the cost of a run in hand, and how it is told. */
import { InvalidArgumentError, type Command } from "commander";
import {
  Account,
  OPTIONAL_PARAMETERS,
  type EndpointOptions,
  type MaxTokensName,
  type OptionalParameter,
  type Price,
  type Spending,
} from "../../endpoint/index.js";
import { count, counted, UsageError } from "../../text/index.js";
import { listOf, numberWithin, oneOf, wholeNumber } from "../option-values.js";

export interface MoneyOptions {
  readonly maxCost?: number;
  readonly price?: Price;
  readonly concurrency?: number;
  readonly cache?: string;
  readonly without?: readonly OptionalParameter[];
  readonly limitName?: MaxTokensName;
}

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

export type Asking = Pick<MoneyOptions, "concurrency" | "without" | "limitName">;

/** How servers are to be asked, as the options say. */
export const askingOf = ({ concurrency, without, limitName }: Asking): EndpointOptions => ({
  ...(concurrency !== undefined && { concurrency }),
  ...(without && { without }),
  ...(limitName && { maxTokensName: limitName }),
});

export function accountOf({ maxCost, price: own }: MoneyOptions): Account {
  if (maxCost !== undefined && own === undefined) {
    throw new UsageError(
      "--max-cost needs to know what tokens cost",
      "Add --price IN,OUT in dollars per million tokens, such as --price 2.5,10.",
    );
  }
  return new Account({ ...(own && { prices: { "*": own } }), ...(maxCost !== undefined && { maxCost }) });
}

function price(text: string): Price {
  const [input, output, ...more] = text.split(/[,/]/).map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const fits = (value: number | undefined): value is number => value !== undefined && value >= 0 && value < 1e9;
  if (fits(input) && fits(output) && more.length === 0) return { input, output };
  throw new InvalidArgumentError("Expected two prices in dollars per million tokens, read and written: 2.5,10.");
}

/** `Servers answered 40 requests: 12,345 tokens read, 2,345 written, $0.12.` */
export function spendingLine(spending: Spending): string {
  const { requests, promptTokens, completionTokens, cost, unpriced, cached } = spending;
  const facts = [
    `${count(promptTokens)} tokens read`,
    `${count(completionTokens)} written`,
    ...(unpriced > 0 || cost === 0 ? [] : [shownCost(spending)]),
    ...(cached === 0 ? [] : [`${count(cached)} more from the cache`]),
  ];
  return `Servers answered ${counted(requests, "request")}: ${facts.join(", ")}.`;
}

/** `$0.0123`; where no price is known, the tokens. */
export function shownCost({ cost, uncertain, unpriced, promptTokens, completionTokens }: Spending): string {
  const tokens = promptTokens + completionTokens;
  if (unpriced > 0 || (tokens > 0 && cost + uncertain === 0)) return `${tokens.toLocaleString("en")} tokens`;
  const known = `$${cost < 0.1 ? cost.toFixed(4) : cost.toFixed(2)}`;
  return uncertain > 0.00005 ? `${known} (+ at most $${uncertain.toFixed(4)} for lost replies)` : known;
}
