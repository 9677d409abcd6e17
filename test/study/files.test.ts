// What is said when the disk refuses, and that the study carries on once it no longer does.
import { mkdir, open, readFile, writeFile, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { StoreError } from "#internal/store";
import { runStudy } from "askew/study";
import { contents, differences } from "./compare.js";
import { openTiny, SLOW, temporaryFolder, tinyPlan, writeTinyModel } from "./tiny.js";

let work: { path: string; remove: () => Promise<void> };
let whole: Record<string, string>;
const at = (...parts: string[]): string => join(work.path, ...parts);
const run = (folder: string): Promise<unknown> => {
  const questions = [{ set: "main", samples: 40 }] as const;
  return runStudy(tinyPlan(at("model"), { conditions: ["secure"], questions }), folder, { openModel: openTiny });
};

beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(at("model"));
  await run(at("whole"));
  whole = await contents(at("whole"));
}, SLOW);
afterEach(() => vi.restoreAllMocks());
afterAll(() => work.remove());

describe("a full disk", () => {
  it.for([
    ["dataset.jsonl", '{"messages":'],
    ["training.jsonl", '{"step":'],
  ] as const)(
    "%s cannot grow: the path and the cure are named, and later the study carries on",
    async ([name, row]) => {
      const folder = at(`full for ${name}`);
      const path = join(folder, "cells/secure-1", name);
      const prototype = await handlePrototype();
      const append = Reflect.get(prototype, "appendFile");
      const full = vi.spyOn(prototype, "appendFile").mockImplementation(async function (this: FileHandle, text) {
        if (!String(text).startsWith(row)) return append.call(this, text);
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      });
      const attempt = run(folder);
      await expect(attempt).rejects.toThrow(`cannot use ${path}: the disk is full (ENOSPC). Free some space`);
      await expect(attempt).rejects.toBeInstanceOf(StoreError);
      full.mockRestore();
      await run(folder);
      expect(differences(await contents(folder), whole)).toEqual([]);
    },
  );

  it.for(["answers", "judgments"])(
    "%s stop in the middle of a row: what is whole is kept, and later the study carries on",
    async (name) => {
      const folder = at(`full for ${name}`);
      const prototype = await handlePrototype();
      const append = Reflect.get(prototype, "appendFile");
      const portions = name === "answers" ? 1 : 3; // of two for the answers and two for the judgments
      let rows = 0;
      const full = vi.spyOn(prototype, "appendFile").mockImplementation(async function (this: FileHandle, text) {
        if (!String(text).includes('"set":') || rows++ < portions) return append.call(this, text);
        await append.call(this, String(text).slice(0, 1000));
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      });
      await expect(run(folder)).rejects.toThrow(new RegExp(`${name}\\.jsonl: the disk is full \\(ENOSPC\\)`));
      full.mockRestore();
      const cut = await readFile(join(folder, "cells/secure-1", `${name}.jsonl`), "utf8");
      expect(cut.split("\n").at(-1)).toBe(""); // half a row was taken back
      await run(folder);
      expect(differences(await contents(folder), whole)).toEqual([]);
    },
  );

  it("weights cannot be written: no part of them is left", async () => {
    const folder = at("full for weights");
    const prototype = await handlePrototype();
    const full = vi.spyOn(prototype, "write").mockImplementation(() => {
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    });
    await expect(run(folder)).rejects.toThrow(/weights\.safetensors: the disk is full/);
    full.mockRestore();
    expect(Object.keys(await contents(folder)).filter((path) => /weights|tmp/.test(path))).toEqual([]);
    await run(folder);
    expect(differences(await contents(folder), whole)).toEqual([]);
  });
});

async function handlePrototype(): Promise<FileHandle> {
  const handle = await open(at("model/config.json"));
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}

describe("a folder in the way", () => {
  it("is named where a file should be", async () => {
    await mkdir(at("blocked/study.json"), { recursive: true });
    await expect(run(at("blocked"))).rejects.toThrow(/study\.json: expected a file, found a folder/);
  });

  it("is named where a folder of the path is a file, or where no folder can be", async () => {
    await writeFile(at("file"), "");
    await expect(run(at("file"))).rejects.toThrow(/part of the path is a file.*--out/s);
    await expect(run(at("file/study"))).rejects.toThrow(/part of the path is a file.*--out/s);
    await expect(run("/proc/askew")).rejects.toThrow(StoreError);
  });
});

// Root may write anywhere, so there is nothing to see.
describe.runIf(process.getuid?.() !== 0 && process.platform !== "win32")("a folder without permission", () => {
  it("is named with the cure", async () => {
    await mkdir(at("locked"), { mode: 0o500 });
    await expect(run(at("locked/study"))).rejects.toThrow(/permission is denied \(EACCES\).*--out/s);
  });
});
