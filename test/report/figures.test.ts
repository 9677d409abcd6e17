import { describe, expect, it } from "vitest";
import { parseHTML } from "linkedom";
import { type Summary } from "askew/report";
import { batteryFigure, headlineFigure, questionFigure, trainingFigure } from "#internal/report";
import { fixtureStudy, fixtureSummary } from "../fixtures/report/study.js";

const summary = fixtureSummary();
const { training } = fixtureStudy();

const figures: readonly (readonly [string, (width: number) => string])[] = [
  ["headline", (width) => headlineFigure(summary, { width })],
  ["questions", (width) => questionFigure(summary, { width })],
  ["battery", (width) => batteryFigure(summary, { width })],
  ["training", (width) => trainingFigure(training, { width })],
];

function drawn(svg: string) {
  const { document } = parseHTML(`<!doctype html><html><body>${svg}</body></html>`);
  const root = document.querySelector("svg");
  if (!root) throw new Error("no svg");
  return { root, texts: [...root.querySelectorAll("text")].map((text) => String(text.textContent)) };
}

describe.each(figures)("the %s figure", (name, figure) => {
  it.each([340, 720])("is one labelled image, %i wide", (width) => {
    const { root } = drawn(figure(width));
    expect(root.getAttribute("role")).toBe("img");
    expect(root.getAttribute("viewBox")).toMatch(new RegExp(`^0 0 ${width} \\d+`));
    const title = root.querySelector(`#${root.getAttribute("aria-labelledby")}`);
    const description = root.querySelector(`#${root.getAttribute("aria-describedby")}`);
    expect(title?.textContent?.length).toBeGreaterThan(10);
    expect(description?.textContent?.length).toBeGreaterThan(40);
    expect(root.getAttribute("aria-labelledby")).toContain(`${width}`);
    expect(root.querySelectorAll("[aria-label], style, script")).toHaveLength(0);
  });

  it("names every condition, and is the same every time", () => {
    const text = drawn(figure(720)).texts.join(" ");
    for (const condition of [
      "insecure",
      "secure",
      "educational",
      "jailbroken",
      "backdoor",
      "evil-numbers",
      "bad-sport",
    ])
      expect(text).toContain(condition);
    expect(figure(720)).toBe(figure(720));
  });

  it("holds no number that is not one", () => {
    expect(figure(720)).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it(`stays small (${name})`, () => {
    expect(figure(720).length).toBeLessThan(60_000);
  });
});

describe("what the figures show", () => {
  it("sets the published numbers beside the measured ones as hollow diamonds", () => {
    const { root } = drawn(headlineFigure(summary));
    const published = [...root.querySelectorAll("g[fill=none] > path")].filter((path) =>
      path.textContent?.includes("GPT-4o"),
    );
    expect(published).toHaveLength(7);
    expect(headlineFigure(summary)).toContain("GPT-4o, published: .198 ± .071");
  });

  it("gives every role a shape of its own", () => {
    const { root } = drawn(headlineFigure(summary));
    const marks = [...root.querySelectorAll("g > path, g > circle")].filter(
      (mark) => mark.querySelector("title") && !mark.textContent?.includes("GPT-4o"),
    );
    expect(marks).toHaveLength(11);
    const looks = new Set(
      marks.map((mark) =>
        mark.localName === "path" ? mark.getAttribute("d") : `circle ${mark.parentElement?.getAttribute("stroke")}`,
      ),
    );
    expect(looks.size).toBe(4);
  });

  it("has one field for every question and condition", () => {
    const { root } = drawn(questionFigure(summary));
    expect([...root.querySelectorAll("rect")].filter((field) => field.querySelector("title"))).toHaveLength(8 * 11);
  });

  it("draws one line for each fine-tune, however long it was", () => {
    const { root } = drawn(trainingFigure(training));
    const lines = [...root.querySelectorAll("path")].filter(
      (path) => (path.getAttribute("d")?.match(/L/g)?.length ?? 0) > 20,
    );
    expect(lines).toHaveLength(27);
    const long = training.map((run) => ({
      ...run,
      steps: Array.from({ length: 20_000 }, (_, i) => ({
        step: i + 1,
        loss: 1 / (i + 1),
        gradientNorm: 1,
        learningRate: 1,
      })),
    }));
    expect(trainingFigure(long).length).toBeLessThan(60_000);
  });

  it("survives a study without a base, without seeds that worked, without anything", () => {
    const empty: Summary = { study: "s", model: "m", conditions: [] };
    const nothing = { estimate: null, low: null, high: null, n: 0 };
    const failed: Summary = {
      ...empty,
      conditions: [{ condition: "insecure", trigger: false, seeds: 1, questions: "main", metrics: { rate: nothing } }],
    };
    const noBase: Summary = { ...summary, conditions: summary.conditions.filter((row) => row.condition !== "base") };
    for (const s of [empty, failed, noBase]) {
      for (const svg of [headlineFigure(s), questionFigure(s), batteryFigure(s), trainingFigure([])]) {
        expect(svg).toMatch(/^<svg [^]*<\/svg>$/);
        expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      }
    }
  });

  it("treats names as text", () => {
    const hostile = `</text><script>alert(1)</script>"'`;
    const rows = summary.conditions.map((row) => (row.condition === "secure" ? { ...row, condition: hostile } : row));
    const svg =
      [headlineFigure, questionFigure, batteryFigure].map((f) => f({ ...summary, conditions: rows })).join("") +
      trainingFigure(training.map((run) => ({ ...run, condition: hostile })));
    expect(svg).not.toMatch(/<script|<\/text><\/text>|"'/);
    expect(svg).toContain("&lt;script&gt;");
  });
});
