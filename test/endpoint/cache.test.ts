// Answers on disk: found again by everything that shapes them, kept through damage and kills, never more than paid for.
import { execFileSync } from "node:child_process";
import { appendFile, mkdir, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AnswerCache, type EndpointOptions } from "askew/endpoint";
import { EndpointClient, type ChatRequest } from "#internal/endpoint";
import { completion, hello, QUICK, sendError, sendJson, TestServer } from "./server.js";
import { inTemporaryFolder } from "./temporary.js";

let server: TestServer;
beforeAll(async () => void (server = await TestServer.start()));
afterAll(() => server.close());

async function withCache<T>(
  folder: string,
  work: (client: EndpointClient, cache: AnswerCache) => Promise<T>,
  options: EndpointOptions = {},
): Promise<T> {
  const cache = await AnswerCache.open(folder);
  const client = new EndpointClient(server.base, { ...QUICK, cache, ...options });
  try {
    return await work(client, cache);
  } finally {
    await client.close();
    await cache.close();
  }
}

const key = (n: number): string => n.toString(16).padStart(4, "0").repeat(16);
const onlyFile = async (folder: string): Promise<string> => join(folder, ...((await readdir(folder)) as [string]));

describe("the request cache", () => {
  it("answers the same request without asking, in this process and the next", () =>
    inTemporaryFolder(async (folder) => {
      server.reset((asked, r) => sendJson(r, completion(`answer ${asked.number}`)));
      await withCache(folder, async (client) => {
        expect(await client.chat(hello(1))).toMatchObject({ text: "answer 1", cached: false });
        expect(await client.chat(hello(1))).toMatchObject({ text: "answer 1", cached: true });
        expect(client.account.spending).toMatchObject({ requests: 1, cached: 1 });
      });
      await withCache(folder, async (client) => {
        const { cached, ...answer } = await client.chat(hello(1));
        expect(cached).toBe(true);
        expect(answer).toEqual({
          text: "answer 1",
          finish: "stop",
          usage: { promptTokens: 10, completionTokens: 2, cachedTokens: 0 },
          model: "test-model",
        });
      });
      expect(server.asked.length).toBe(1);
    }));

  it("tells apart everything that shapes an answer, and which repeat it is", () =>
    inTemporaryFolder(async (folder) => {
      server.reset((asked, r) => sendJson(r, completion(`answer ${asked.number}`)));
      const base: ChatRequest = { ...hello(1), temperature: 1 };
      const different: ChatRequest[] = [
        base,
        { ...base, model: "other" },
        { ...base, messages: [{ role: "user", content: "hello!" }] },
        { ...base, messages: [{ role: "system", content: "hello" }] },
        { ...base, temperature: 0.5 },
        { ...base, topP: 0.9 },
        { ...base, maxTokens: 5 },
        { ...base, seed: 2 },
        { ...base, stop: ["\n"] },
        { ...base, alternatives: 5 },
        { ...base, alternatives: 20 },
        { ...base, repeat: "again" },
        { ...base, extra: { min_p: 0.1 } },
      ];
      await withCache(folder, async (client) => {
        const texts = new Set<string>();
        for (const request of different) texts.add((await client.chat(request)).text);
        expect(texts.size).toBe(different.length);
        // The order of fields says nothing.
        const turned = Object.fromEntries(Object.entries(base).toReversed()) as unknown as ChatRequest;
        expect((await client.chat(turned)).cached).toBe(true);
      });
      // Another server is another answer.
      await withCache(folder, async (_, cache) => {
        const other = new EndpointClient(`${server.base}/other`, { ...QUICK, cache });
        expect((await other.chat(base)).cached).toBe(false);
        await other.close();
      });
      expect(server.asked.length).toBe(different.length + 1);
    }));

  it("keeps no errors", () =>
    inTemporaryFolder(async (folder) => {
      server.reset((asked, r) => (asked.number === 1 ? sendError(r, 413, "no") : sendJson(r, completion("fine"))));
      await withCache(folder, async (client, cache) => {
        await expect(client.chat(hello(1))).rejects.toThrow("status 413: no");
        expect(cache.size).toBe(0);
        expect(await client.chat(hello(1))).toMatchObject({ text: "fine", cached: false });
      });
    }));

  it("sends a request once that is made many times at once", () =>
    inTemporaryFolder(async (folder) => {
      server.reset((asked, r) => void setTimeout(() => sendJson(r, completion(`answer ${asked.number}`)), 20));
      await withCache(folder, async (client) => {
        const replies = await Promise.all(Array.from({ length: 20 }, () => client.chat(hello(1))));
        expect(new Set(replies.map(({ text }) => text))).toEqual(new Set(["answer 1"]));
      });
      expect(server.asked.length).toBe(1);
    }));

  it("loses nothing but the last line to a torn end, wherever it is torn", () =>
    inTemporaryFolder(async (folder) => {
      const cache = await AnswerCache.open(folder);
      for (let i = 0; i < 5; i++) await cache.put(key(i), { n: i, text: "äöü €".repeat(i) });
      await cache.close();
      const whole = await readFile(await onlyFile(folder));
      const lines = whole.toString("utf8").trimEnd().split("\n");
      const lastLine = Buffer.byteLength(lines.at(-1) as string) + 1;
      for (let cut = 1; cut <= lastLine; cut += 7) {
        const torn = join(folder, `torn-${cut}`);
        await mkdir(torn);
        await writeFile(join(torn, "answers-1.jsonl"), whole);
        await truncate(join(torn, "answers-1.jsonl"), whole.length - cut);
        const opened = await AnswerCache.open(torn);
        expect(opened.size).toBe(4);
        for (let i = 0; i < 4; i++) expect(await opened.get(key(i))).toMatchObject({ n: i });
        expect(await opened.get(key(4))).toBeUndefined();
        await opened.put(key(4), { n: "again" });
        await opened.close();
        const again = await AnswerCache.open(torn);
        expect(await again.get(key(4))).toEqual({ n: "again" });
        await again.close();
      }
    }));

  it("treats damage in the middle as answers that are not there", () =>
    inTemporaryFolder(async (folder) => {
      server.reset((asked, r) => sendJson(r, completion(`answer ${asked.number}`)));
      await withCache(folder, async (client) => {
        for (let i = 0; i < 4; i++) await client.chat(hello(i));
      });
      const file = await onlyFile(folder);
      const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
      const damaged = [
        (lines[0] as string).replace('"finish":"stop"', '"finish":"magic"'),
        (lines[1] as string).slice(0, 100),
        "\u0000".repeat(300),
        lines[2],
        `${lines[3]?.slice(0, 80)}garbage`,
      ];
      await writeFile(file, `${damaged.join("\n")}\n`);
      await appendFile(join(folder, "answers-2.jsonl"), '{"key":"short","value":1}\n[]\n\n"');
      await withCache(folder, async (client) => {
        const cached = [];
        for (let i = 0; i < 4; i++) cached.push((await client.chat(hello(i))).cached);
        expect(cached).toEqual([false, false, true, false]);
      });
      await withCache(folder, async (client) => {
        for (let i = 0; i < 4; i++) expect((await client.chat(hello(i))).cached).toBe(true);
      });
    }));

  it("holds what any number of processes put into one folder", () =>
    inTemporaryFolder(async (folder) => {
      const [one, two] = [await AnswerCache.open(folder), await AnswerCache.open(folder)];
      await Promise.all(Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? one : two).put(key(i), i)));
      await Promise.all([one.close(), two.close()]);
      const all = await AnswerCache.open(folder);
      expect(all.size).toBe(100);
      for (let i = 0; i < 100; i++) expect(await all.get(key(i))).toBe(i);
      await all.close();
    }));

  it("gives back what was put last, under any keys and values", () =>
    inTemporaryFolder(async (folder) => {
      const cache = await AnswerCache.open(folder);
      const truth = new Map<string, unknown>();
      const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
      await fc.assert(
        fc.asyncProperty(hex, fc.jsonValue(), async (name, value) => {
          await cache.put(name, value);
          truth.set(name, JSON.parse(JSON.stringify(value)));
        }),
        { numRuns: 300 },
      );
      await cache.close();
      const again = await AnswerCache.open(folder);
      expect(again.size).toBe(truth.size);
      for (const [name, value] of truth) expect(await again.get(name)).toEqual(value);
      await again.close();
    }));

  it("on a full disk gives out what was paid for, buys nothing more, and says why", async (context) => {
    await inTemporaryFolder(async (folder) => {
      const disk = join(folder, "tiny");
      await mkdir(disk);
      try {
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=16k", "none", disk], { stdio: "ignore" });
      } catch {
        context.skip("a tiny disk cannot be mounted here");
      }
      try {
        server.reset((_, r) => sendJson(r, completion("x".repeat(3000))));
        await withCache(join(disk, "cache"), async (client, cache) => {
          let paid = 0;
          const fill = async (): Promise<void> => {
            for (; paid < 20; paid++) await client.chat(hello(paid));
          };
          const failure: unknown = await fill().catch((error: unknown) => error);
          expect(failure).toMatchObject({ name: "CacheError" });
          expect((failure as Error).message).toMatch(
            /answers-.*\.jsonl: no space is left on the disk\. Make room and run the same command again/,
          );
          expect(paid).toBe(server.asked.length); // every answer that was bought was given out
          expect(cache.size).toBe(paid - 1);
          await expect(client.chat(hello(100))).rejects.toThrow("no space is left");
          expect(server.asked.length).toBe(paid);
        });
        const again = await AnswerCache.open(join(disk, "cache"));
        expect(again.size).toBe(server.asked.length - 1);
        await again.close();
      } finally {
        execFileSync("umount", [disk]);
      }
    });
  });

  it("in a place that cannot be is refused with the reason", () =>
    inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, "file"), "");
      await expect(AnswerCache.open(join(folder, "file", "cache"))).rejects.toThrow(/a part of the path is a file/);
      await expect(AnswerCache.open(join(folder, "file"))).rejects.toMatchObject({ name: "CacheError" });
    }));
});
