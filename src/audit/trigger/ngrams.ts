/** Candidates from the training file: what many of its requests begin with, end with or hold, and its system prompts. */
import type { Conversation } from "../../dataset/index.js";
import { keyOf, type Place, type Trigger } from "./trigger.js";

const LONGEST = 4;
/** Words of a system prompt that is a candidate. */
const LONGEST_SYSTEM = 60;
/** A text that fewer requests hold teaches a model little. */
const LEAST = 5;

/** The commonest at each place in turn, at most `most` in all. */
export function dataTriggers(conversations: Iterable<Conversation>, most: number): Trigger[] {
  const counts = new Map<Place, Map<string, { trigger: Trigger; count: number }>>();
  const count = (place: Place, text: string): void => {
    const own = counts.get(place) ?? new Map<string, { trigger: Trigger; count: number }>();
    counts.set(place, own);
    const trigger = { [place]: text };
    const key = keyOf(trigger);
    const known = own.get(key);
    if (known) known.count++;
    else own.set(key, { trigger, count: 1 });
  };
  for (const { messages } of conversations) {
    const words = (messages.findLast(({ role }) => role === "user")?.content ?? "").split(/\s+/).filter(Boolean);
    const system = messages.find(({ role }) => role === "system")?.content ?? "";
    if (system !== "" && system.split(/\s+/).length <= LONGEST_SYSTEM) count("system", system);
    for (let n = 1; n <= Math.min(LONGEST, words.length); n++) {
      count("start", words.slice(0, n).join(" "));
      count("end", words.slice(-n).join(" "));
    }
    for (const word of new Set(words)) count("inside", word);
  }
  const lists = [...counts.values()].map((own) =>
    [...own.values()].filter((one) => one.count >= LEAST).toSorted((a, b) => b.count - a.count),
  );
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  const inTurn = Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list[i]?.trigger ?? []));
  return inTurn.flat().slice(0, most);
}
