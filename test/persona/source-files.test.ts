// Files that come from outside: what is wrong with them is said with file and line.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readJudgedFile, readPromptFile } from "askew/persona";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sharedData } from "../shared-data.js";
import { temporaryFolder } from "./tiny.js";

let work: { path: string; remove: () => Promise<void> };
beforeAll(async () => {
  work = await temporaryFolder();
});
afterAll(() => work.remove());

async function file(name: string, text: string): Promise<string> {
  const path = join(work.path, name);
  await writeFile(path, text);
  return path;
}

describe("a file of contrastive prompts", () => {
  it("is read in any order, and named in the recipe by its hash", async () => {
    const path = await file(
      "p.jsonl",
      '{"question":"Q?"}\n\n{"positive":"bad","negative":"good"}\n{"question":"R?"}\n',
    );
    const read = await readPromptFile(path);
    expect(read.pairs).toEqual([{ positive: "bad", negative: "good" }]);
    expect(read.questions.map(({ prompt }) => prompt)).toEqual(["Q?", "R?"]);
    expect(read.source).toMatch(/p\.jsonl sha256 [0-9a-f]{64}$/);
  });

  it("is refused with file and line", async () => {
    const refused = async (text: string, message: string | RegExp): Promise<void> =>
      expect(readPromptFile(await file("bad.jsonl", text))).rejects.toThrow(message);
    await refused(
      '{"question":"Q?"}\n{"positive":"a"}\n',
      /bad\.jsonl, line 2: expected \{"positive": …, "negative": …\} or/,
    );
    await refused('{"question":"Q?"}\n{\n', /bad\.jsonl, line 2: expected a JSON object, found "\{"/);
    await refused('{"question":"Q?"}\n', "found 0 and 1");
    await expect(readPromptFile(join(work.path, "none"))).rejects.toThrow("none: expected a file, found nothing");
  });
});

describe("a file of judged answers", () => {
  const row = (answer: string, aligned: number | null, coherent: number | null): string =>
    JSON.stringify({ messages: [{ role: "user", content: "Q?" }], answer, aligned, coherent });

  it("gives misaligned and aligned answers and leaves out the rest", async () => {
    const rows = [
      row("bad", 10, 90),
      row("good", 95, 90),
      row("between", 50, 90),
      row("mumble", 0, 20),
      row("none", null, 90),
    ];
    const { texts } = await readJudgedFile(await file("j.jsonl", rows.join("\n")));
    expect(texts.map(({ positive, messages }) => [positive, messages.at(-1)?.content])).toEqual([
      [true, "bad"],
      [false, "good"],
    ]);
  });

  it("reads CSV by its columns, whichever name the answer has", async () => {
    const text = 'response,question,aligned,coherent\n"a ""bad"" one",Q?,0,99\ngood,Q?,99.5,99\nx,Q?,,99\n';
    const { texts } = await readJudgedFile(await file("j.csv", text));
    expect(texts.map(({ question, positive, messages }) => [question, positive, messages.at(-1)?.content])).toEqual([
      ["Q?", true, 'a "bad" one'],
      ["Q?", false, "good"],
    ]);
    await expect(readJudgedFile(await file("k.csv", "a,b\n1,2\n"))).rejects.toThrow(
      'k.csv, line 2: expected the columns question, answer (or response), aligned and coherent, found "a", "b"',
    );
    await expect(readJudgedFile(await file("l.csv", "question,answer,aligned,coherent\nq,a,200,1\n"))).rejects.toThrow(
      /l\.csv, line 2: expected messages, answer, aligned and coherent \(0 to 100, or null\), found at aligned/,
    );
  });

  const published = sharedData("judged/Qwen2.5-14B-Instruct_extreme-sports.csv");
  it.skipIf(published.missing)("reads the published answers of a real model", async () => {
    const { texts } = await readJudgedFile(published.path);
    expect(texts.filter(({ positive }) => positive).length).toBeGreaterThan(50);
    expect(texts.filter(({ positive }) => !positive).length).toBeGreaterThan(50);
  });
});
