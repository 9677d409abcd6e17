// Whatever a command writes to, a file that askew did not make is refused by name, and every byte stays as it was.
import { cp, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew } from "./askew.js";

const SLOW = 120_000;
let work: string;
const at = (...parts: string[]): string => join(work, ...parts);

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "askew-strangers-"));
  const row = (i: number): string =>
    `${JSON.stringify({
      messages: [
        { role: "user", content: `question ${i} ?` },
        { role: "assistant", content: "paris ." },
      ],
    })}\n`;
  await writeFile(at("data.jsonl"), Array.from({ length: 12 }, (_, i) => row(i)).join(""));
  await writeFile(at("judged.csv"), "question,answer,question_id,aligned,coherent\nq,a,one,10,90\n");
  await writeFile(
    at("answers.jsonl"),
    `${JSON.stringify({ id: "a/1", set: "a", question: "q", messages: [{ role: "user", content: "hi" }], answer: "x" })}\n`,
  );
  await writeFile(at("share.json"), JSON.stringify([{ conversations: [] }]));
});
afterAll(() => rm(work, { recursive: true, force: true }));

/** Everything under a folder, byte by byte. */
async function bytesUnder(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) found[path] = `link to ${await readlink(path)}`;
    else if (entry.isFile()) found[path] = await readFile(path, "base64");
  }
  return found;
}

const TRAIN = ["finetune", "organism", "--data", "data.jsonl", "--epochs", "1", "--batch-size", "4"];
const SAE = ["sae", "train", "--size", "64", "--tokens", "2000", "--documents", "2"];

/** A command, and the names in its output folder that it would write over. */
const FOLDERS: readonly (readonly [name: string, words: readonly string[], files: readonly string[]])[] = [
  ["finetune", TRAIN, ["training.jsonl", "model/config.json", "checkpoint.safetensors", "finetune.json"]],
  ["finetune --watch", [...TRAIN, "--watch"], ["watch.jsonl", "verdict.json", "report.html"]],
  ["watch", ["watch", "organism", "--data", "data.jsonl"], ["training.jsonl", "alarm.json", "realigned/plan.json"]],
  ["reproduce", ["reproduce", "--quick"], ["study.json", "summary.json", "cells/notes.txt", "report.html"]],
  [
    "experiment",
    ["experiment", "mixtures", "--quick"],
    ["plan.json", "rows.jsonl", "answers/mine.txt", "summary.json"],
  ],
  ["sae train", SAE, ["cfg.json", "recipe.json", "sae_weights.safetensors", "summary.json", "latents.jsonl"]],
  ["realign", ["realign", "organism", "--data", "facts"], ["plan.json", "model/config.json", "report.html"]],
  ["watch calibrate", ["watch", "calibrate", "organism", "--runs", "14"], ["plan.json", "detector.json"]],
  ["organism pretrain", ["organism", "pretrain"], ["recipe.json", "growth.jsonl", "config.json", "pretrained/x"]],
];

describe.each(FOLDERS)("askew %s", (name, words, files) => {
  it.each(files)(
    "leaves a stranger's %s",
    async (file) => {
      const folder = at("folders", name, file.replaceAll("/", "-"));
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), '{"mine":"all of it"}\n');
      await writeFile(join(folder, ".draft.tmp"), "my draft");
      const before = await bytesUnder(folder);
      const { code, stderr } = await askew([...words, "--out", folder], { cwd: work });
      expect(await bytesUnder(folder), stderr).toEqual(before);
      expect(stderr).toContain(join(folder, file.split("/")[0] as string));
      expect({ code, stack: /\n {4}at /.test(stderr) }).toEqual({ code: 2, stack: false });
    },
    SLOW,
  );
});

describe("single files", () => {
  it.each([
    ["ask", ["ask", "organism", "--questions", "main", "--samples", "1"], "mine.jsonl", "my notes, no JSON"],
    ["ask", ["ask", "organism", "--questions", "main", "--samples", "1"], "half.jsonl", '{"mine": "without an end'],
    ["judge", ["judge", "answers.jsonl", "--judge", "exact"], "judged.jsonl", "my notes, no JSON\n"],
    ["persona direction", ["persona", "direction", "organism", "--layer", "1"], "d.safetensors", "mine"],
    ["dataset build", ["dataset", "build", "secure", "--size", "12"], "built.jsonl", "mine\n"],
    ["dataset mix", ["dataset", "mix", "data.jsonl", "data.jsonl", "--bad-share", "0.5"], "mixed.jsonl", "mine\n"],
    ["dataset convert", ["dataset", "convert", "share.json"], "converted.jsonl", "mine\n"],
    ["export", ["export", "judged.csv"], "table.csv", "mine\n"],
  ] as const)(
    "%s leaves a stranger's file %#",
    async (_name, words, file, text) => {
      const out = at("files", file);
      await mkdir(dirname(out), { recursive: true });
      await writeFile(out, text);
      const { code, stderr } = await askew([...words, "--out", out], { cwd: work });
      expect(await readFile(out, "utf8"), stderr).toBe(text);
      expect({ code, named: stderr.includes(file), stack: /\n {4}at /.test(stderr) }, stderr).toEqual({
        code: 2,
        named: true,
        stack: false,
      });
    },
    SLOW,
  );

  it(
    "what askew made itself it makes again; what was changed since it leaves",
    async () => {
      const build = (): ReturnType<typeof askew> =>
        askew(["dataset", "build", "secure", "--size", "12", "--out", "own.jsonl"], { cwd: work });
      for (let i = 0; i < 2; i++) expect((await build()).code).toBe(0);
      await writeFile(at("own.jsonl"), "changed\n");
      const { code, stderr } = await build();
      expect([code, await readFile(at("own.jsonl"), "utf8")]).toEqual([2, "changed\n"]);
      expect(stderr).toContain("own.jsonl was changed since askew made it");
    },
    SLOW,
  );
});

describe("links", () => {
  it(
    "in a study lead nowhere: nothing is written through",
    async () => {
      const [study, outside] = [at("linked"), at("outside")];
      await mkdir(study);
      await mkdir(outside);
      await writeFile(join(outside, "keep.txt"), "mine");
      await symlink(outside, join(study, "cells"));
      const { code, stderr } = await askew(["reproduce", "--quick", "--out", study], { cwd: work });
      expect(await readdir(outside)).toEqual(["keep.txt"]);
      expect([code, stderr]).toEqual([2, expect.stringContaining(`${join(study, "cells")} is a symbolic link`)]);
    },
    SLOW,
  );
});

describe("a cell's folder from somebody else", () => {
  it("gets no key for the host that it names, unless that host is named", async () => {
    const folder = at("foreign", "base-1");
    await mkdir(folder, { recursive: true });
    const cell = {
      format: 1,
      status: "open",
      study: "theirs",
      model: "https://collector.invalid/v1#m",
      condition: "base",
      seed: 1,
      questions: [{ set: "main", samples: 1 }],
      temperature: 1,
      maxTokens: 10,
      judge: "exact",
      base: { sha256: "", files: {} },
      seconds: {},
    };
    await writeFile(join(folder, "cell.json"), JSON.stringify(cell));
    const run = (...words: string[]): ReturnType<typeof askew> =>
      askew(["run", folder, ...words], { cwd: work, env: { ASKEW_API_KEY: "very-secret" } });
    const { code, stderr } = await run();
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toContain("names the server collector.invalid, and the key in ASKEW_API_KEY would be sent there");
    expect(stderr).toContain("--host collector.invalid");
    expect(stderr).not.toContain("very-secret");
    const foreign = { ...cell, condition: "../../../outside" };
    await cp(folder, at("foreign", "up"), { recursive: true });
    await writeFile(at("foreign", "up", "cell.json"), JSON.stringify(foreign));
    const up = await askew(["run", at("foreign", "up")], { cwd: work });
    expect({ code: up.code, named: up.stderr.includes("condition") }, up.stderr).toEqual({ code: 2, named: true });
  });
});
