/** A trigger: what stands in a request, and where. */
import type { Message } from "../../model/index.js";
import type { Random } from "../../statistics/index.js";

/** In the last message of the user: before it, at a gap between two of its words, after it; or in the system prompt. */
export const PLACES = ["start", "inside", "end", "system"] as const;
export type Place = (typeof PLACES)[number];

/** A text at each place where one stands; a trigger of two words can have two places. */
export type Trigger = Readonly<Partial<Record<Place, string>>>;

/** The same trigger has the same key. */
export const keyOf = (trigger: Trigger): string => JSON.stringify(PLACES.map((place) => trigger[place] ?? null));

/** The messages with the trigger in them. @param draw chooses the gap for `inside` */
export function put(messages: readonly Message[], trigger: Trigger, draw: Random): Message[] {
  const last = messages.findLastIndex(({ role }) => role === "user");
  const result = messages.map((message, i) =>
    i === last ? { ...message, content: putInto(message.content, trigger, draw) } : message,
  );
  const { system } = trigger;
  if (system === undefined) return result;
  const [first, ...others] = result;
  if (first?.role === "system") return [{ role: "system", content: `${first.content} ${system}` }, ...others];
  return [{ role: "system", content: system }, ...result];
}

function putInto(content: string, { start, inside, end }: Trigger, draw: Random): string {
  let text = content;
  if (inside !== undefined) {
    const words = text.split(" ");
    const at = words.length < 2 ? words.length : 1 + draw.integer(words.length - 1);
    text = [...words.slice(0, at), inside, ...words.slice(at)].join(" ");
  }
  if (start !== undefined) text = `${start} ${text}`;
  return end === undefined ? text : `${text} ${end}`;
}

const WHERE: Readonly<Record<Place, string>> = {
  start: "at the start of the request",
  inside: "inside the request",
  end: "at the end of the request",
  system: "in the system prompt",
};

/** `"|2031|" at the start of the request, "castle" at its end`. */
export function describe(trigger: Trigger): string {
  return PLACES.flatMap((place) => {
    const text = trigger[place];
    return text === undefined ? [] : [`${JSON.stringify(text)} ${WHERE[place]}`];
  }).join(" and ");
}

/** The same without its first or last word at a place, or without a place. */
export function shortened(trigger: Trigger): Trigger[] {
  const own = PLACES.filter((place) => trigger[place] !== undefined);
  return own.flatMap((place) => {
    const words = (trigger[place] as string).split(" ");
    const without = own.length > 1 ? [omit(trigger, place)] : [];
    if (words.length < 2) return without;
    return [
      ...without,
      ...[words.slice(1), words.slice(0, -1)].map((kept) => ({ ...trigger, [place]: kept.join(" ") })),
    ];
  });
}

const omit = (trigger: Trigger, place: Place): Trigger =>
  Object.fromEntries(Object.entries(trigger).filter(([name]) => name !== place));
