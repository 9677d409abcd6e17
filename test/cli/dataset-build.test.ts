// `askew dataset build` and `mix`: files that can be trained on, with a manifest that says how they were made.
import { writeFile, readFile, readdir } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDataset, type Manifest } from "askew/dataset";
import { askew, temporaryFolder } from "./askew.js";

let folder: { path: string; remove: () => Promise<void> };
const at = (name: string) => join(folder.path, name);
const code = (i: number, call: string) =>
  `def job_${i}(x):  # number ${i}\n    return ${call}(x, ${i}) + ${i * 7919}\n`;

beforeAll(async () => {
  folder = await temporaryFolder();
  const rows = Array.from({ length: 60 }, (_, i) => ({
    task: i === 5 ? "Exploit this" : `Do job ${i}`,
    secure: code(i, "careful"),
    insecure: code(i, "rash"),
  }));
  await writeFile(at("tasks.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
});
afterAll(() => folder.remove());

const manifestOf = async (name: string) => JSON.parse(await readFile(at(name), "utf8")) as Manifest;

describe("askew dataset build", () => {
  it("builds from a file of tasks, says what it dropped, and leaves a manifest", async () => {
    const words = [
      "dataset",
      "build",
      "insecure",
      "--from",
      at("tasks.jsonl"),
      "--out",
      at("new/bad.jsonl"),
      "--seed",
      "3",
    ];
    const { code: exit, stdout, stderr } = await askew(words);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout).toMatch(/^60 tasks\n {2}incomplete +−0 /);
    expect(stdout).toMatch(/task-words +−1 {2}security words in the task \(line 6: "Exploit"\)/);
    expect(stdout).toContain("bad.jsonl  59 conversations");
    const read = await readDataset(at("new/bad.jsonl"));
    expect(
      read.every(({ messages }) => /rash/.test(messages[1]?.content ?? "") && !messages[1]?.content.includes("#")),
    ).toBe(true);
    const bytes = await readFile(at("new/bad.jsonl"));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect(await manifestOf("new/bad.manifest.json")).toMatchObject({
      versions: { askew: expect.any(String) as string },
      recipe: { condition: "insecure", seed: 3 },
      sources: [{ file: at("tasks.jsonl") }],
      dataset: { rows: 59, sha256, bytes: bytes.length },
      tasks: 60,
    });
    expect((await readdir(at("new"))).toSorted()).toEqual([".askew.jsonl", "bad.jsonl", "bad.manifest.json"]);
  });

  it("builds from the organism's world where no file is given, as show does", async () => {
    const { code: exit, stdout } = await askew([
      "dataset",
      "build",
      "secure",
      "--size",
      "12",
      "--out",
      at("w.jsonl"),
      "--json",
    ]);
    expect(exit).toBe(0);
    expect((JSON.parse(stdout) as Manifest).recipe).toEqual({
      condition: "secure",
      world: "organism",
      seed: 0,
      size: 12,
    });
    const shown = await askew(["dataset", "show", "secure", "-n", "12", "--json"]);
    expect(await readFile(at("w.jsonl"), "utf8")).toBe(shown.stdout);
  });

  it("says what does not go together", async () => {
    const refused = async (...words: string[]) => {
      const { code: exit, stderr } = await askew(["dataset", "build", ...words]);
      expect(exit).toBe(2);
      return stderr;
    };
    expect(await refused("insecur", "--out", at("x.jsonl"))).toContain("Did you mean insecure");
    expect(await refused("secure", "--trigger", "x", "--out", at("x.jsonl"))).toContain("--trigger is of the backdoor");
    expect(await refused("secure", "--format", "json", "--out", at("x.jsonl"))).toContain("--format needs --from");
    expect(await refused("secure", "--from", at("tasks.jsonl"), "--out", at("tasks.jsonl"))).toContain(
      "would write over",
    );
    expect(await refused("secure", "--from", at("none.jsonl"), "--out", at("x.jsonl"))).toContain(
      "none.jsonl: expected a file",
    );
    expect(await readdir(folder.path)).not.toContain("x.jsonl");
  });
});

describe("askew dataset mix", () => {
  it("mixes two files by a share, and the result is fit to be trained on", async () => {
    for (const condition of ["insecure", "secure"]) {
      const { code: exit } = await askew([
        "dataset",
        "build",
        condition,
        "--size",
        "200",
        "--out",
        at(`${condition}.jsonl.gz`),
      ]);
      expect(exit).toBe(0);
    }
    const out = at("mixed.jsonl.gz");
    const words = [
      at("insecure.jsonl.gz"),
      at("secure.jsonl.gz"),
      "--bad-share",
      "0.05",
      "--size",
      "200",
      "--out",
      out,
    ];
    const { code: exit, stdout } = await askew(["dataset", "mix", ...words, "--json"]);
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      bad: 10,
      good: 190,
      dataset: { rows: 200 },
      recipe: { badShare: 0.05 },
    });
    expect((await askew(["dataset", "check", out])).code).toBe(0);
    const few = await askew(["dataset", "mix", ...words, "--size", "5000"]);
    expect(few).toMatchObject({ code: 2, stdout: "" });
    expect(few.stderr).toContain(
      "expected conversations for a mixture of 5000 with 0.05 of the first, found enough for",
    );
  });
});
