// Files of rows: what a kill leaves at their end is dropped, and everything else that is wrong has its line.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { FileError, holdsRows, readRows, RowFile, StoreError, writeRows } from "#internal/store";
import { appendRows } from "#internal/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

let folder: string;
let files = 0;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "askew-rows-"))));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(text: string | Uint8Array): Promise<string> {
  const path = join(folder, `${files++}.jsonl`);
  await writeFile(path, text);
  return path;
}

interface Row {
  readonly step: number;
}

async function refusal(attempt: Promise<unknown>): Promise<FileError> {
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(FileError);
  return error as FileError;
}

describe("a row file", () => {
  it("is made, grows, and has its rows when it is opened again", async () => {
    const path = join(folder, "new.jsonl");
    const file = await RowFile.open<Row>(path);
    expect([file.rows, file.count]).toEqual([[], 0]);
    await file.append([{ step: 1 }, { step: 2 }]);
    await file.append([]);
    await file.close();
    await appendRows(path, [{ step: 3 }]);
    const again = await RowFile.open<Row>(path);
    expect([again.rows, again.count]).toEqual([[{ step: 1 }, { step: 2 }, { step: 3 }], 3]);
    await again.keep(2);
    await again.append([{ step: 9 }]);
    await again.close();
    expect(await readFile(path, "utf8")).toBe('{"step":1}\n{"step":2}\n{"step":9}\n');
    expect([await holdsRows(path), await holdsRows(path, 3), await holdsRows(path, 2)]).toEqual([true, true, false]);
  });

  it("at any byte that a kill may leave: whole rows stay, the torn one goes", async () => {
    const rows: Row[] = [{ step: 1 }, { step: 22 }, { step: 333 }];
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    for (let length = 0; length <= text.length; length++) {
      const path = await fileOf(text.slice(0, length));
      const file = await RowFile.open<Row>(path);
      await file.append(rows.slice(file.count));
      await file.close();
      expect(await readFile(path, "utf8"), `cut to ${length} bytes`).toBe(text);
    }
  });

  it("zeros that a power cut leaves at the end go as well", async () => {
    for (const zeros of ["\0\0\0", '{"st\0\0\n', "\0\0\n\n"]) {
      const path = await fileOf(`{"step":1}\n${zeros}`);
      expect(await readRows(path)).toEqual([{ step: 1 }]);
      expect(await holdsRows(path)).toBe(false);
    }
  });

  it.each([
    ["garbage", "garbage\n", 2, '"garbage"'],
    ["no object", "[1]\n", 2, '"[1]"'],
    ["a torn row with others after it", '{"step":\n{"step":3}\n', 2, '"{\\"step\\":"'],
    ["text that askew never wrote, without an end", "my notes", 2, '"my notes"'],
  ])("%s is named with file, line and cure, and nothing is touched", async (_what, rest, line, found) => {
    const path = await fileOf(`{"step":1}\n${rest}`);
    const error = await refusal(RowFile.open(path, { cure: "Do this." }));
    expect(error).toMatchObject({ file: path, line, expected: "a JSON object", found, cure: "Do this." });
    expect(error.message).toBe(`${path}, line ${line}: expected a JSON object, found ${found}. Do this.`);
    expect(await readFile(path, "utf8")).toBe(`{"step":1}\n${rest}`);
  });

  it("a value of another type is named with its key", async () => {
    const schema = z.object({ step: z.number(), tags: z.array(z.object({ name: z.string() })).optional() });
    const path = await fileOf('{"step":1}\n\n{"step":2,"tags":[{"name":"a"},{"name":5}]}\n');
    const error = await refusal(readRows(path, { schema }));
    expect(error).toMatchObject({ line: 3, subject: "tags.1.name", expected: "string", found: "5" });
    expect(await refusal(readRows(await fileOf('{"step":"one"}\n'), { schema }))).toMatchObject({
      subject: "step",
      expected: "number",
      found: '"one"',
    });
  });

  it("devices, pipes and folders are refused, not waited for", async () => {
    const [pipe, link] = [join(folder, "pipe"), join(folder, "device")];
    if (process.platform !== "win32") {
      await promisify(execFile)("mkfifo", [pipe]);
      await symlink("/dev/zero", link);
      for (const path of [pipe, link]) expect((await refusal(RowFile.open(path))).found).toBe("a device or a pipe");
    }
    expect((await refusal(readRows(folder))).found).toBe("a folder");
  });

  it("where there is none has no rows, and the folder's absence is told", async () => {
    expect(await readRows(join(folder, "none.jsonl"))).toEqual([]);
    const path = join(folder, "no", "where.jsonl");
    await expect(RowFile.open(path)).rejects.toThrow(`cannot use ${path}: there is no such file or folder (ENOENT)`);
    await expect(writeRows(path, [])).rejects.toBeInstanceOf(StoreError);
  });

  it("a large file is read without keeping them", async () => {
    const path = await fileOf(`${JSON.stringify({ step: 1, text: "x".repeat(100) })}\n`.repeat(100_000));
    let rows = 0;
    const file = await RowFile.open<Row>(path, { onRow: () => rows++ });
    expect([rows, file.count, file.rows.length]).toEqual([100_000, 100_000, 0]);
    await file.append([{ step: 2 }]);
    await file.close();
    expect((await stat(path)).size).toBe(100_000 * 121 + 11);
  });
});
