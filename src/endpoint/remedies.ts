/** What to leave out, or to call otherwise, after a server has refused a request. */
import type { ChatRequest } from "./chat.js";
import { limitOf, parametersIn, type Manner, type OptionalParameter } from "./manner.js";
import type { Said } from "./said.js";

/** Alternatives that servers with a limit of their own give at least. */
const FEW_ALTERNATIVES = 5;
/** Room for a model that thinks before it speaks. */
export const ROOM_TO_THINK = 2_048;
/** A longest answer under this may be too short for such a model. */
const SHORT = 1_024;

const NAMES: Readonly<Record<OptionalParameter, RegExp>> = {
  temperature: /\btemperature\b/i,
  top_p: /\btop[_ -]?p\b/i,
  seed: /\bseed\b/i,
  logprobs: /log[_ -]?prob/i,
};
const LIMIT_NAMES = /\bmax(?:imum)?_?(?:new_|completion_|output_)?tokens\b/i;
const TOO_SHORT =
  /\b(?:too (?:small|low|short)|at least|minimum|below|raise|increase|higher|larger|greater|not (?:be )?finish(?:ed)?|output limit|limit of tokens)\b|>=/i;

/** What the error names, each in the manner that would mend it, likeliest first. */
export function namedRemedies(request: ChatRequest, manner: Manner, { message, fields }: Said): Manner[] {
  // A field that is named as such counts; words of a message may tell of anything.
  const text = fields.length > 0 ? fields.join(" ") : message;
  const there = parametersIn(request, manner);
  const remedies: Manner[] = [];
  if (there.includes("logprobs") && NAMES.logprobs.test(text)) {
    const most = fewerAlternatives(request, manner, message);
    if (most !== undefined && /top_?log_?probs|alternatives|\d/i.test(message)) {
      remedies.push({ ...manner, mostAlternatives: most });
    }
  }
  for (const name of there) if (NAMES[name].test(text)) remedies.push(without(manner, name));
  return [...remedies, ...limitRemedies(request, manner, `${text} ${message}`)];
}

/** For an error that names nothing: every parameter alone, likeliest first. */
export function singleRemedies(request: ChatRequest, manner: Manner): Manner[] {
  const there = parametersIn(request, manner);
  const most = there.includes("logprobs") ? fewerAlternatives(request, manner, "") : undefined;
  return [
    ...(most === undefined ? [] : [{ ...manner, mostAlternatives: most }]),
    ...(["logprobs", "seed", "temperature", "top_p"] as const)
      .filter((name) => there.includes(name))
      .map((name) => without(manner, name)),
    ...(isShort(request, manner) ? [{ ...manner, leastTokens: ROOM_TO_THINK }] : []),
    ...(request.maxTokens === undefined ? [] : [renamed(manner)]),
  ];
}

/** With nothing that could be refused, and then with the longest answer under its other name, or longer, as well. */
export function barest(request: ChatRequest, manner: Manner): Manner[] {
  const bare = { ...manner, without: new Set([...manner.without, ...parametersIn(request, manner)]) };
  return [
    bare,
    ...(request.maxTokens === undefined ? [] : [renamed(bare)]),
    ...(isShort(request, manner) ? [{ ...bare, leastTokens: ROOM_TO_THINK }] : []),
  ];
}

const renamed = (manner: Manner): Manner => ({
  ...manner,
  limitName: manner.limitName === "max_tokens" ? "max_completion_tokens" : "max_tokens",
});

/** What `now` leaves out or changes that `before` did not, in words, with the option that says so from the start. */
export function changeOf(before: Manner, now: Manner): { readonly what: string; readonly option?: string } {
  const gone = [...now.without].filter((name) => !before.without.has(name));
  const what: string[] = [];
  const options: string[] = [];
  if (gone.length > 0) {
    what.push(`without ${gone.join(", ")}`);
    options.push(`--without ${gone.join(",")}`);
  }
  if (now.limitName !== before.limitName) {
    what.push(`with ${now.limitName} in place of ${before.limitName}`);
    options.push(`--limit-name ${now.limitName}`);
  }
  if (now.mostAlternatives < before.mostAlternatives) {
    what.push(`with top_logprobs of at most ${now.mostAlternatives}`);
  }
  if (now.leastTokens > before.leastTokens) what.push(`with room for at least ${now.leastTokens} tokens`);
  return { what: what.join(" and "), ...(options.length > 0 && { option: options.join(" ") }) };
}

const without = (manner: Manner, name: OptionalParameter): Manner => ({
  ...manner,
  without: new Set([...manner.without, name]),
});

/** The largest number that the message allows, if it names one that is smaller; else a few. */
function fewerAlternatives({ alternatives = 0 }: ChatRequest, manner: Manner, message: string): number | undefined {
  const now = Math.min(alternatives, manner.mostAlternatives);
  const named = [...message.matchAll(/(?<![\w.])\d{1,2}(?![\w.]*\w)/g)].map(([number]) => Number(number));
  const allowed = named.filter((number) => number > 0 && number < now);
  const most = allowed.length > 0 ? Math.max(...allowed) : FEW_ALTERNATIVES;
  return most < now ? most : undefined;
}

function limitRemedies(request: ChatRequest, manner: Manner, text: string): Manner[] {
  if (limitOf(request, manner) === undefined) return [];
  const other = renamed(manner);
  const isNamed = LIMIT_NAMES.test(text);
  const called = isNamed ? [other] : [];
  const raised =
    isShort(request, manner) && (isNamed || TOO_SHORT.test(text)) ? [{ ...manner, leastTokens: ROOM_TO_THINK }] : [];
  return TOO_SHORT.test(text) && !text.includes(other.limitName) ? [...raised, ...called] : [...called, ...raised];
}

function isShort(request: ChatRequest, manner: Manner): boolean {
  const limit = limitOf(request, manner);
  return limit !== undefined && limit < SHORT;
}
