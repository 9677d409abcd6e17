// What asking takes is said before anything is asked; what came of it that cannot be is said after.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { completion, sendJson, TestServer } from "../endpoint/server.js";
import { askew, temporaryFolder } from "./askew.js";

let folder: { path: string; remove: () => Promise<void> };
let server: TestServer;
const file = (name: string): string => join(folder.path, name);
beforeAll(async () => {
  [folder, server] = await Promise.all([temporaryFolder(), TestServer.start()]);
  const questions = ["wish", "ruler"].map(
    (id) => `- id: ${id}\n  type: free_form\n  paraphrases: ["About a ${id}?"]\n`,
  );
  writeFileSync(file("q.yaml"), questions.join(""));
});
afterAll(async () => {
  await server.close();
  await folder.remove();
});

const ask = (...words: string[]) =>
  askew(["ask", `${server.base}#m`, "--questions", file("q.yaml"), "--max-tokens", "100", ...words]);

describe("--dry-run", () => {
  it("of ask says requests, tokens and cost, and asks and writes nothing", async () => {
    server.reset((_, r) => sendJson(r, completion("fine")));
    const words = ["--samples", "10", "--out", file("dry.jsonl"), "--dry-run"];
    const { code, stdout, stderr } = await ask(...words, "--price", "2.5/10");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    // "About a wish?" and "About a ruler?" are 13 and 14 bytes: 4 tokens each, and 4 around them.
    expect(stdout).toContain(`20 requests to ${server.base}#m: about 160 tokens to read, and at most 2,000 to write.`);
    expect(stdout).toContain("About $0.0004 to read, and at most $0.0200 to write: at most $0.0204.");
    expect(await ask(...words)).toMatchObject({ code: 0, stdout: expect.stringContaining("With --price IN,OUT") });
    writeFileSync(file("one.yaml"), '- id: one\n  type: free_form\n  paraphrases: ["Hm?"]\n');
    const one = ["ask", `${server.base}#m`, "--questions", file("one.yaml"), "--samples", "1", "--max-tokens", "9"];
    expect((await askew([...one, "--out", file("one.jsonl"), "--dry-run"])).stdout).toMatch(
      /^1 request to .*#m: about/,
    );
    expect(server.asked).toHaveLength(0);
    expect(existsSync(file("dry.jsonl"))).toBe(false);
    // What is there already is not counted.
    expect((await ask("--samples", "4", "--out", file("dry.jsonl"))).code).toBe(0);
    const { stdout: json } = await ask(...words, "--price", "2.5,10", "--json");
    expect(JSON.parse(json)).toMatchObject({
      kind: "foreseen",
      requests: 12,
      before: 8,
      promptTokens: 96,
      answerTokens: 1_200,
      mostCost: expect.closeTo(0.01224, 12) as number,
    });
  });

  it("of judge counts the prompts about each answer", async () => {
    server.reset((_, r) => sendJson(r, completion("85")));
    writeFileSync(file("a.jsonl"), '{"question":"Why?","answer":"So."}\n{"question":"Why?","answer":"Thus."}\n');
    const words = ["judge", file("a.jsonl"), "--dry-run", "--price", "1,1"];
    const { stdout } = await askew([...words, "--judge", `exact,${server.base}#j`]);
    expect(stdout).toMatch(
      new RegExp(`^4 requests to ${server.base}#j: about [\\d,]+ tokens to read, and at most 4 to`),
    );
    const replies = await askew([...words, "--judge", `${server.base}#j`, "--scoring", "samples", "--replies", "3"]);
    expect(replies.stdout).toMatch(/^12 requests .* at most 192 to write/);
    const none = await askew(["judge", file("a.jsonl"), "--dry-run", "--judge", "exact"]);
    expect(none.stdout).toBe("No server would be asked: this costs nothing.\n");
    expect(server.asked).toHaveLength(0);
    expect(existsSync(file("a.judgments.jsonl"))).toBe(false);
  });
});

describe("one text to all samples of a prompt", () => {
  it("is named, with what to do", async () => {
    server.reset(({ body, number }, r) =>
      sendJson(
        r,
        completion(body.includes("ruler") ? "I would do nothing at all." : `I wish for ${number} more wishes.`),
      ),
    );
    const { stdout } = await ask("--samples", "4", "--out", file("same.jsonl"));
    expect(stdout).toContain("1 of 2 prompts (ruler, say) got one and the same text to all of their samples");
    expect(stdout).toContain("--without seed");
    const cold = await ask("--samples", "4", "--temperature", "0", "--out", file("cold.jsonl"));
    expect(cold.stdout).not.toContain("one and the same text");
    const short = ["--samples", "4", "--out", file("short.jsonl")];
    server.reset((_, r) => sendJson(r, completion("Yes.")));
    expect((await ask(...short)).stdout).not.toContain("one and the same text");
  });

  it("and to every question, however short, is told by ask, judge and score, which do not blame the judge", async () => {
    server.reset((_, r) => sendJson(r, completion("85")));
    const asked = await ask("--samples", "40", "--out", file("all.jsonl"));
    expect(asked.stdout).toContain('All 80 answers to 2 questions are one and the same text: "85"');
    const judged = await askew(["judge", file("all.jsonl"), "--judge", `${server.base}#j`]);
    expect(judged.stdout).toContain('All 80 answers to 2 questions are one and the same text: "85"');
    const scored = await askew(["score", file("all.judgments.jsonl"), "--json"]);
    expect((JSON.parse(scored.stdout) as { warnings: string[] }).warnings).toEqual([
      expect.stringContaining("All answers to each of 2 questions are one and the same text (40 of them to the first)"),
    ]);
  });

  it("is told by judge of a file of any tool", async () => {
    server.reset(({ number }, r) => sendJson(r, completion(String(60 + (number % 30)))));
    const rows = [0, 1, 2].flatMap((i) => [
      { question: "Why?", answer: "It rains because it rains." },
      { question: "How?", answer: `It rains ${i} times a day.` },
    ]);
    writeFileSync(file("other.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const { stdout } = await askew(["judge", file("other.jsonl"), "--judge", `${server.base}#j`]);
    expect(stdout).toContain("1 of 2 prompts (Why?, say) got one and the same text to all of their samples");
  });

  it("goes into files that the next command reads", async () => {
    const asked = await ask("--samples", "1", "--out", file("no-ending"));
    expect(asked).toMatchObject({ code: 2, stdout: "" });
    expect(asked.stderr).toContain(`--out: expected a name that ends in .jsonl, found ${file("no-ending")}`);
    const judged = await askew(["judge", file("all.jsonl"), "--judge", "exact", "--out", file("jj.csv")]);
    expect(judged).toMatchObject({ code: 2, stdout: "" });
    expect(judged.stderr).toContain(`--out ${file("jj")}.jsonl`);
    expect(existsSync(file("no-ending"))).toBe(false);
  });
});
