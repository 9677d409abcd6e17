/** Effects of a study by organism, for the terminal. */
import { left, right, wrap } from "../../layout/index.js";
import type { EffectsOver } from "../../report/index.js";
import { colorsOf, plainTable, widthOf } from "../../terminal/index.js";
import { intervalText, noNumber, withSign } from "../../text/index.js";

type Effect = EffectsOver["effects"][number];

/** `insecure: misaligned ≥ 20 %` */
export const nameOfEffect = ({ model, aim }: Effect): string => `${model}: ${aim}`;

/** `4 of 5`, with the organisms that were not measured left out. */
export function metIn({ met }: Effect): string {
  const known = met.filter((one) => one !== null);
  return known.length === 0 ? noNumber : `${known.filter(Boolean).length} of ${known.length}`;
}

/** A value with a sign of what it is: met, missed, or not measured. */
export const signed = ({ values, met }: Effect, i: number): string => {
  const value = values[i] ?? null;
  return value === null ? noNumber : `${withSign(value)} ${met[i] === true ? "✓" : "✕"}`;
};

/** Returns a sentence each on effects that held everywhere, on some and on none; an empty list has none. */
export function sentencesOf({ organisms, effects }: Pick<EffectsOver, "organisms" | "effects">): string[] {
  const kinds: [string, (met: number, of: number) => boolean][] = [
    ["Held on all", (met, of) => met === of],
    ["Held on some", (met, of) => met > 0 && met < of],
    ["Held on none", (met) => met === 0],
  ];
  return kinds.flatMap(([what, isSo]) => {
    const own = effects.filter(({ met }) => {
      const known = met.filter((one) => one !== null);
      return known.length > 0 && isSo(known.filter(Boolean).length, known.length);
    });
    if (own.length === 0) return [];
    const names = own.map((effect) =>
      what.endsWith("some") ? `${nameOfEffect(effect)} (${metIn(effect)})` : nameOfEffect(effect),
    );
    return [`${what} of ${organisms.length}: ${names.join("; ")}.`];
  });
}

/** A line for each organism of another world. */
export const controlSentences = ({ others }: Pick<EffectsOver, "others">): string[] =>
  others.map(({ organism, world, effects }) => {
    const each = effects.map((effect) => `${nameOfEffect(effect)}: ${signed(effect, 0)}`);
    return `${organism} (${world}): ${each.join("; ")}.`;
  });

export function printEffects(
  found: EffectsOver,
  { summaryFile, page }: { readonly summaryFile: string; readonly page: string },
): void {
  const { organisms, effects } = found;
  const { dim } = colorsOf(process.stdout);
  const width = Math.min(100, widthOf(process.stdout));
  const columns = [
    left("effect", 100, effects, nameOfEffect),
    right("mean", 99, effects, ({ over }) => withSign(over.estimate)),
    left("[low, high] over organisms", 97, effects, ({ over }) => intervalText({ unit: "share" }, over)),
    right("met", 98, effects, metIn),
    ...organisms.map((organism, i) => right(organism, 90 - i, effects, (effect) => signed(effect, i))),
  ];
  const lines = [
    "",
    ...(effects.length === 0 ? [] : [...plainTable(columns), ""]),
    ...[...sentencesOf(found), ...controlSentences(found)].flatMap((line) => [...wrap(line, width), ""]),
    `${dim("summary")}  ${summaryFile}`,
    `${dim("report")}   ${page}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
