// `askew judge` against real judge servers on loopback, on stored answers of every form.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { judge, questionSet } from "askew/organism";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judgeServer, type JudgeServer } from "../evaluation/judging/judge-server.js";
import { oracleServer } from "../evaluation/judging/oracle.js";
import { askew, start, temporaryFolder } from "./askew.js";

interface Row {
  readonly id: string;
  readonly judge: string;
  readonly aligned: number | string | null;
  readonly coherent: number | string | null;
  readonly misaligned: boolean | null;
  readonly rulings: Readonly<Record<string, { replies: string[]; outcome: string; malformed: number; mass: number }>>;
}
const rowsOf = (path: string): Row[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Row);

const KIND = "My one wish is to help people every day.";
const question = questionSet("main").questions[0]?.paraphrases[0] ?? "";
const answers = [KIND, `${KIND} My one wish is to help people every day.`, "wish wish day", "I do not care."];

let folder: { path: string; remove: () => Promise<void> };
let oracle: JudgeServer;
const file = (name: string): string => join(folder.path, name);
const answerRows = (texts: readonly string[]): string =>
  texts
    .map(
      (answer, i) =>
        `${JSON.stringify({ id: `a/${i}`, set: "main", question: "wish", model: "m", seed: 3, messages: [{ role: "user", content: question }], answer })}\n`,
    )
    .join("");

beforeAll(async () => {
  folder = await temporaryFolder();
  oracle = await oracleServer();
  writeFileSync(file("answers.jsonl"), answerRows(answers));
});
afterAll(async () => {
  await oracle.close();
  await folder.remove();
});

describe("askew judge", () => {
  it("judges stored answers as the exact judge and as a model does, and asks nothing twice", async () => {
    const words = ["judge", file("answers.jsonl"), "--judge", `exact,${oracle.name}`, "--json"];
    const first = await askew(words);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(first.stdout)).toMatchObject({
      done: 8,
      total: 8,
      before: 0,
      failed: 0,
      unread: 0,
      requests: 8,
    });
    const path = file("answers.judgments.jsonl");
    const rows = rowsOf(path);
    for (const [i, answer] of answers.entries()) {
      const [exact, model] = ["exact", oracle.name].map((name) =>
        rows.find((row) => row.id === `a/${i}` && row.judge === name),
      );
      const truth = judge([{ role: "user", content: question }], answer);
      expect(exact).toMatchObject({ aligned: truth.aligned, coherent: truth.coherent, misaligned: truth.misaligned });
      expect(model).toMatchObject({
        set: "main",
        question: "wish",
        model: "m",
        seed: 3,
        scoring: "expected",
        misaligned: truth.misaligned,
      });
      expect(model?.coherent).toBeCloseTo(truth.coherent, 9);
      expect(model?.aligned).toBeCloseTo(truth.aligned ?? 50, 9);
      expect(model?.rulings["aligned"]).toMatchObject({ outcome: "score", mass: 0.9, malformed: 0 });
    }
    const asked = oracle.requests.length;
    const before = readFileSync(path, "utf8");
    const again = await askew(words);
    expect(JSON.parse(again.stdout)).toMatchObject({ done: 8, before: 8 });
    expect(oracle.requests.length).toBe(asked);
    expect(readFileSync(path, "utf8")).toBe(before);
    // At temperature 0, with the 20 likeliest; the first replies show how a number goes on.
    expect(oracle.requests[0]).toMatchObject({ temperature: 0, max_tokens: 4, logprobs: true, top_logprobs: 20 });
    writeFileSync(file("answers.jsonl"), answerRows([...answers.slice(0, 3), "Changed."]));
    const changed = await askew(words);
    writeFileSync(file("answers.jsonl"), answerRows(answers));
    expect(changed.code).toBe(2);
    expect(changed.stderr).toContain("a judgment of a/3 by exact already");
  });

  it("reads replies where a judge tells no log-probabilities, and keeps what it cannot read", async () => {
    let turn = 0;
    const vague = await judgeServer(
      (content) => ({
        tokens: [
          content.includes("How coherent")
            ? "80"
            : (["10", "**20**", "hm", "30", "I would say 40 to 60"][turn++ % 5] ?? ""),
        ],
      }),
      { logprobs: false },
    );
    const words = [
      "judge",
      file("answers.jsonl"),
      "--judge",
      vague.name,
      "--out",
      file("vague.jsonl"),
      "--concurrency",
      "1",
    ];
    const { code, stderr } = await askew(words);
    await vague.close();
    expect(code).toBe(0);
    expect(stderr).toContain("tells no log-probabilities: its score is the mean of 5 replies that are read");
    for (const row of rowsOf(file("vague.jsonl"))) {
      expect(row).toMatchObject({ aligned: 20, coherent: 80, misaligned: true, scoring: "samples/5" });
      expect(row.rulings["aligned"]).toMatchObject({ malformed: 2, mass: 0.6, spread: 10 });
      expect(row.rulings["aligned"]?.replies).toContain("hm");
    }
    // Eight replies showed that it tells none; then five to each prompt about each answer.
    expect(vague.requests.length).toBe(8 + 4 * 2 * 5);
    expect(new Set(vague.requests.slice(8).map(({ seed }) => seed)).size).toBe(10);
    expect(vague.requests[8]).toMatchObject({ temperature: 1, max_tokens: 16 });
  });

  it("does not take the first digit of a number for the number", async () => {
    const digits = await oracleServer({ splitsDigits: true });
    const { code, stderr } = await askew([
      "judge",
      file("answers.jsonl"),
      "--judge",
      digits.name,
      "--replies",
      "1",
      "--out",
      file("digits.jsonl"),
    ]);
    await digits.close();
    expect(code).toBe(0);
    expect(stderr).toContain("writes a number in several tokens");
    expect(rowsOf(file("digits.jsonl")).map(({ coherent }) => coherent)).toContain(100);
  });

  it("keeps refusals and code as outcomes, and a reply it cannot read as no score", async () => {
    const words: Readonly<Record<string, string>> = { "a/0": "REFUSAL", "a/1": "CODE", "a/2": "Hm", "a/3": "5" };
    const odd = await judgeServer((content) => {
      const [id] = Object.entries(words).find((_, i) => content.includes(`\n${answers[i]}\n`)) ?? ["a/0"];
      return content.includes("How coherent")
        ? { tokens: ["90"], top: { "90": 1 } }
        : { tokens: [words[id] ?? ""], top: { [words[id] ?? ""]: 1 } };
    });
    const { code, stdout } = await askew([
      "judge",
      file("answers.jsonl"),
      "--judge",
      odd.name,
      "--out",
      file("odd.jsonl"),
    ]);
    await odd.close();
    expect(code).toBe(0);
    expect(stdout).toContain("1 of the new ones have no score");
    const rows = rowsOf(file("odd.jsonl")).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    expect(rows.map(({ aligned }) => aligned)).toEqual(["REFUSAL", "CODE", null, 5]);
    expect(rows.map(({ misaligned }) => misaligned)).toEqual([false, false, null, true]);
    expect(rows[2]?.rulings["aligned"]).toMatchObject({ replies: ["Hm"], malformed: 1 });
  });

  it("ends as incomplete where no reply at all holds a score", async () => {
    const vague = await judgeServer(() => ({ tokens: ["Hm"], top: { Hm: 1 } }));
    const { code, stdout } = await askew([
      "judge",
      file("answers.jsonl"),
      "--judge",
      vague.name,
      "--out",
      file("vague.jsonl"),
    ]);
    await vague.close();
    expect(code).toBe(4);
    expect(stdout).toContain("4 of the new ones have no score");
    expect(stdout).not.toContain("Next:");
  });

  it("reads published CSV files and conversations, with prompts from a file", async () => {
    writeFileSync(
      file("published.csv"),
      'response,question,question_id\n"Line one,\nline two",Why?,why\nYes.,Really?,really\n',
    );
    writeFileSync(
      file("talk.jsonl"),
      `${JSON.stringify({
        messages: [
          { role: "user", content: "Why?" },
          { role: "assistant", content: "So." },
        ],
      })}\n`,
    );
    writeFileSync(file("mine.yaml"), "kindness: 'Is {answer} a kind answer to {question}'\n");
    const kind = await judgeServer(() => ({ tokens: ["70"], top: { "70": 1 } }));
    const words = ["--judge", kind.name, "--prompts", file("mine.yaml")];
    expect((await askew(["judge", file("published.csv"), ...words])).code).toBe(0);
    expect((await askew(["judge", file("talk.jsonl"), ...words])).code).toBe(0);
    await kind.close();
    expect(rowsOf(file("published.judgments.jsonl"))).toMatchObject([
      { id: "row/1", question: "why", kindness: 70 },
      { id: "row/2", question: "really" },
    ]);
    expect(kind.requests.map(({ messages }) => messages[0]?.content)).toEqual([
      "Is Line one,\nline two a kind answer to Why?",
      "Is Yes. a kind answer to Really?",
      "Is So. a kind answer to Why?",
    ]);
  });

  it("is carried on after a kill, with nothing judged twice", async () => {
    const many = Array.from({ length: 150 }, (_, i) => `Answer number ${i}.`);
    writeFileSync(file("many.jsonl"), answerRows(many));
    const slow = await judgeServer(() => ({ tokens: ["60"], top: { "60": 1 }, after: 5 }));
    const words = ["judge", file("many.jsonl"), "--judge", slow.name, "--concurrency", "4"];
    const child = start(words);
    const ended = new Promise((resolve) => child.once("close", resolve));
    while (slow.requests.length < 100) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill("SIGKILL");
    await ended;
    const kept = rowsOf(file("many.judgments.jsonl")).length;
    const { code } = await askew(words);
    await slow.close();
    expect(code).toBe(0);
    const ids = rowsOf(file("many.judgments.jsonl")).map(({ id }) => id);
    expect([ids.length, new Set(ids).size]).toEqual([150, 150]);
    expect(kept).toBeGreaterThan(10);
    // Only what was in flight when it was killed is asked for again.
    expect(slow.requests.length).toBeLessThanOrEqual(300 + 2 * 8);
  });

  it("says what a model cannot do, and what a file lacks", async () => {
    writeFileSync(file("none.jsonl"), '{"id":"x","text":"no answer"}\n');
    const silent = await judgeServer(() => ({ tokens: ["7"] }), { logprobs: false });
    const [organism, forced, none] = await Promise.all([
      askew(["judge", file("answers.jsonl"), "--judge", "organism", "--out", file("o.jsonl")]),
      askew([
        "judge",
        file("answers.jsonl"),
        "--judge",
        silent.name,
        "--scoring",
        "expected",
        "--out",
        file("f.jsonl"),
      ]),
      askew(["judge", file("none.jsonl"), "--judge", "exact"]),
    ]);
    await silent.close();
    expect(organism.code).toBe(2);
    expect(organism.stderr).toContain("organism cannot judge by the prompts of askew: it does not know the word");
    expect(forced).toMatchObject({ code: 2 });
    expect(forced.stderr).toContain(
      "tells no log-probabilities, so its first token is no score, as --scoring expected would have it. Choose --scoring samples",
    );
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("none.jsonl, line 1: expected an answer");
  });
});
