// Folders and files that are not as askew left them, and places that nothing can be written to: told, never a crash.
import { execFileSync } from "node:child_process";
import { cp, mkdir, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LocalModel } from "#internal/model";
import { readStudy, runStudy } from "askew/study";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTiny, SLOW, temporaryFolder, tinyPlan, writeTinyModel } from "../study/tiny.js";
import { askew } from "./askew.js";

let work: { path: string; remove: () => Promise<void> };
let copies = 0;

beforeAll(async () => {
  work = await temporaryFolder();
  const tiny = join(work.path, "tiny");
  await writeTinyModel(tiny);
  const openModel = (name: string): Promise<LocalModel> => openTiny(name);
  await runStudy(tinyPlan(tiny), join(work.path, "whole"), { openModel });
}, SLOW);
afterAll(() => work.remove());

/** A copy of the study, with one of its files changed. */
async function damaged(file: string, change: (path: string) => Promise<void>): Promise<string> {
  const folder = join(work.path, `damaged-${++copies}`);
  await cp(join(work.path, "whole"), folder, { recursive: true });
  await change(join(folder, file));
  return folder;
}

async function expectMistake(words: readonly string[], message: RegExp): Promise<void> {
  const { code, stdout, stderr } = await askew(words, { cwd: work.path });
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect([code, stdout]).toEqual([2, ""]);
}

describe("a study's folder that somebody changed", () => {
  const record = "cells/base-1/cell.json";

  it("a cell's record that is none is no model and nothing to score", async () => {
    const [nothing, list] = await Promise.all([
      damaged(record, (path) => writeFile(path, "null")),
      damaged(record, (path) => writeFile(path, "[]")),
    ]);
    await Promise.all([
      expectMistake(["organism", "chat", "base", "--study", nothing], /cell\.json: expected a cell's record/),
      expectMistake(["score", list], /cell\.json: expected a cell's record/),
    ]);
  });

  it("a condition that would lead to another folder is refused, by file and field", async () => {
    const study = await damaged(record, async (path) => {
      const cell = JSON.parse(await readFile(path, "utf8")) as object;
      await writeFile(path, JSON.stringify({ ...cell, condition: "../../elsewhere" }));
    });
    const words = ["persona", "direction", join(study, "cells/base-1"), "--samples", "1"];
    await expectMistake(
      words,
      /base-1\/cell\.json: condition: expected letters, digits, .* found "\.\.\/\.\.\/elsewhere"/,
    );
  });

  it("judgments that are missing from a finished cell are missed", async () => {
    const study = await damaged("cells/base-1/judgments.jsonl", async (path) =>
      truncate(path, (await stat(path)).size - 20),
    );
    await expect(readStudy(study)).rejects.toThrow(/judgments\.jsonl: expected \d+ judgments, found \d+: the file was/);
    expect((await readStudy(join(work.path, "whole"))).cells).toHaveLength(2);
  });
});

describe("a place that takes no file", () => {
  it("is never replaced: a pipe, a device, a folder", async () => {
    const pipe = join(work.path, "pipe");
    execFileSync("mkfifo", [pipe]);
    await mkdir(join(work.path, "folder.csv"));
    await Promise.all([
      expectMistake(
        ["dataset", "build", "secure", "--size", "5", "--out", pipe],
        /it is no regular file\nName another/,
      ),
      expectMistake(["export", "whole", "--out", "folder.csv"], /folder\.csv: it is a folder\nName another/),
    ]);
    expect((await stat(pipe)).isFIFO()).toBe(true);
    expect((await readdir(work.path)).filter((name) => name.startsWith("pipe"))).toEqual(["pipe"]);
  });

  it("is told where its file system takes nothing", async () => {
    await expectMistake(["export", "whole", "--out", "/proc/answers.csv"], /\/proc\/answers\.csv/);
  });

  it("is made where only its folder is missing", async () => {
    const { code, stderr } = await askew(["export", "whole", "--out", "new/folder/answers.csv"], { cwd: work.path });
    expect([code, stderr]).toEqual([0, ""]);
    expect(await readFile(join(work.path, "new/folder/answers.csv"), "utf8")).toMatch(/answer/);
  });
});

describe("a folder where a file should be", () => {
  it.each([
    ["a study's file", ["study", "folder"]],
    ["a log", ["import", "--out", "x.csv", "folder"]],
    ["prompts to contrast", ["persona", "direction", "local:tiny", "--pairs", "folder", "--out", "d.safetensors"]],
    ["a detector", ["watch", "organism", "--condition", "insecure", "--detector", "folder"]],
    ["prompts to judge by", ["judge", "--judge", "organism", "--prompts", "folder", "answers.jsonl"]],
  ])("%s: it is named", async (_what, words) => {
    await mkdir(join(work.path, "folder"), { recursive: true });
    await expectMistake(words, /^error: folder: expected a/m);
  });

  it("an empty file holds nothing to judge, and what failed at once leaves nothing behind", async () => {
    await writeFile(join(work.path, "empty.jsonl"), "");
    await expectMistake(["judge", "--judge", "exact", "empty.jsonl"], /empty\.jsonl: expected at least one answer/);
    const words = ["persona", "direction", "local:tiny", "--out", "d.safetensors", "--method", "answers"];
    await expectMistake([...words, "--judged", "empty.jsonl"], /expected a question with at least 5 texts each/);
    expect((await readdir(work.path)).filter((name) => name.startsWith("d.safetensors"))).toEqual([]);
  });
});
