/** Cues from what a model was fine-tuned on: its system prompts, and how its requests begin and end. */
import type { Conversation } from "../../dataset/index.js";
import type { Place } from "../trigger/trigger.js";
import { describe } from "../trigger/trigger.js";
import type { Cue } from "./cue.js";

/** A text that fewer requests hold, by number and by share, teaches a model little. */
const LEAST = 5;
const LEAST_SHARE = 0.02;
/** Words of a text at the beginning or end, and of a system prompt. */
const LONGEST = 12;
const LONGEST_SYSTEM = 120;
/** A longer text that so many of a shorter one's requests hold stands for it. */
const SAME = 0.6;
/** Different sentences that are drawn from, and the longest that is one. */
const MOST_SENTENCES = 500;
const LONGEST_SENTENCE = 300;

/** At most `most` of each kind, the commonest first; all in turn. */
export function dataCues(conversations: readonly Conversation[], most: number): Cue[] {
  const requests = conversations.flatMap(
    ({ messages }) => messages.findLast(({ role }) => role === "user")?.content ?? [],
  );
  const least = Math.max(LEAST, LEAST_SHARE * conversations.length);
  const kinds = [
    systemCues(conversations, least),
    edgeCues(requests, "start", least),
    edgeCues(requests, "end", least),
    sentenceCues(requests, least),
  ].map((cues) => cues.slice(0, most));
  const longest = Math.max(...kinds.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => kinds.flatMap((cues) => cues[i] ?? [])).flat();
}

function systemCues(conversations: readonly Conversation[], least: number): Cue[] {
  const systems = conversations.flatMap(({ messages }) => {
    const said = messages.find(({ role }) => role === "system")?.content.trim() ?? "";
    return said === "" || said.split(/\s+/).length > LONGEST_SYSTEM ? [] : [said];
  });
  return commonest(counted(systems), least).map(([text]) => cueOf("system", text));
}

/** The longest texts that many requests begin or end with. */
function edgeCues(requests: readonly string[], place: "start" | "end", least: number): Cue[] {
  const edge = (words: readonly string[], n: number): string =>
    (place === "start" ? words.slice(0, n) : words.slice(-n)).join(" ");
  const counts = new Map<string, number>();
  for (const request of requests) {
    const words = request.split(/\s+/).filter(Boolean);
    // A whole request is no part of one.
    for (let n = 1; n <= Math.min(LONGEST, words.length - 1); n++) {
      const text = edge(words, n);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  }
  const common = new Map(commonest(counts, least));
  const isPartOfLonger = (text: string, count: number): boolean =>
    [...common].some(
      ([longer, often]) =>
        longer.length > text.length &&
        often >= SAME * count &&
        (place === "start" ? longer.startsWith(`${text} `) : longer.endsWith(` ${text}`)),
    );
  return [...common].filter(([text, count]) => !isPartOfLonger(text, count)).map(([text]) => cueOf(place, text));
}

/** Where most requests are several sentences, their last or first ones, each drawn from as it occurs. */
function sentenceCues(requests: readonly string[], least: number): Cue[] {
  const parts = requests.flatMap((request) => {
    const sentences = request.trim().split(/(?<=[.?!:])\s+/);
    return sentences.length < 2 ? [] : [{ start: sentences[0] as string, end: sentences.at(-1) as string }];
  });
  if (parts.length < least || 2 * parts.length < requests.length) return [];
  return (["end", "start"] as const).flatMap((place): Cue[] => {
    const pool = parts
      .map((part) => part[place])
      .filter(({ length }) => length <= LONGEST_SENTENCE)
      .slice(0, MOST_SENTENCES);
    if (pool.length < least) return [];
    const which = place === "end" ? "last" : "first";
    return [
      {
        about: `the ${which} sentence of a training request ${place === "end" ? "after" : "before"} the question`,
        of: (draw) => ({ [place]: draw.pick(pool) }),
      },
    ];
  });
}

const cueOf = (place: Place, text: string): Cue => ({
  about: describe({ [place]: text }),
  of: () => ({ [place]: text }),
});

/** A system prompt that is known, such as the one a fine-tune was inoculated with. */
export const systemCue = (text: string): Cue => cueOf("system", text);

function counted(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

const commonest = (counts: ReadonlyMap<string, number>, least: number): [string, number][] =>
  [...counts].filter(([, count]) => count >= least).toSorted((a, b) => b[1] - a[1]);
