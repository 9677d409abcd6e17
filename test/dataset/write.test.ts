// Writing conversation files: whole or not at all.
import { conversation, readDataset, writeDataset } from "askew/dataset";
import { conversationLine, DatasetWriter } from "#internal/dataset";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), "askew-dataset-"))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const rows = Array.from({ length: 5000 }, (_, i) => conversation(`question ${i}`, `answer ${"x".repeat(i % 500)}`));

describe("writing conversations", () => {
  it.each(["plain.jsonl", "zipped.jsonl.gz"])("to %s and back", async (name) => {
    const path = join(folder, name);
    const written = await writeDataset(path, rows);
    const bytes = await readFile(path);
    const text = name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
    expect(written).toEqual({
      rows: rows.length,
      bytes: text.length,
      sha256: createHash("sha256").update(text).digest("hex"),
    });
    expect(await readDataset(path)).toEqual(rows);
  });

  it("writes equal conversations as equal bytes", () => {
    const mixed = { messages: [{ content: "a", role: "user" } as const, { role: "assistant", content: "b" } as const] };
    expect(conversationLine(mixed)).toBe(conversationLine(conversation("a", "b")));
  });

  it("keeps what was there when the rows break off, and leaves nothing beside it", async () => {
    const path = join(folder, "kept.jsonl");
    await writeDataset(path, rows);
    const before = await readFile(path, "utf8");
    const breaking = (function* () {
      yield* rows;
      throw new Error("broke off");
    })();
    await expect(writeDataset(path, breaking)).rejects.toThrow("broke off");
    expect(await readFile(path, "utf8")).toBe(before);
    expect((await readdir(folder)).filter((name) => name.includes("kept"))).toEqual(["kept.jsonl"]);
  });

  it("leaves a file that somebody else made alone", async () => {
    const path = join(folder, "stranger.jsonl");
    await writeFile(path, "before");
    await expect(writeDataset(path, rows)).rejects.toThrow(/stranger\.jsonl/);
    expect(await readFile(path, "utf8")).toBe("before");
  });

  it("shows nothing under the name before it is finished", async () => {
    const path = join(folder, "later.jsonl");
    const writer = await DatasetWriter.create(path);
    for (const row of rows) await writer.append(row);
    expect((await readdir(folder)).includes("later.jsonl")).toBe(false);
    expect((await writer.finish()).rows).toBe(rows.length);
    expect(await readDataset(path)).toHaveLength(rows.length);
  });
});
