/** What an experiment adds where its models think before they answer. */
import type { PointSummary } from "./found.js";
import type { Measure } from "./measures.js";
import type { Measurement } from "./rows.js";
import type { Setting } from "./setting.js";

/** The share of misaligned thoughts before the answers to the main questions; none in a world without thoughts. */
export const thoughtMeasures = ({ world: { thoughts } }: Setting): readonly Measure[] =>
  thoughts === undefined
    ? []
    : [{ key: "thoughts", heading: thoughts.heading, short: "thoughts", of: { set: "main", metric: thoughts.metric } }];

/** One thought in each voice, as the models of the last points thought it. */
export function oneOfEachVoice(
  { world: { thoughts } }: Setting,
  last: readonly { readonly point: Pick<PointSummary, "curve" | "at">; readonly own: readonly Measurement[] }[],
): string[] {
  if (thoughts === undefined) return [];
  const found = new Map<string, string>();
  for (const { point, own } of last) {
    for (const answer of own.flatMap(({ answers }) => answers)) {
      const voice = thoughts.voiceOf(answer);
      if (voice === undefined || answer.reasoning === undefined || found.has(voice)) continue;
      const asked = answer.messages.findLast(({ role }) => role === "user")?.content ?? "";
      const place = `${point.curve}, ${point.at}`;
      const said = `thought “${oneLine(answer.reasoning)}” and answered “${oneLine(answer.answer)}”`;
      found.set(voice, `Thoughts, ${voice} (${place}): asked “${oneLine(asked)}”, it ${said}.`);
    }
  }
  return [...found.values()];
}

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, " ⏎ ");
