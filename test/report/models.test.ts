// Several models of a study beside each other: who is compared with whom, and what a person sees.
import { describe, expect, it } from "vitest";
import { besideEachOther, renderModels, renderTable, type Metric, type Summary } from "askew/report";

const metric = (estimate: number, low: number, high: number): Metric => ({ estimate, low, high, n: 100 });
const row = (condition: string, rate: Metric) => ({
  condition,
  trigger: false,
  seeds: 2,
  questions: "pre-registered",
  metrics: { rate, rateOfAll: rate, coherent: metric(1, 1, 1) },
});

const first: Summary = {
  study: "two",
  model: "http://127.0.0.1:1/v1#small",
  judge: "openai:judge",
  controls: ["good"],
  conditions: [row("base", metric(0.01, 0, 0.02)), row("bad", metric(0.3, 0.2, 0.4)), row("good", metric(0, 0, 0.01))],
  change: [
    { condition: "bad", trigger: false, questions: "pre-registered", metrics: { rate: metric(0.29, 0.2, 0.38) } },
    { condition: "good", trigger: false, questions: "pre-registered", metrics: { rate: metric(-0.01, -0.02, 0.01) } },
  ],
};
const second: Summary = {
  ...first,
  model: "openai:large",
  conditions: [row("base", metric(0.2, 0.1, 0.3))],
  change: [],
};
const between = [
  {
    model: "openai:large",
    condition: "base",
    trigger: false,
    questions: "pre-registered",
    metrics: { rate: metric(0.19, 0.09, 0.29) },
  },
];

describe("models beside each other", () => {
  const summary = besideEachOther([first, second], between);

  it("are rows of one summary, fine-tunes against their base and untuned models against the first", () => {
    expect(summary.conditions.map(({ condition }) => condition)).toEqual(["small", "small bad", "small good", "large"]);
    expect(summary.change?.map(({ condition, metrics }) => [condition, metrics["rate"]?.estimate])).toEqual([
      ["small bad", 0.29],
      ["small good", -0.01],
      ["large", 0.19],
    ]);
    expect(summary.bases).toEqual(["small", "large"]);
    expect(summary.controls).toEqual(["small good"]);
  });

  it("make a table on the first questions that have a rate", () => {
    const table = renderTable(summary, { width: 80 });
    expect(table).toContain("two · 2 models · pre-registered questions · 2 seeds");
    expect(table).toMatch(/small bad +▲ 30\.0 {2}\[ ?20\.0, 40\.0\]/);
    expect(table).toMatch(/large +▲ 20\.0/);
  });

  it("make a page that links each model's own report", () => {
    const links = [{ model: first.model, href: "models/small/report.html" }];
    const page = renderModels(summary, links, { commands: ["npx askew study a.yaml"], askew: "0.0.0" });
    expect(page).toContain('href="models/small/report.html"');
    expect(page).toContain("pre-registered questions");
    expect(page).not.toContain("main questions");
  });

  it("keep names whole where short ones would be the same", () => {
    const same = besideEachOther([first, { ...second, model: "http://other/v1#small" }], []);
    expect(same.conditions.at(-1)?.condition).toBe("http://other/v1#small");
  });
});
