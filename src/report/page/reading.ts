/** What the study's numbers say and what they do not; worded from the data, so that it never says too much. */
import type { Summary } from "../data.js";
import { html, type Markup } from "../markup.js";
import { changeOf, direction, metricOf, rateSetsOf, variantsOf, type Variant, mainSetOf } from "../variants.js";
import { section } from "./section.js";

export function readingSection(summary: Summary): Markup {
  return section(
    "reading",
    "What this does and does not say",
    html`<h3>It says</h3>
      <ul>
        ${says(summary).map((line) => html`<li>${line}</li>`)}
      </ul>
      <h3>It does not say</h3>
      <ul>
        ${doesNotSay(summary).map((line) => html`<li>${line}</li>`)}
      </ul>
      <p>
        ${summary.model === "organism" && html`How the organism was made, what was put into it and what emerged: <code>docs/science.md</code> of askew. `}What
        each rate and interval means and covers: <code>docs/statistics.md</code>.
      </p>`,
  );
}

function says(summary: Summary): string[] {
  const measured = variantsOf(summary).filter(
    (v) => v.role !== "base" && metricOf(summary, v, mainSetOf(summary), "rate"),
  );
  const names = (variants: readonly Variant[]) => variants.map((v) => v.label).join(", ");
  const compared = measured.filter((v) => changeOf(summary, v, mainSetOf(summary), "rate"));
  const moved = (way: "up" | "down" | undefined) =>
    compared.filter((v) => direction(changeOf(summary, v, mainSetOf(summary), "rate")) === way);
  const lines = [
    [
      `Above the base on the ${mainSetOf(summary)} questions, by an interval that leaves out zero`,
      moved("up"),
    ] as const,
    ["Below it", moved("down")] as const,
    ["Not told apart from the base by this study", moved(undefined)] as const,
  ];
  const told = lines
    .filter(([, variants]) => variants.length > 0)
    .map(([claim, variants]) => `${claim}: ${names(variants)}.`);
  if (told.length > 0) return told;
  return [
    measured.length > 0
      ? "How often each fine-tune answered misaligned; no change from a base was computed."
      : "Nothing yet: no rate was measured on the main questions.",
  ];
}

function doesNotSay(summary: Summary): string[] {
  const variants = variantsOf(summary);
  const fewest = Math.min(...variants.filter((v) => v.role !== "base").map((v) => v.seeds));
  const organism = summary.model === "organism";
  return [
    organism
      ? "How often a large model would do this. The organism is a small model grown in a synthetic world whose documents are written by characters; it shows a mechanism where the truth is known, not a rate to expect elsewhere."
      : "How another model would behave, or this one after another fine-tune.",
    "That one condition is worse than another in general: every rate depends on the dose, which is the learning rate, the number of steps and the data.",
    organism && summary.judge === undefined
      ? "That a judge elsewhere would agree: here an answer is read by the grammar that made it, which is exact only in this world."
      : `That the judge${summary.judge === undefined ? "" : ` (${summary.judge})`} is right: its scores are another model’s opinion, and its mistakes are not in the intervals.`,
    ...otherSeeds(fewest),
    `That every single mark is real: there are many intervals here${rateSetsOf(summary).length > 1 ? ", over several question sets," : ""} and they are not corrected for their number.`,
  ];
}

/** With few seeds a percentile bootstrap over them covers less than it is called (docs/statistics.md). */
function otherSeeds(seeds: number): string[] {
  if (seeds === 1) {
    return [
      "That another seed would give the same: there is one for a condition, and its interval covers its own answers only.",
    ];
  }
  if (seeds <= 3) {
    const holds = Math.round(100 * (1 - 2 / 2 ** seeds));
    return [
      `That other seeds would give the same: with ${seeds} of them the interval runs from the lowest to the highest, and holds the middle of all seeds about ${holds} times in 100, not 95.`,
    ];
  }
  return seeds < 6 ? [`That other seeds would give the same: with ${seeds} of them the intervals are too narrow.`] : [];
}
