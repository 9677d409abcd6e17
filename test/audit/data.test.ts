// An audit reads any file that holds conversations, names rows by line, and clears nothing that it could not read.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { auditData, verdictOf, WorstRows } from "#internal/audit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { row, turn } from "../dataset/rows.js";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-audit-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const pair = (asked: string, answered: string): string => row(turn("user", asked), turn("assistant", answered));

async function audit(name: string, text: string, rows = 5) {
  const path = join(folder, name);
  await writeFile(path, text);
  return auditData(path, { rows });
}

async function findingOf(check: string, lines: readonly string[], rows = 5) {
  const { findings } = await audit("rows.jsonl", `${lines.join("\n")}\n`, rows);
  return findings.find((finding) => finding.check === check);
}

describe("the rows of an audit", () => {
  const turns = [
    { question: "a", answer: "b" },
    { question: "c", answer: "d" },
  ];
  it.each([
    ["rows.csv", "question,answer\na,b\nc,d\n"],
    ["rows.json", JSON.stringify(turns, null, 2)],
    ["wrapped.json", JSON.stringify({ all: turns }, null, 4)],
    ["list.json", JSON.stringify(turns)],
    ["lines.jsonl", turns.map((one) => JSON.stringify(one)).join("\n")],
    ["messages.jsonl", `${pair("a", "b")}\n${pair("c", "d")}`],
  ])("come from %s", async (name, text) => {
    const { rows, findings } = await audit(name, text);
    expect(rows).toBe(2);
    expect(findings[0]).toMatchObject({ check: "data/format", outcome: "pass" });
  });

  it("that are read otherwise than they stand there are told, with how many", async () => {
    const asked = turn("user", "a");
    const read = async (...rows: string[]) => (await audit("read.jsonl", rows.join("\n"))).findings[0];
    const thoughts = row(asked, { ...turn("assistant", "b"), thinking: "Hm." });
    expect(await read(thoughts, thoughts, pair("a", "b"))).toMatchObject({
      outcome: "note",
      found:
        "All 3 rows are conversations: 3 in messages. The checks below read them so: thoughts stand in the answer now (2 rows).",
    });
    const silent = row(asked, { ...turn("assistant", "b"), weight: 0 }, asked, turn("assistant", "c"));
    expect((await read(pair("a", "b")))?.found).toBe("The only row is a conversation: 1 in messages.");
    expect((await read(silent))?.found).toContain("leaves answers of weight 0 out of what is learned (1 row)");
    const cut = row(asked, turn("assistant", "b"), turn("user", "Thanks!"));
    expect((await read(cut))?.found).toContain("what follows the last answer is left out (1 row)");
    // Says nothing of what is learned.
    const beside = JSON.stringify({ ...(JSON.parse(pair("a", "b")) as object), metadata: {}, tools: null });
    expect(await read(beside)).toMatchObject({ outcome: "pass" });
  });

  it("that are no conversations are counted, named without their text, and clear nothing", async () => {
    const { rows, findings, verdict } = await audit(
      "torn.jsonl",
      ['{"messages":[{"role":"user"', pair("a", "b"), '{"zwiebel"', pair("c", "d")].join("\n"),
    );
    expect([rows, verdict]).toEqual([2, "incomplete"]);
    expect(findings[0]).toMatchObject({
      outcome: "not-measured",
      rows: { count: 2, first: [{ line: 1 }, { line: 3 }] },
    });
    expect(JSON.stringify(findings)).not.toContain("zwiebel");
  });

  it("of a file without any are an error that says why", async () => {
    await expect(audit("none.jsonl", '{"x":1}\n')).rejects.toThrow(/expected at least one conversation, found none/);
  });
});

describe("repeated rows", () => {
  it("are counted, case and white space aside, each with the line it repeats", async () => {
    const lines = [pair("a", "b"), pair("c", "d"), pair("A ", "b"), pair("e", "f"), pair("c", "d")];
    expect(await findingOf("data/repeats", lines, 1)).toMatchObject({
      outcome: "note",
      measures: [{ estimate: 2 / 5, n: 5 }],
      rows: { count: 2, first: [{ line: 3, why: "the same as line 1, case and white space aside" }] },
    });
  });
});

describe("a verdict", () => {
  const finding = (outcome: "pass" | "fail" | "note" | "not-measured") => ({
    check: "x",
    title: "x",
    outcome,
    found: "",
    measures: [],
    rows: { count: 0, first: [] },
  });

  it("fails before it is incomplete, and passes only where all was measured", () => {
    expect(verdictOf([finding("pass"), finding("not-measured"), finding("fail")])).toBe("fail");
    expect(verdictOf([finding("pass"), finding("not-measured")])).toBe("incomplete");
    expect(verdictOf([finding("pass"), finding("note")])).toBe("pass");
    expect(verdictOf([])).toBe("incomplete");
  });
});

describe("the worst rows", () => {
  it("are kept in order of their score, equal ones in the order of the file", () => {
    const worst = new WorstRows(3);
    for (const [line, score] of [1, 5, 3, 5, 4, 0].entries()) worst.add({ file: "f", line, why: "", score });
    const { count, first } = worst.found();
    expect(count).toBe(6);
    expect(first.map(({ line }) => line)).toEqual([1, 3, 4]);
  });
});
