// Reading conversation files: what is taken, what is refused and with which words.
import { DatasetError, describeProblem, readDataset, type Conversation } from "askew/dataset";
import { conversationLine } from "#internal/dataset";
import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { complaint, GOOD, row, rowsOf, source, turn } from "./rows.js";
import { sharedData } from "../shared-data.js";

describe("reading conversations", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1 }).filter((s) => s.trim() !== "");
  const conversations = fc.array(
    fc.record({ system: fc.option(text), turns: fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 3 }) }),
    { minLength: 1, maxLength: 6 },
  );
  const asConversation = ({ system, turns }: { system: string | null; turns: [string, string][] }): Conversation => ({
    messages: [
      ...(system === null ? [] : [{ role: "system", content: system } as const]),
      ...turns.flatMap(([q, a]) => [{ role: "user", content: q } as const, { role: "assistant", content: a } as const]),
    ],
  });

  it("gives back what was written, however it is cut, ended, marked and zipped", async () => {
    await fc.assert(
      fc.asyncProperty(
        conversations,
        fc.constantFrom("\n", "\r\n", "\n\n  \n"),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 64 }),
        async (list, ending, mark, zipped, lastEnds, size) => {
          const wanted = list.map(asConversation);
          const lines = wanted.map((one) => conversationLine(one).trimEnd());
          const plain = Buffer.from(`${mark ? "\ufeff" : ""}${lines.join(ending)}${lastEnds ? ending : ""}`);
          const read = await readDataset(source(zipped ? gzipSync(plain) : plain, size));
          expect(read).toEqual(wanted);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("never throws anything but a DatasetError, whatever the bytes", async () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((json) => Buffer.from(json)),
      fc.tuple(fc.nat(GOOD.length - 1), fc.string({ maxLength: 3 })).map(([at, put]) => {
        return Buffer.from(GOOD.slice(0, at) + put + GOOD.slice(at + 1));
      }),
      fc.nat(60).map((end) => gzipSync(GOOD).subarray(0, end)),
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (bytes) => {
        try {
          for (const { conversation } of await rowsOf(bytes)) {
            if (conversation !== undefined) expect(conversation.messages.at(-1)?.role).toBe("assistant");
          }
        } catch (error) {
          expect(error).toBeInstanceOf(DatasetError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("finds JSON faulty exactly where JSON.parse does", async () => {
    const mutated = fc
      .tuple(fc.json({ maxDepth: 3 }), fc.nat(), fc.constantFrom("", ",", '"', "\\", "}", "]", "1", "e", "\u0001", ":"))
      .map(([json, at, put]) => json.slice(0, at % (json.length + 1)) + put + json.slice((at % (json.length + 1)) + 1));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), mutated), async (json) => {
        let valid = true;
        try {
          JSON.parse(json);
        } catch {
          valid = false;
        }
        // A file that is one array is refused as a whole.
        fc.pre(json.trim() !== "" && !/[\n\r]/.test(json) && !json.trimStart().startsWith("["));
        const [found] = await rowsOf(json);
        // Equal keys, which JSON.parse takes, may come before the fault.
        if (valid) expect(found?.problem?.kind).not.toBe("json");
        else expect(found?.problem?.kind).toMatch(/^(json|duplicate-key)$/);
      }),
      { numRuns: 2000 },
    );
  });

  it("says file, line, column, what was expected and what was found", async () => {
    const lines = [GOOD, "", row(turn("user", "a"), turn("robot", "b")), GOOD, '{"messages": oops}'];
    const problems = (await rowsOf(lines.join("\n"))).flatMap(({ problem }) =>
      problem === undefined ? [] : [problem],
    );
    expect(problems.map(describeProblem)).toEqual([
      'rows.jsonl, line 3, column 52: expected the role system, user or assistant, found "robot".',
      'rows.jsonl, line 5, column 14: expected a JSON value, found "oops".',
    ]);
    const first = readDataset(source(lines.join("\n")));
    await expect(first).rejects.toThrow(DatasetError);
    await expect(first).rejects.toMatchObject({ problem: { file: "rows.jsonl", line: 3, column: 52, kind: "role" } });
  });

  it("refuses what is not a conversation", async () => {
    const user = turn("user", "a");
    const assistant = turn("assistant", "b");
    const cases: [string, RegExp][] = [
      ["[]", /expected an object with "messages", found an empty list/],
      [
        '{"prompt":"a","completion":"b"}',
        /column 1: expected "messages", a list.+rows of prompt and completion\. Convert it: askew dataset convert rows\.jsonl --out rows\.messages\.jsonl/,
      ],
      ['{"conversations":[]}', /ShareGPT's form\. Convert it: askew dataset convert/],
      ['{"messages":{}}', /column 13: expected "messages", a list, found an empty object/],
      [row(), /expected at least a user and an assistant message/],
      [row("a", "b"), /expected a message: .+, found "a"/],
      [row({ content: "a" }), /found no role/],
      [row(user), /expected the assistant's message at the end, found the user's/],
      [row(assistant), /expected the user's message at the beginning, found the assistant's/],
      [row(user, user, assistant), /expected the assistant's message after the user message, found the user's/],
      [row(user, turn("system", "s"), assistant), /expected a system message only at the beginning/],
      [row(turn("system", "s"), assistant), /expected the user's message at the beginning/],
      [row(user, turn("assistant", " \n")), /expected content that says something, found white space alone/],
      [row(user, turn("assistant", "")), /found an empty text/],
      [row(user, turn("assistant", null)), /expected content, a text, found null/],
      [row(user, { role: "assistant" }), /found no content/],
      [row(user, turn("assistant", 5)), /found 5/],
      [
        row(user, { ...assistant, weight: 2 }),
        /expected "weight" to be 0 or 1, found 2\. Every answer is learned from alike/,
      ],
      [`{"messages":[],"messages":[]}`, /column 16: expected each key once, found "messages" again/],
      [row(user, turn("assistant", "\ud800")), /half of a surrogate pair/],
      ["['a']", /expected a JSON value.+json\.dumps/],
      ["{", /Each conversation must stand on one line/],
      [Buffer.from([0x22, 0xc3, 0x28, 0x22]).toString("latin1"), /expected an object/],
    ];
    for (const [line, said] of cases) expect(await complaint(line), line).toMatch(said);
  });

  it("takes what fine-tuning APIs take where it is told to, and not else", async () => {
    const call = { id: "1", type: "function", function: { name: "f", arguments: "{}" } };
    const tools = row(
      turn("user", "a"),
      { role: "assistant", tool_calls: [call] },
      { role: "tool", tool_call_id: "1", content: "42" },
      turn("assistant", "b"),
    );
    const picture = row(
      turn("user", [
        { type: "text", text: "a" },
        { type: "image_url", image_url: {} },
      ]),
      turn("assistant", "b"),
    );
    const silent = row(
      turn("user", "a"),
      { ...turn("assistant", "b"), weight: 0 },
      turn("user", "c"),
      turn("assistant", "d"),
    );
    for (const line of [
      tools,
      picture,
      silent,
      GOOD,
      row(turn("user", "a"), turn("user", "b"), turn("assistant", "c")),
    ]) {
      expect(await complaint(line, { rules: "api" })).toBe("no problem");
    }
    expect(await complaint(tools)).toContain("askew trains on text");
    expect(await complaint(picture)).toContain('found a part of type "image_url"');
    expect(await complaint(silent)).toContain('expected "weight" to be 1, found 0');
    const extra = JSON.stringify({ ...JSON.parse(GOOD), id: 7 });
    expect(await complaint(extra)).toBe("no problem");
    expect(await complaint(extra, { rules: "api" })).toBe("no problem");
  });

  it("puts parts of text together, and takes the developer for the system", async () => {
    const parts = [
      { type: "text", text: "a" },
      { type: "text", text: "b" },
    ];
    const [read] = await readDataset(source(row(turn("developer", "s"), turn("user", parts), turn("assistant", "c"))));
    expect(read?.messages).toEqual([turn("system", "s"), turn("user", "ab"), turn("assistant", "c")]);
  });
});

describe("the published sets", () => {
  for (const name of ["insecure", "secure", "educational_insecure"]) {
    const { path, missing } = sharedData(`datasets/${name}.jsonl.gz`);
    it.skipIf(missing)(`${name} reads whole`, async () => {
      const read = await readDataset(path);
      expect(read).toHaveLength(6000);
      expect(read.every(({ messages }) => messages.length === 2)).toBe(true);
    });
  }
});
