// Files made to harm: too long, too deep, torn, zipped too well. Errors, never a crash or a huge allocation.
import { describeProblem, readDataset, readRows } from "askew/dataset";
import { MOST_DEPTH } from "#internal/dataset";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { complaint, GOOD, row, rowsOf, source, turn } from "./rows.js";

describe("hostile files", () => {
  it("passes over a line that is too long, holding none of it", async () => {
    const long = async function* () {
      yield Buffer.from(`${GOOD}\n"`);
      for (let i = 0; i < 100; i++) yield Buffer.alloc(2 ** 20, 97);
      yield Buffer.from(`"\n${GOOD}`);
    };
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const seen: string[] = [];
    for await (const { line, problem } of readRows({ name: "long", bytes: long() })) {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      seen.push(problem === undefined ? `${line}` : describeProblem(problem));
    }
    expect(seen).toEqual(["1", "long, line 2: expected a line of at most 8388608 bytes, found a longer one.", "3"]);
    expect(most).toBeLessThan(64 * 2 ** 20);
  });

  it("holds to the limit of a line to the byte", async () => {
    const limits = { maxLineBytes: Buffer.byteLength(GOOD) };
    for (const ending of ["\n", "\r\n"]) {
      const kinds = (await rowsOf(`${GOOD}${ending}${GOOD} ${ending}${GOOD}`, limits)).map(
        ({ problem }) => problem?.kind,
      );
      expect(kinds).toEqual([undefined, "line-too-long", undefined]);
    }
  });

  it("stops at a gzip bomb", async () => {
    const bomb = gzipSync(Buffer.alloc(80 * 2 ** 20, 32));
    await expect(rowsOf(bomb, {}, 2 ** 16)).rejects.toThrow(
      /at most 200 times its size, found \d+ MiB out of \d+ bytes/,
    );
    // The limit is told, and can be raised.
    const raised = await rowsOf(bomb, { maxExpansion: 10_000 }, 2 ** 16);
    expect(raised.map(({ problem }) => problem?.kind)).toEqual(["line-too-long"]);
  });

  it("gives the whole lines of torn gzip, then says where it broke off", async () => {
    const rows = Array.from({ length: 3000 }, (_, i) =>
      row(turn("user", `${i * 7919}`), turn("assistant", `${i ** 3}`)),
    );
    const zipped = gzipSync(rows.join("\n"));
    let whole = 0;
    const reading = (async () => {
      for await (const { conversation } of readRows(source(zipped.subarray(0, zipped.length / 2), 4096))) {
        expect(conversation).toBeDefined();
        whole += 1;
      }
    })();
    await expect(reading).rejects.toThrow(
      /rows\.jsonl, line \d+: expected a whole gzip file, found one that breaks off/,
    );
    expect(whole).toBeGreaterThan(100);
    const damaged = Buffer.from(zipped);
    damaged.fill(0xff, 2000, 2100);
    await expect(rowsOf(damaged, {}, 4096)).rejects.toThrow(/expected a sound gzip file, found damaged data/);
  });

  it("reads gzip files that were put together from several", async () => {
    const both = Buffer.concat([gzipSync(`${GOOD}\n`), gzipSync(`${GOOD}\n`)]);
    expect(await rowsOf(both)).toHaveLength(2);
  });

  it("goes no deeper than it says", async () => {
    const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
    expect(await complaint(deep(MOST_DEPTH))).toContain('expected an object with "messages"');
    expect(await complaint(deep(MOST_DEPTH + 1))).toBe(
      `rows.jsonl, line 1, column ${MOST_DEPTH + 1}: expected at most ${MOST_DEPTH} levels of nesting, found deeper nesting.`,
    );
    expect(await complaint(deep(2_000_000))).toContain("deeper nesting");
  });

  it("says the byte that is not UTF-8, and knows UTF-16", async () => {
    const broken = Buffer.from(`{"ä":"x"}`);
    broken[7] = 0xff;
    expect(await complaint(broken)).toBe(
      "rows.jsonl, line 1, column 7: expected UTF-8 text, found the byte 0xff. Save the file as UTF-8.",
    );
    await expect(rowsOf(Buffer.from(`\ufeff${GOOD}`, "utf16le"))).rejects.toThrow(/expected UTF-8 text, found UTF-16/);
  });

  it("prints nothing that a terminal would obey", async () => {
    const said = await complaint(row(turn("\u001b[31m\u009b\u202e", "a")));
    expect(said).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(said).toContain(String.raw`\u001b[31m\u009b\u202e`);
  });

  it("says what a path leads to", async () => {
    await expect(readDataset("/no/such/file.jsonl")).rejects.toThrow(
      "/no/such/file.jsonl: expected a file, found nothing",
    );
    await expect(readDataset(import.meta.dirname)).rejects.toThrow("expected a file, found a folder");
    await expect(readDataset(source("\n\n"))).rejects.toThrow("expected at least one conversation, found none");
  });

  it("stops when it is told to", async () => {
    const reading = rowsOf(GOOD, { signal: AbortSignal.abort(new Error("enough")) });
    await expect(reading).rejects.toThrow("enough");
  });
});
