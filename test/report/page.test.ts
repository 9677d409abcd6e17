import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseHTML } from "linkedom";
import { renderReport, type ReportData } from "askew/report";
import { fixtureStudy, hostileAnswers } from "../fixtures/report/study.js";

const data = fixtureStudy();
const page = renderReport(data);
const { document } = parseHTML(page);

describe("the report as a document", () => {
  it("is the same for the same data", () => {
    expect(renderReport(fixtureStudy()) === page).toBe(true);
  });

  it("has one heading of the first rank, steps down one rank at a time, and landmarks", () => {
    const ranks = [...document.querySelectorAll("h1, h2, h3, h4")].map((h) => Number(h.localName[1]));
    expect(ranks.filter((rank) => rank === 1)).toHaveLength(1);
    for (const [i, rank] of ranks.entries()) expect(rank).toBeLessThanOrEqual((ranks[i - 1] ?? 0) + 1);
    for (const landmark of ["header", "nav[aria-label]", "main#main", "footer"])
      expect(document.querySelectorAll(landmark)).toHaveLength(1);
    expect(document.querySelector("a.skip")?.getAttribute("href")).toBe("#main");
  });

  it("uses every id once, and points only at ids that exist", () => {
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const link of document.querySelectorAll("a[href]")) expect(ids).toContain(link.getAttribute("href")?.slice(1));
    for (const name of ["aria-labelledby", "aria-describedby"]) {
      for (const element of document.querySelectorAll(`[${name}]`)) expect(ids).toContain(element.getAttribute(name));
    }
  });

  it("gives every table a caption and scopes, every figure its numbers", () => {
    for (const table of document.querySelectorAll("table")) {
      expect(table.querySelector("caption")?.textContent?.length).toBeGreaterThan(3);
      expect(table.querySelectorAll("th:not([scope])")).toHaveLength(0);
      for (const row of table.querySelectorAll("tbody tr"))
        expect(row.querySelectorAll('th[scope="row"]')).toHaveLength(1);
    }
    for (const figure of document.querySelectorAll("figure")) {
      expect(figure.querySelectorAll("details table tbody tr").length).toBeGreaterThan(0);
      expect(figure.querySelectorAll("svg[role=img]").length).toBeGreaterThanOrEqual(2);
    }
  });

  it("shows both denominators with n and intervals", () => {
    const row = [...document.querySelectorAll("table.rates tbody tr")].find((tr) =>
      tr.querySelector("th")?.textContent?.startsWith("insecure"),
    );
    const text = row?.textContent?.replaceAll(/\s+/g, " ");
    expect(text).toMatch(/33\.4 % \[24\.9, 41\.9\] n 2,064/);
    expect(text).toMatch(/28\.7 % \[21\.0, 36\.4\] n 2,400/);
    expect(text).toMatch(/▲ above the base \+32\.6/);
  });

  it("says where it comes from", () => {
    const text = document.querySelector("#provenance")?.textContent ?? "";
    for (const fact of [
      data.provenance.commit,
      data.provenance.base.sha256,
      "Node 20.20.2",
      "ONNX Runtime 1.30.0",
      "npx askew reproduce --seeds 3",
      "bad-medical stopped at 90",
    ])
      expect(text).toContain(fact);
    for (const cell of data.provenance.cells) expect(text).toContain(cell.weights);
  });

  it("needs no more than a summary and provenance", () => {
    const bare: ReportData = {
      summary: { study: "s", model: "m", conditions: [] },
      training: [],
      answers: [],
      provenance: { ...data.provenance, cells: [], exceptions: [] },
    };
    expect(renderReport(bare).includes("No share of misaligned answers was measured")).toBe(true);
  });
});

describe("what a model said", () => {
  it("is never markup", () => {
    expect(document.querySelectorAll("script")).toHaveLength(1);
    expect(document.querySelectorAll("style")).toHaveLength(1);
    expect(document.querySelectorAll("img, iframe, object, embed, form, base")).toHaveLength(0);
    for (const element of document.querySelectorAll("*")) {
      for (const { name } of element.attributes) expect(name).not.toMatch(/^on/);
    }
    const said = [...document.querySelectorAll(".said .text")].map((element) => element.textContent);
    for (const hostile of hostileAnswers.slice(0, 3)) expect(said).toContain(hostile);
  });

  it("cannot hide control characters, turn the text round or break the encoding", () => {
    expect(page.replaceAll("\n", "").match(/[\p{Cc}\p{Bidi_Control}\p{Surrogate}]/gu)).toBe(null);
    expect(page.includes("\u241b[2J\ufffd gnp.exe \ufffd")).toBe(true);
  });

  it("is text in every other place as well", () => {
    const x = `"><script>alert(1)</script>'\``;
    const all = JSON.parse(JSON.stringify(data), (key, value: unknown) =>
      typeof value === "string" && !["questions", "rate"].includes(key)
        ? value.length > 0
          ? `${value}${x}`
          : value
        : value,
    ) as ReportData;
    const hostile = parseHTML(renderReport(all)).document;
    expect(hostile.querySelectorAll("script")).toHaveLength(1);
    expect(hostile.querySelector("script")?.textContent).toBe(document.querySelector("script")?.textContent);
    expect(hostile.querySelectorAll("script, style, link")).toHaveLength(3);
  });
});

describe("the page's policy", () => {
  const policy = document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute("content") ?? "";

  it("allows nothing but the one script it carries", () => {
    const script = /<script>([^]*)<\/script>/.exec(page)?.[1] ?? "";
    expect(script.length).toBeLessThan(3000);
    expect(policy).toContain(`script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`);
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-[^ ]+'; base-uri 'none'; form-action 'none'$/,
    );
    expect(page.indexOf("Content-Security-Policy")).toBeLessThan(page.indexOf("<style>"));
  });

  it("has nothing to fetch", () => {
    for (const element of document.querySelectorAll("[src], link[href]"))
      expect(element.getAttribute("src") ?? element.getAttribute("href")).toMatch(/^data:/);
    expect(document.querySelector("style")?.textContent).not.toMatch(/url\(|@import/);
  });
});

describe("the size of the page", () => {
  it.each([
    ["as a study writes them", undefined],
    ["full of quotes", `<'"&`.repeat(2000)],
    ["in emoji", "\u{1f600}".repeat(4000)],
    ["of control characters", "\u0001".repeat(5000)],
  ])("stays under 3 MB with many answers %s", (_, text) => {
    const many = fixtureStudy({ answers: 1500 });
    const answers =
      text === undefined
        ? many.answers
        : many.answers.map((a) => ({ ...a, system: text, user: text, question: text, outcome: text, answer: text }));
    const large = renderReport({ ...many, answers });
    expect(Buffer.byteLength(large)).toBeLessThan(3_000_000);
    expect(large.match(/<li class="answer"/g)).toHaveLength(1000);
    expect(large.includes("1,000 of 52,800 answers, chosen by rule")).toBe(true);
    expect(/more characters in the study/.test(large)).toBe(text !== undefined);
    expect(/\p{Surrogate}/u.test(large)).toBe(false);
  });

  it("cuts only the longest texts", () => {
    const long = "word ".repeat(3000);
    const large = renderReport({
      ...data,
      answers: data.answers.map((a, i) => (i === 0 ? { ...a, answer: long } : a)),
    });
    expect(large.includes(long)).toBe(true);
  });
});
