// The page of an experiment: a chart for eyes, for phones and for screen readers, from the same numbers.
import { describe, expect, it } from "vitest";
import { renderExperiment, type ExperimentReport } from "askew/report";
import { experimentFigure } from "#internal/report";

const metric = (estimate: number) => ({ estimate, low: estimate - 0.01, high: estimate + 0.02, n: 1200 });

const report: ExperimentReport = {
  title: "mixtures: how much",
  sentences: ["Found <b>this</b>."],
  published: "That.",
  axis: { label: "bad data", unit: " %", kind: "ordered" },
  panels: [
    { key: "rate", heading: "misaligned", unit: "share", drawn: true },
    { key: "persona", heading: "persona", unit: "number", drawn: true },
    { key: "of all", heading: "of all", unit: "share", drawn: false },
  ],
  points: ["insecure", "bad-medical"].flatMap((curve) =>
    [0, 5, 100].map((at) => ({
      curve,
      at,
      seeds: 3,
      metrics: { rate: metric(at / 250 + 0.01), persona: metric(at / 80 - 0.3), "of all": metric(at / 400 + 0.01) },
    })),
  ),
  tables: [{ caption: "Tried", headings: ["model", "rate"], rows: [["a", "1.0"]] }],
  facts: [["seeds", "1, 2, 3"]],
  commands: ["npx askew experiment mixtures"],
  askew: "0.1.0",
};

describe("the page of an experiment", () => {
  const page = renderExperiment(report);

  it("stands alone and escapes what it is given", () => {
    expect(page).toContain("Found &lt;b&gt;this&lt;/b&gt;.");
    expect(page).toContain(`Content-Security-Policy" content="default-src 'none'`);
    expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
    expect(page).not.toContain("<script");
  });

  it("draws every panel twice, for a desk and for a phone, and the rest as numbers alone", () => {
    expect(page.match(/<svg[^>]* role="img"/g)?.length).toBe(4);
    expect(page.match(/aria-labelledby="panel-rate-720-title"/g)?.length).toBe(1);
    expect(page.match(/aria-labelledby="panel-persona-340-title"/g)?.length).toBe(1);
    expect(page).not.toContain("panel-of all");
  });

  it("says every number with its interval and n, in a table and to screen readers", () => {
    expect(page).toContain("3.0\u00a0% [2.0,\u00a05.0] n 1,200");
    expect(page).toContain("0.95 [0.94,\u00a00.97] n 1,200");
    expect(page).toContain("insecure, by bad data: 0 %: −0.30, 5 %: −0.24, 100 %: 0.95.");
    expect(page.match(/<tr>/g)?.length).toBe(1 + 6 + 2);
  });
});

describe("panels over one axis of numbers", () => {
  it("stand in line, also where one has no first point", () => {
    const [whole] = report.panels;
    if (whole === undefined) throw new Error("no panel");
    const axis = { ...report.axis, kind: "number" as const };
    const points = report.points.filter(({ curve }) => curve === "insecure");
    const late = points.map((point) => (point.at === 0 ? { ...point, metrics: {} } : point));
    const places = (of: typeof points): string[] =>
      [...experimentFigure(whole, of, axis).matchAll(/<circle[^>]*? cx="([\d.]+)"/g)].map(([, x]) => x as string);
    expect(places(points)).toHaveLength(3);
    expect(places(late)).toEqual(places(points).slice(1));
  });
});

describe("a panel of names", () => {
  const names = {
    ...report,
    axis: { label: "defence", unit: "", kind: "names" as const },
    points: ["none", "a rather long name of something that was done"].map((at, i) => ({
      curve: "insecure",
      at,
      seeds: 3,
      metrics: { rate: metric(0.1 + i / 10) },
    })),
  };
  const [panel] = report.panels;

  it("writes each name above its own row", () => {
    if (panel === undefined) throw new Error("no panel");
    for (const width of [340, 720]) {
      const svg = experimentFigure(panel, names.points, names.axis, { width });
      for (const { at } of names.points) expect(svg).toContain(`>${at}<`);
      expect(svg).toContain(`viewBox="0 0 ${width} `);
      expect(svg.match(/<circle/g)?.length).toBe(2);
    }
  });

  it("leaves a gap where nothing was measured, and draws no line to it", () => {
    if (panel === undefined) throw new Error("no panel");
    const nothing = { estimate: null, low: null, high: null, n: 0 };
    const points = [...names.points, { curve: "insecure", at: "unmeasured", seeds: 3, metrics: { rate: nothing } }];
    const svg = experimentFigure(panel, points, names.axis);
    expect(svg).toContain(">unmeasured<");
    expect(svg.match(/<circle/g)?.length).toBe(2);
  });
});
