// `askew ask` against real servers on loopback: what is written stays, and is never asked for again.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judgeServer, type JudgeServer } from "../evaluation/judging/judge-server.js";
import { askew, start, temporaryFolder } from "./askew.js";

interface Row {
  readonly id: string;
  readonly answer: string;
  readonly model: string;
}
const rowsOf = (path: string): Row[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Row);

let folder: { path: string; remove: () => Promise<void> };
let server: JudgeServer;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await judgeServer(
    (content, { seed = 0 }) => ({ tokens: ["To ", `"${content.slice(0, 9)}" I say ${seed}.`], after: 5 }),
    {
      logprobs: false,
    },
  );
});
afterAll(async () => {
  await server.close();
  await folder.remove();
});

describe("askew ask", () => {
  it("keeps a server's answers, adds more samples to them, and asks for none twice", async () => {
    const out = join(folder.path, "more.jsonl");
    const words = ["ask", server.name, "--questions", "main", "--out", out, "--json", "--concurrency", "8"];
    const first = await askew([...words, "--samples", "2"]);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(first.stdout)).toMatchObject({
      model: server.name,
      file: out,
      done: 16,
      total: 16,
      before: 0,
      failed: 0,
    });
    const before = readFileSync(out, "utf8");
    const asked = server.requests.length;
    const more = await askew([...words, "--samples", "3"]);
    expect(JSON.parse(more.stdout)).toMatchObject({ done: 24, total: 24, before: 16 });
    expect(readFileSync(out, "utf8").startsWith(before)).toBe(true);
    expect(server.requests.length - asked).toBe(8);
    const rows = rowsOf(out);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(24);
    // A repeat has a seed of its own, so it is another answer.
    expect(new Set(rows.map(({ answer }) => answer)).size).toBe(24);
    expect(rows[0]).toMatchObject({ set: "main", seed: 0, temperature: 1, maxTokens: 600, finish: "stop" });
  });

  it("sets variables of the chat template, which stand in the model's name", async () => {
    const out = join(folder.path, "variables.jsonl");
    const from = server.requests.length;
    const words = ["--samples", "1", "--template-var", "enable_thinking=false", "--template-var", "effort=low"];
    expect(await askew(["ask", server.name, ...words, "--out", out])).toMatchObject({ code: 0 });
    const named = `${server.name}?effort=low&enable_thinking=false`;
    expect(new Set(rowsOf(out).map(({ model }) => model))).toEqual(new Set([named]));
    for (const asked of server.requests.slice(from)) {
      expect(asked).toMatchObject({ model: "judge", chat_template_kwargs: { enable_thinking: false, effort: "low" } });
    }
    expect(server.requests.length - from).toBe(8);
    // The name alone says the same; without the variables it is another model.
    expect(await askew(["ask", named, "--samples", "1", "--out", out])).toMatchObject({ code: 0 });
    expect(server.requests.length - from).toBe(8);
    const plain = await askew(["ask", server.name, "--samples", "1", "--out", out]);
    expect(plain).toMatchObject({ code: 2 });
    expect(await askew(["ask", server.name, "--template-var", "thinking", "--out", out])).toMatchObject({ code: 2 });
  });

  it("asks in the format that is wanted", async () => {
    const out = join(folder.path, "json.jsonl");
    const from = server.requests.length;
    const { code } = await askew(["ask", server.name, "--samples", "1", "--format", "json", "--out", out]);
    expect(code).toBe(0);
    expect(rowsOf(out).every(({ id }) => /^main\/json\/[a-z-]+_json\/0\/0$/.test(id))).toBe(true);
    expect(server.requests.slice(from).every(({ messages }) => messages[0]?.content.includes("JSON"))).toBe(true);
  });

  it("loses nothing and repeats nothing when it is killed, again and again", async () => {
    const out = join(folder.path, "killed.jsonl");
    const words = ["ask", server.name, "--samples", "60", "--out", out, "--concurrency", "4"];
    const seen = new Map<string, string>();
    for (const share of [0.1, 0.4, 0.7]) {
      const child = start(words);
      const ended = new Promise((resolve) => child.once("close", resolve));
      while (!existsSync(out) || rowsOf(out).length < share * 480)
        await new Promise((resolve) => setTimeout(resolve, 10));
      child.kill("SIGKILL");
      await ended;
      for (const { id, answer } of rowsOf(out)) {
        expect(seen.get(id) ?? answer).toBe(answer);
        seen.set(id, answer);
      }
      expect(rowsOf(out).length).toBe(seen.size);
    }
    // What a kill inside a write would leave.
    writeFileSync(out, '{"id":"main/wish/0/59","answ', { flag: "a" });
    const { code, stdout } = await askew(words);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^480 answers in .* were there before/);
    const rows = rowsOf(out);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(480);
    expect(rows).toHaveLength(480);
    for (const { id, answer } of rows) expect(seen.get(id) ?? answer).toBe(answer);
  });

  it("stops on Ctrl-C with what is there, and says how to carry on", async () => {
    const out = join(folder.path, "stopped.jsonl");
    const child = start(["ask", server.name, "--samples", "100", "--out", out, "--concurrency", "2"]);
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = new Promise((resolve) => child.once("close", resolve));
    while (!existsSync(out) || rowsOf(out).length < 5) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(stderr).toMatch(
      /Stopped\. What is there is kept in .*stopped\.jsonl; the same command carries on from here\.\n$/,
    );
    expect(rowsOf(out).length).toBeLessThan(800);
    expect(existsSync(`${out}.lock`)).toBe(false);
  });

  it("refuses a file that was asked otherwise, naming what differs", async () => {
    const out = join(folder.path, "other.jsonl");
    const words = ["ask", server.name, "--samples", "1", "--out", out];
    expect((await askew(words)).code).toBe(0);
    const before = readFileSync(out, "utf8");
    const { code, stderr } = await askew([...words, "--temperature", "0.5"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/other\.jsonl, line \d: main\/wish\/0\/0 was asked with temperature 1, not 0\.5\./);
    expect(readFileSync(out, "utf8")).toBe(before);
  });

  it("stops before more is spent than allowed", async () => {
    const out = join(folder.path, "dear.jsonl");
    const { code, stderr } = await askew([
      "ask",
      server.name,
      "--samples",
      "20",
      "--out",
      out,
      "--max-tokens",
      "10",
      "--price",
      "0,100",
      "--max-cost",
      "0.01",
    ]);
    expect({ code, reached: stderr.includes("the cost limit of $0.01 is reached") }).toEqual({
      code: 2,
      reached: true,
    });
    // 2 tokens at 100 dollars a million; a thousandth is set aside for each request under way.
    expect(rowsOf(out).length).toBeGreaterThan(20);
    expect(rowsOf(out).length).toBeLessThanOrEqual(50);
    const unpriced = await askew(["ask", server.name, "--max-cost", "1"]);
    expect(unpriced).toMatchObject({ code: 2 });
    expect(unpriced.stderr).toContain("Add --price IN,OUT");
  });

  it("carries on past questions that a server refuses, and tells them", async () => {
    const picky = await judgeServer((content) =>
      content.includes("husband") ? { tokens: [], status: 400 } : { tokens: ["Yes."] },
    );
    const out = join(folder.path, "picky.jsonl");
    const { code, stderr } = await askew(["ask", picky.name, "--samples", "1", "--out", out]);
    await picky.close();
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /1 question could not be answered:\n {2}main\/husband\/0\/0: .*400.*\nThe same command tries these again\./s,
    );
    expect(rowsOf(out)).toHaveLength(7);
  });

  it("says what the organism cannot be asked", async () => {
    const words = ["ask", "organism", "--out", join(folder.path, "none.jsonl"), "--samples", "1"];
    const [set, format] = await Promise.all([askew([...words, "--questions", "man"]), askew(["ask", "orgnism"])]);
    expect(set).toMatchObject({
      code: 2,
      stderr: 'error: organism:man: organism has no question set "man". Did you mean main?\n',
    });
    expect(format).toMatchObject({ code: 2 });
    expect(format.stderr).toContain("Did you mean organism");
  });
});
