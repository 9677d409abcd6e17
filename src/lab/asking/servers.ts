/** Options of requests to servers, their budget, and their cost so far. */
import {
  Account,
  type EndpointOptions,
  type MaxTokensName,
  type OptionalParameter,
  type Price,
  type Spending,
} from "../../endpoint/index.js";
import { count, counted, UsageError } from "../../text/index.js";

export interface MoneyOptions {
  readonly maxCost?: number;
  readonly price?: Price;
  readonly concurrency?: number;
  readonly cache?: string;
  readonly without?: readonly OptionalParameter[];
  readonly limitName?: MaxTokensName;
}

export type Asking = Pick<MoneyOptions, "concurrency" | "without" | "limitName">;

/** Turns the options into those of an endpoint. */
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

/** `$0.0123`; where no price is known, the tokens. */
export function shownCost(spending: Spending): string {
  const { cost, uncertain, unpriced, uncounted, requests, promptTokens, completionTokens } = spending;
  const tokens = promptTokens + completionTokens;
  if (unpriced > 0 || (tokens > 0 && cost + uncertain === 0)) {
    if (uncounted === 0) return counted(tokens, "token");
    if (uncounted >= requests) return "tokens unknown: the server counts none";
    return `${counted(tokens, "token")} (+ those of ${counted(uncounted, "request")} that the server did not count)`;
  }
  if (requests === 0 && cost + uncertain === 0) return "nothing spent";
  const known = `$${cost < 0.1 ? cost.toFixed(4) : cost.toFixed(2)}`;
  const what = uncounted > 0 ? "replies that were lost or not counted" : "lost replies";
  return uncertain > 0.00005 ? `${known} (+ at most $${uncertain.toFixed(4)} for ${what})` : known;
}

/** `Servers answered 40 requests: 12,345 tokens read, 2,345 written, $0.12.` */
export function spendingLine(spending: Spending): string {
  const { requests, promptTokens, completionTokens, cost, unpriced, uncounted, cached } = spending;
  const facts = [
    `${counted(promptTokens, "token")} read`,
    `${count(completionTokens)} written`,
    ...(uncounted === 0 ? [] : [`those of ${counted(uncounted, "request")} not counted by the server`]),
    ...(unpriced > 0 || cost === 0 ? [] : [shownCost(spending)]),
    ...(cached === 0 ? [] : [`${count(cached)} more from the cache`]),
  ];
  return `Servers answered ${counted(requests, "request")}: ${facts.join(", ")}.`;
}
