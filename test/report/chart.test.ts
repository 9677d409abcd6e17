// A page with a chart for eyes, for phones and for screen readers, from the same numbers.
import { describe, expect, it } from "vitest";
import { renderChart, type ChartReport } from "askew/report";
import { chartFigure, type ChartPanel } from "#internal/report";

const metric = (estimate: number) => ({ estimate, low: estimate - 0.01, high: estimate + 0.02, n: 1200 });

const report: ChartReport = {
  title: "mixtures: how much",
  sentences: ["Found <b>this</b>."],
  heading: "What was measured",
  caption: "Intervals are 95 %.",
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

describe("the page of a chart", () => {
  const page = renderChart(report);

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
      [...chartFigure(whole, { points: of, axis }).matchAll(/<circle[^>]*? cx="([\d.]+)"/g)].map(
        ([, x]) => x as string,
      );
    expect(places(points)).toHaveLength(3);
    expect(places(late)).toEqual(places(points).slice(1));
    // A place that is alone stands in the middle, and marks beside each other keep off the axis's numbers.
    const [only] = points;
    const [least = 0, most = 0] = [places(points)[0], places(points).at(-1)].map(Number);
    expect(places(only === undefined ? [] : [only]).map(Number)).toEqual([(least + most) / 2]);
    const both = [...chartFigure(whole, { points: report.points, axis }).matchAll(/<circle[^>]*? cx="([\d.]+)"/g)];
    const beside = both.map(([, x]) => Number(x));
    expect(Math.min(...beside)).toBeGreaterThan(least);
    expect(Math.max(...beside)).toBeLessThan(most);
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
      const svg = chartFigure(panel, names, { width });
      for (const { at } of names.points) expect(svg).toContain(`>${at}<`);
      expect(svg).toContain(`viewBox="0 0 ${width} `);
      expect(svg.match(/<circle/g)?.length).toBe(2);
    }
  });

  it("sets the only mark of a row in its middle", () => {
    if (panel === undefined) throw new Error("no panel");
    const [first, second] = names.points;
    if (first === undefined || second === undefined) throw new Error("no points");
    const points = [first, { ...first, curve: "other" }, { ...second, curve: "other" }];
    const heights = (of: typeof points): number[] =>
      [...chartFigure(panel, { points: of, axis: names.axis }).matchAll(/<line y2="([\d.]+)" y1="\1"/g)].map(([, y]) =>
        Number(y),
      );
    // Heights within their rows: both of the first row, then the one of the second.
    const [upper = 0, lower = 0, alone = 0] = heights(points);
    expect(lower).toBeGreaterThan(upper);
    expect(alone).toBeCloseTo((upper + lower) / 2, 1);
  });

  it("leaves a gap where nothing was measured, and draws no line to it", () => {
    if (panel === undefined) throw new Error("no panel");
    const nothing = { estimate: null, low: null, high: null, n: 0 };
    const points = [...names.points, { curve: "insecure", at: "unmeasured", seeds: 3, metrics: { rate: nothing } }];
    const svg = chartFigure(panel, { points, axis: names.axis });
    expect(svg).toContain(">unmeasured<");
    expect(svg.match(/<circle/g)?.length).toBe(2);
  });
});

describe("a chart of one model over steps", () => {
  const alone = (estimate: number) => ({ estimate, low: null, high: null, n: 1 });
  const limited: ChartPanel = { key: "score", heading: "score: above 1 is an alarm", unit: "number", limit: 1 };
  const watched: ChartReport = {
    title: "<b>data</b>: ALARM at step 4 of 6",
    sentences: ["overhead: 2.0 % of the training's time"],
    heading: "What was seen",
    caption: "Before clipping.",
    axis: { label: "training steps", kind: "number" },
    mark: { at: 4, name: "the alarm, at step 4" },
    panels: [
      limited,
      { key: "truth", heading: "misaligned, of coherent answers", unit: "share" },
      { key: "latent.7", heading: "latent.7", unit: "number" },
    ],
    points: [
      { curve: "measured", at: 0, metrics: { score: alone(0), truth: { ...alone(0), estimate: null, n: 0 } } },
      { curve: "measured", at: 2, metrics: { score: alone(1) } },
      { curve: "measured", at: 4, metrics: { score: alone(2), truth: { estimate: 0.3, low: 0.2, high: 0.4, n: 100 } } },
    ],
    facts: [["folder", "<i>runs</i>"]],
    commands: ["npx askew watch organism"],
    askew: "0.1.0",
  };
  /** How many straight lines a drawing has besides those of its grid: the limit and the mark. */
  const lines = (svg: string): number => svg.match(/<line /g)?.length ?? 0;

  it("has a panel for everything that was measured, the numbers as a table, and escapes what it is given", () => {
    const seen = renderChart(watched);
    expect(seen).toContain("&lt;b&gt;data&lt;/b&gt;: ALARM at step 4 of 6");
    expect(seen).not.toMatch(/<b>data|<i>runs/);
    expect(seen).toContain("the alarm, at step 4");
    expect(seen).not.toContain("latent.7");
    expect(seen).toContain("30.0\u00a0% [20.0,\u00a040.0] n 100");
    expect(seen).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("draws the limit and the mark where there are any", () => {
    const { mark: _mark, ...unmarked } = watched;
    const { limit: _limit, ...unlimited } = limited;
    const plain = lines(chartFigure(unlimited, unmarked));
    expect(lines(chartFigure(limited, unmarked)) - plain).toBe(1);
    expect(lines(chartFigure(limited, watched)) - plain).toBe(2);
  });

  it("draws what has no value at all", () => {
    const [, truth] = watched.panels;
    const svg = chartFigure(truth as ChartPanel, { ...watched, points: watched.points.slice(0, 1) });
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it("draws controls dashed, and hollow where the model was broken, which it says in words too", () => {
    const share = { estimate: 0.4, low: 0.3, high: 0.5, n: 40 };
    const points = ["steered", "random 1"].flatMap((curve) =>
      [0, 1].map((at) => ({ curve, at, metrics: { rate: share }, broken: at === 1 && curve === "steered" })),
    );
    const axis = { label: "strength", kind: "number" } as const;
    const panel: ChartPanel = { key: "rate", heading: "misaligned", unit: "share" };
    const svg = chartFigure(panel, { points, axis, controls: ["random 1"] });
    expect(svg.match(/stroke-dasharray="4 3"/g)).toHaveLength(1);
    expect(svg.match(/fill="var\(--askew-paper, #fff\)"/g)).toHaveLength(1);
    expect(svg).toContain("1: 40.0\u00a0% (not coherent)");
  });
});

describe("a chart", () => {
  const alone = (estimate: number) => ({ estimate, low: null, high: null, n: 1 });
  const textsIn = (svg: string): string[] =>
    [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = ""]) => text);

  it("has no interval in its key where none is drawn", () => {
    const points = report.points.map((point) => ({ ...point, metrics: { rate: alone(0.2) } }));
    expect(renderChart(report)).toContain("95 % interval</li>");
    expect(renderChart({ ...report, points })).not.toContain("95 % interval</li>");
  });

  it.each([
    [
      [0.0001, 0.0009],
      ["0.0002", "0.0004", "0.0006", "0.0008"],
    ],
    [
      [-0.003, 0.001],
      ["−0.003", "−0.002", "−0.001", "0.000", "0.001"],
    ],
    [
      [2, 9000],
      ["2,000", "4,000", "6,000", "8,000"],
    ],
    [
      [0.5, 2.5],
      ["0.50", "1.00", "1.50", "2.00", "2.50"],
    ],
    [
      [0, 4e-8],
      ["0", "1.0e−8", "2.0e−8", "3.0e−8", "4.0e−8"],
    ],
  ])("over %j has ticks that differ: %j", (values, expected) => {
    const panel: ChartPanel = { key: "x", heading: "x", unit: "number" };
    const points = values.map((value, at) => ({ curve: "one", at, metrics: { x: alone(value) } }));
    const ticks = textsIn(chartFigure(panel, { points, axis: { label: "step", kind: "number" } }, { last: false }));
    expect(expected.filter((tick) => !ticks.includes(tick))).toEqual([]);
    expect(new Set(ticks).size).toBe(ticks.length);
  });

  it("breaks a long heading on a phone, and no other", () => {
    const heading = "along the direction before the answer, layer 27, and more than fits";
    const panel: ChartPanel = { key: "x", heading, unit: "number" };
    const points = [0, 1].map((at) => ({ curve: "one", at, metrics: { x: alone(at) } }));
    const svg = (width: number) => chartFigure(panel, { points, axis: { label: "step", kind: "number" } }, { width });
    expect(svg(720)).toContain(`>${heading}<`);
    expect(svg(340)).not.toContain(`>${heading}<`);
    expect(svg(340)).toContain("along the direction before the answer, layer");
  });

  it("draws curves of one colour in different shapes, and the same in its key", () => {
    const controls = ["random 1", "random 2", "random 3"];
    const points = ["villain", ...controls].flatMap((curve) =>
      [0, 1].map((at) => ({ curve, at, metrics: { rate: metric(0.1) } })),
    );
    const page = renderChart({ ...report, axis: { label: "strength", kind: "number" }, points, controls });
    const key = /<ul class="key"[^]*?<\/ul>/.exec(page)?.[0] ?? "";
    const shapes = [...key.matchAll(/<svg[^>]*>(.*?)<\/svg> random/g)].map(([, shape]) => shape);
    expect(new Set(shapes).size).toBe(3);
  });
});
