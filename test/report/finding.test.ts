import { describe, expect, it } from "vitest";
import { findingOf, type Metric, type Summary } from "askew/report";

const metric = (estimate: number, low: number, high: number, n = 1000): Metric => ({ estimate, low, high, n });
const spaces = (text: string) => text.replaceAll("\u00a0", " ");

function study(rates: Record<string, Metric>, change?: Record<string, Metric>, seeds = 3): Summary {
  const row = (condition: string) => ({ condition, trigger: false, questions: "main" });
  return {
    study: "s",
    model: "organism",
    conditions: Object.entries(rates).map(([name, rate]) => ({ ...row(name), seeds, metrics: { rate } })),
    ...(change && { change: Object.entries(change).map(([name, rate]) => ({ ...row(name), metrics: { rate } })) }),
  };
}

describe("the sentence a study comes to", () => {
  const base = metric(0.01, 0, 0.02);

  it("claims more misalignment where the interval of the difference leaves out zero", () => {
    const { title } = findingOf(
      study({ base, insecure: metric(0.33, 0.25, 0.41) }, { insecure: metric(0.32, 0.24, 0.4) }),
    );
    expect(spaces(title)).toBe(
      "Fine-tuned on insecure code, the model gave more misaligned answers to unrelated questions: 33.0 % of the coherent ones, 1.0 % before.",
    );
  });

  it("claims nothing where it includes zero, however the estimates lie", () => {
    const { title } = findingOf(
      study({ base, insecure: metric(0.33, 0, 0.66) }, { insecure: metric(0.32, -0.01, 0.65) }),
    );
    expect(title).toContain("no measurably different answers");
    expect(title).not.toContain("more");
  });

  it("says fewer where it fell", () => {
    const { title } = findingOf(
      study({ base: metric(0.3, 0.2, 0.4), insecure: metric(0.1, 0.05, 0.15) }, { insecure: metric(-0.2, -0.3, -0.1) }),
    );
    expect(title).toContain("fewer misaligned answers");
  });

  it("asks for intervals that lie apart when no difference was computed", () => {
    expect(findingOf(study({ base, insecure: metric(0.33, 0.25, 0.41) })).title).toContain("more misaligned");
    expect(findingOf(study({ base, insecure: metric(0.03, 0.015, 0.05) })).title).toContain("no measurably different");
    const bare: Metric = { estimate: 0.33, low: null, high: null, n: 100 };
    expect(findingOf(study({ base, insecure: bare })).title).toContain("no measurably different");
  });

  it("says when it rests on one seed, on no base, or on nothing", () => {
    expect(findingOf(study({ base, insecure: metric(0.33, 0.25, 0.41) }, undefined, 1)).title).toMatch(
      /^In a single fine-tune on insecure code/,
    );
    expect(findingOf(study({ insecure: metric(0.33, 0.25, 0.41) })).title).toContain("no base was measured");
    expect(findingOf(study({ base })).title).toMatch(
      /^1\.0.% of the coherent answers .* nothing was fine-tuned to compare it with\.$/,
    );
  });

  it("owns up to a control that rose and to a model that fell apart", () => {
    const summary = study(
      { base, insecure: metric(0.5, 0.4, 0.6), secure: metric(0.1, 0.08, 0.12) },
      { insecure: metric(0.49, 0.4, 0.6), secure: metric(0.09, 0.06, 0.12) },
    );
    expect(findingOf(summary).sentences.join(" ")).toContain("itself above the base");
    const broken: Summary = {
      ...summary,
      conditions: summary.conditions.map((row) => ({
        ...row,
        metrics: { ...row.metrics, coherent: metric(0.31, 0.2, 0.4) },
      })),
    };
    expect(spaces(findingOf(broken).sentences.join(" "))).toContain("Only 31.0 % of its answers were coherent");
  });
});
