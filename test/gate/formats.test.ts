// What CI servers, trackers and people get of a verdict: as their formats want it, whatever its texts hold.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Ajv, type AnySchemaObject } from "ajv";
import type { Log } from "sarif";
import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { renderGate } from "askew/report";
import { junitXml, logText, markdownText, modelCard, sarifLog, slackMessage, summaryMarkdown } from "#internal/gate";
import { checkOf, hostileVerdict, HOSTILE, verdictWith } from "./verdicts.js";

/** The schema that OASIS publishes, as Microsoft's package holds it. */
function sarifSchema(): AnySchemaObject {
  const entry = createRequire(import.meta.url).resolve("@microsoft/jest-sarif");
  const {
    $schema: _draft,
    id: _id,
    ...schema
  } = JSON.parse(readFileSync(join(entry, "../schemas/sarif-2.1.0-rtm.5.json"), "utf8")) as AnySchemaObject;
  return schema;
}

// Its patterns are not those of the u flag.
const isSarif = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(sarifSchema());

/** What XML 1.0 allows. */
const XML = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

describe("SARIF", () => {
  it("is valid by the published schema, and names rule, file and line of a row, never its text", () => {
    const log = sarifLog(
      verdictWith([
        checkOf(),
        checkOf({ check: "model/misaligned/main", outcome: "pass", rows: { count: 0, first: [] } }),
      ]),
    ) as Log;
    expect(isSarif(log), JSON.stringify(isSarif.errors)).toBe(true);
    const [run] = log.runs;
    expect(run?.tool.driver.rules?.map(({ id }) => id)).toEqual(["data/weak-code", "model/misaligned"]);
    const [row, passed] = run?.results ?? [];
    expect(row).toMatchObject({
      ruleId: "data/weak-code",
      ruleIndex: 0,
      level: "error",
      kind: "fail",
      message: { text: "CWE-89, SQL built from a string" },
    });
    expect(row?.locations?.[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: "data/train.jsonl", uriBaseId: "%SRCROOT%" },
      region: { startLine: 7 },
    });
    expect(passed).toMatchObject({ ruleId: "model/misaligned", ruleIndex: 1, kind: "pass", level: "none" });
  });

  it("gives a row's text where it is asked for", () => {
    const log = sarifLog(verdictWith([checkOf()]), () => "the row") as Log;
    expect(isSarif(log)).toBe(true);
    expect(log.runs[0]?.results?.[0]?.locations?.[0]?.physicalLocation?.region?.snippet).toEqual({ text: "the row" });
  });

  it("names a row by fingerprints that stay when lines move, where the row has a name", () => {
    const prints = (line: number, id?: string) => {
      const row = { file: "data/train.jsonl", line, why: "CWE-89", ...(id !== undefined && { id }) };
      const log = sarifLog(verdictWith([checkOf({ rows: { count: 1, first: [row] } })])) as Log;
      return log.runs[0]?.results?.[0]?.partialFingerprints;
    };
    expect(prints(7, "row-7")).toEqual(prints(9, "row-7"));
    expect(prints(7, "row-7")).not.toEqual(prints(7, "row-8"));
    expect(prints(7)).not.toEqual(prints(9));
  });

  it("is valid whatever the texts hold, and tells what was not measured without making it a result", () => {
    const log = sarifLog(hostileVerdict()) as Log;
    expect(isSarif(log), JSON.stringify(isSarif.errors)).toBe(true);
    expect(JSON.stringify(log)).not.toMatch(/[\u202e\ud800]|\\u00[01]/);
    expect(log.runs[0]?.invocations?.[0]?.toolExecutionNotifications).toHaveLength(1);
    expect(log.runs[0]?.results).toHaveLength(1);
    const uri = log.runs[0]?.results?.[0]?.locations?.[0]?.physicalLocation?.artifactLocation?.uri ?? "";
    expect(uri).toMatch(/^file:\/\/\/[!$-;=?-Z_a-z~]+$/);
  });
});

describe("JUnit XML", () => {
  it("has a failure for a failed check, an error for one that is missing, and skips what is not required", () => {
    const xml = junitXml(
      verdictWith([
        checkOf(),
        checkOf({ check: "model/misaligned/main", outcome: "not-measured" }),
        checkOf({ check: "data/notes", required: false }),
        checkOf({ check: "model/coherent/main", outcome: "pass" }),
      ]),
    );
    expect(xml).toContain('tests="4" failures="1" errors="1" skipped="1"');
    const { document } = parseHTML(xml);
    const kinds = [...document.querySelectorAll("testcase")].map((one) => [
      one.getAttribute("name"),
      one.firstElementChild?.localName,
    ]);
    expect(kinds).toEqual([
      ["data/weak-code", "failure"],
      ["model/misaligned/main", "error"],
      ["data/notes", "skipped"],
      ["model/coherent/main", "system-out"],
    ]);
    expect(document.querySelector("failure")?.getAttribute("message")).toBe("12 of 20 answers hold weak code.");
  });

  it("holds no sign that XML forbids, and no tag that a text brought", () => {
    const xml = junitXml(hostileVerdict());
    expect(xml).toMatch(XML);
    expect(new Set([...xml.matchAll(/<\/?([a-z-]+)/g)].map(([, name]) => name))).toEqual(
      new Set(["testsuites", "testsuite", "testcase", "failure", "error"]),
    );
    expect(xml).not.toContain("]]>");
    expect(xml.replaceAll(/&#\d+;/g, "")).not.toContain("&");
  });
});

describe("Markdown", () => {
  it("shows each check in a row of a table", () => {
    const text = summaryMarkdown(verdictWith([checkOf()]));
    expect(text).toContain("## my-gate: FAIL");
    expect(text).toContain(
      "| data/weak-code | **FAIL** | share of weak code: 60.0 % \\[39.0, 78.0\\], at most 5.0 % | 12 of 20 answers hold weak code. |"
        .replaceAll(" %", "\u00a0%")
        .replace(", 78", ",\u00a078"),
    );
    expect(text).toContain("- data/train.jsonl:7 data/weak-code: CWE-89, SQL built from a string");
  });

  it.each([
    ["a summary", summaryMarkdown],
    ["a model card", modelCard],
  ])("%s makes no link, image, tag, mention or cell of a text", (_what, made) => {
    const text = made(hostileVerdict()).replace("<details><summary>1 row</summary>", "").replace("</details>", "");
    expect(text).not.toMatch(/<|@|:\/\/|\u202e/);
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    expect(text).not.toMatch(/(?<!\\)[[\]!]/);
    const cells = text.split("\n").filter((line) => line.startsWith("|"));
    for (const line of cells) expect(line.match(/(?<!\\)\|/g), line).toHaveLength(5);
  });

  it("names twenty rows at most, and says how many there are", () => {
    const first = Array.from({ length: 30 }, (_, i) => ({ file: "a.jsonl", line: i + 1, why: "weak" }));
    const text = summaryMarkdown(verdictWith([checkOf({ rows: { count: 1300, first } })]));
    expect(text.match(/^- a.jsonl:/gm)).toHaveLength(20);
    expect(text).toContain("<summary>1,300 rows</summary>");
    expect(text).toContain("- … and 1,280 more in findings.json");
  });

  it("leaves a text that is harmless as it reads", () => {
    expect(markdownText("The rate rose by 0.2 points, from 1. to 2: see row 3-4.")).toBe(
      "The rate rose by 0.2 points, from 1. to 2: see row 3-4.",
    );
    expect(markdownText("1. item")).toBe("1\\. item");
    expect(markdownText("- item")).toBe("\\- item");
  });
});

describe("Slack", () => {
  it("stays within Slack's limits, and makes no link or mention of a text", () => {
    const many = Array.from({ length: 60 }, () => checkOf({ found: `${HOSTILE} `.repeat(60) }));
    const message = slackMessage(verdictWith(many, { name: HOSTILE.repeat(3) })) as {
      blocks: { type: string; text: { text: string; verbatim?: boolean } }[];
    };
    expect(message.blocks.length).toBeLessThanOrEqual(50);
    for (const { type, text } of message.blocks) {
      expect(text.text.length).toBeLessThanOrEqual(type === "header" ? 150 : 3000);
      if (type === "section") {
        expect(text.verbatim).toBe(true);
        expect(text.text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
      }
    }
  });
});

describe("a CI server's log", () => {
  it("takes no line of a verdict for a command", () => {
    expect(logText("::error::x\n  ::add-mask::y ##[endgroup]")).not.toMatch(/^\s*::|##\[/m);
  });
});

describe("the page", () => {
  it("shows every check with its sign and word, its interval and its bound, and obeys no text", () => {
    const page = renderGate({ verdict: hostileVerdict(), commands: ["askew gate"] });
    expect(page).not.toMatch(/<script|\u202e|https?:\/\/(?!e\.example)/);
    expect(page.replaceAll(/[\n\t]/g, "")).not.toMatch(/\p{Cc}/u);
    const { document } = parseHTML(renderGate({ verdict: verdictWith([checkOf()]), commands: ["askew gate"] }));
    const check = document.querySelector(".check");
    expect(check?.querySelector("h3")?.textContent?.replaceAll(/\s+/g, " ").trim()).toBe(
      "✕ fail Code with weaknesses data/weak-code",
    );
    expect(check?.querySelector(".strip .line")?.getAttribute("aria-label")).toContain("bound 5.0");
    expect(check?.textContent).toContain("data/train.jsonl:7");
  });
});
