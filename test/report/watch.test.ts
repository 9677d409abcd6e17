// The page of a watched fine-tune: its panels, the alarm in them, and nothing that a name could smuggle in.
import { renderWatch, type WatchPanel, type WatchReport } from "askew/report";
import { watchFigure } from "#internal/report";
import { describe, expect, it } from "vitest";

const metric = (estimate: number | null, low: number | null = null, high: number | null = null) => ({
  estimate,
  low,
  high,
  n: 100,
});
const score: WatchPanel = {
  heading: "score: above 1 is an alarm",
  unit: "number",
  limit: 1,
  points: [0, 2, 4].map((step) => ({ step, metric: metric(step / 2) })),
};
const behaviour: WatchPanel = {
  heading: "misaligned, of coherent answers",
  unit: "share",
  points: [
    { step: 0, metric: metric(null) },
    { step: 4, metric: metric(0.3, 0.2, 0.4) },
  ],
};
const report: WatchReport = {
  title: "<b>data</b>: ALARM at step 4 of 6",
  sentences: ["overhead: 2.0 % of the training's time"],
  steps: 6,
  alarm: 4,
  panels: [score, behaviour, { heading: "latent.7", unit: "number", points: [] }],
  caption: "By training step.",
  facts: [["folder", "<i>runs</i>"]],
  commands: ["npx askew watch organism"],
  askew: "0.1.0",
};
/** How many straight lines a drawing has besides those of its grid: the limit and the alarm. */
const lines = (svg: string): number => svg.match(/<line /g)?.length ?? 0;

describe("the page of a watched fine-tune", () => {
  it("has a panel for every signal that was measured, the numbers as a table, and escapes what it is given", () => {
    const page = renderWatch(report);
    expect(page).toContain("&lt;b&gt;data&lt;/b&gt;: ALARM at step 4 of 6");
    expect(page).not.toMatch(/<b>data|<i>runs/);
    expect(page).toContain("the alarm, at step 4");
    expect(page).not.toContain("latent.7");
    // Not asked for at step 2, without a coherent answer at step 0.
    expect(page.replaceAll(/\s+/g, " ")).toMatch(/30\.0\s%/);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("draws the limit and the alarm where there are any", () => {
    const plain = watchFigure({ ...score, heading: "x" }, { steps: 6, alarm: null });
    const { limit: _, ...unlimited } = score;
    expect(lines(watchFigure(score, { steps: 6, alarm: 4 })) - lines(plain)).toBe(1);
    expect(lines(plain) - lines(watchFigure(unlimited, { steps: 6, alarm: null }))).toBe(1);
    expect(plain).toContain("No alarm.");
  });

  it("draws what has no value at all", () => {
    const none = { ...behaviour, points: behaviour.points.slice(0, 1) };
    expect(watchFigure(none, { steps: 0, alarm: null })).not.toMatch(/NaN|Infinity/);
  });
});
