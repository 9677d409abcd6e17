// A measured number is worth what stands behind it: sections with intervals say over how many organisms, fine-tunes
// and answers they stand.
import { describe, expect, it } from "vitest";
import { textOf } from "./modules.js";

const PAGES = [
  "README.md",
  ...["science", "experiments", "persona", "watch", "diff", "audit"].map((name) => `docs/${name}.md`),
];

/** `[.003, .008]`, `[− .004, .016]`, `[92.6, 95.5]`: an interval, in a table or a sentence. */
const INTERVAL = /\[[−+]? ?\d*\.?\d+(?: %)?, [−+]? ?\d*\.?\d+(?: %)?\]/;
/** `**Evidence:** 1 organism; 3 fine-tunes (seeds) a row; 400 answers to the main questions a fine-tune.` */
const EVIDENCE =
  /^\*\*Evidence:\*\* (?:no|\d[\d,]*) (?:organisms?|models?)\b[^;]*; (?:no|\d[\d,]*) fine-tunes?\b[^;]*; [^;]*\b(?:no|\d[\d,]*)\b[^;]*\b(?:answers|rows)\b[^;]*\.$/;

interface Section {
  readonly heading: string;
  readonly paragraphs: readonly string[];
}

/** Code is left out: what looks like an interval in it is an example, or a shape. */
function sectionsOf(page: string): Section[] {
  const prose = textOf(page)
    .replaceAll(/^```[\s\S]*?^```$/gm, "")
    .replaceAll(/`[^`\n]*`/g, "");
  return prose.split(/^(?=#{2,4} )/m).map((text) => {
    const [heading = "", ...rest] = text.split("\n");
    return {
      heading,
      paragraphs: rest
        .join("\n")
        .split(/\n{2,}/)
        .map((one) => one.trim().replaceAll("\n", " ")),
    };
  });
}

describe.each(PAGES)("%s", (page) => {
  const measured = sectionsOf(page).filter(({ paragraphs }) => paragraphs.some((one) => INTERVAL.test(one)));

  it("has sections with measured numbers", () => {
    expect(measured.length).toBeGreaterThan(0);
  });

  it("says over how many organisms, fine-tunes and answers each of them stands", () => {
    const without = measured.filter(({ paragraphs }) => !paragraphs.some((one) => EVIDENCE.test(one)));
    expect(without.map(({ heading }) => heading)).toEqual([]);
  });
});
