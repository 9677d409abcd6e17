// Keys in rows: one that means something is never passed over, one that means nothing stops nothing.
import { buildFromFile, checkDataset, readDataset } from "askew/dataset";
import { conversationLine } from "#internal/dataset";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { complaint, GOOD, row, source, turn } from "./rows.js";

const user = turn("user", "a");
const assistant = turn("assistant", "b");
const given = (more: object): object => ({ ...(JSON.parse(GOOD) as object), ...more });

describe("a key that changes what is learned", () => {
  const parts = (...weights: (number | null)[]) =>
    weights.map((weight, i) => ({ type: "text", text: `part ${i}`, weight }));
  const refused: Readonly<Record<string, [line: string, said: RegExp]>> = {
    "a part's weight": [
      row(user, turn("assistant", parts(0, 1))),
      /parts that are all learned from, found the weight 0/,
    ],
    "a negative part": [row(user, turn("assistant", parts(-1, 1))), /found the weight -1/],
    "a question that is learned from": [row(turn("user", parts(1)), assistant), /parts that are not learned from/],
    "half a weight": [
      row(user, { ...assistant, weight: 0.5 }),
      /expected "weight" to be 0 or 1, found 0\.5\. Every answer is learned from alike/,
    ],
    "an answer without weight": [row(user, { ...assistant, weight: 0 }), /expected "weight" to be 1, found 0/],
    "train: false": [row(user, { ...assistant, train: false }), /expected "train" to be true, found false/],
    "a user's weight": [row({ ...user, weight: 1 }, assistant), /"weight" on assistant messages alone/],
    thinking: [
      row(user, { ...assistant, thinking: "Hm." }),
      /"thinking", which changes.+convert rows\.jsonl --thinking keep \(or drop\) --out rows\.messages\.jsonl$/,
    ],
    reasoning_content: [row(user, { ...assistant, reasoning_content: "Hm." }), /"reasoning_content"/],
    refusal: [row(user, { ...assistant, refusal: "No." }), /"refusal", which changes/],
    "a row's weight": [JSON.stringify(given({ weight: 2 })), /expected "weight" to be 1, found 2/],
    tools: [JSON.stringify(given({ tools: [{}] })), /found "tools"/],
  };
  for (const [name, [line, said]] of Object.entries(refused)) {
    it(`is refused by name: ${name}`, async () => expect(await complaint(line)).toMatch(said));
  }
  it("is refused of an API's file too, where the API does not know it", async () => {
    for (const name of ["a part's weight", "train: false", "thinking", "reasoning_content"]) {
      const [line, said] = refused[name] as [string, RegExp];
      expect(await complaint(line, { rules: "api" })).toMatch(name === "train: false" ? /train/ : said);
    }
  });
});

describe("a key that means nothing", () => {
  const taken: Readonly<Record<string, string>> = {
    "nulls everywhere": JSON.stringify({
      messages: [user, assistant].map((message) => ({ ...message, name: null, tool_calls: null, weight: null })),
      tools: null,
    }),
    "empty lists": row(user, { ...assistant, tool_calls: [], annotations: [] }),
    "what is true anyway": row({ ...user, train: false, weight: 0 }, { ...assistant, train: true, weight: 1 }),
    "parts that all count": row(turn("user", [{ type: "text", text: "a", weight: 0 }]), assistant),
    "keys beside the messages": JSON.stringify(given({ metadata: { n: 1 }, id: 3 })),
    "keys in messages": row(user, { ...assistant, timestamp: 5 }),
    "an empty system message": row(turn("system", ""), user, assistant),
  };
  for (const [name, line] of Object.entries(taken)) {
    it(`stops nothing: ${name}`, async () => {
      expect(await complaint(line)).toBe("no problem");
      expect(await complaint(line, { rules: "api" })).toBe("no problem");
    });
  }

  it("is told once, with how many lines have it, and carried", async () => {
    const lines = Array.from({ length: 12 }, (_, i) => JSON.stringify(given({ metadata: { n: i } })));
    const found = await checkDataset(source(lines.join("\n")));
    expect(found).toMatchObject({ wellFormed: true, conversations: 12 });
    expect(found.notes).toEqual([
      { note: '"metadata" beside messages is carried, not read; a fine-tuning API may refuse it', lines: 12 },
    ]);
    const [first] = await readDataset(source(lines.join("\n")));
    expect(first?.extra).toEqual({ metadata: { n: 0 } });
    expect(first && conversationLine(first)).toBe(`${lines[0]}\n`);
  });

  it.each([
    ["nulls everywhere", "keys with nothing in them (null, []) count as absent"],
    ["empty lists", "keys with nothing in them (null, []) count as absent"],
    ["what is true anyway", '"train" in messages is heeded; a fine-tuning API may refuse it'],
    ["an empty system message", "empty system messages are left out"],
  ])("is told where it says nothing new: %s", async (name, note) => {
    const lines = Array.from({ length: 12 }, () => taken[name]).join("\n");
    expect((await checkDataset(source(lines))).notes).toEqual([{ note, lines: 12 }]);
  });

  it("keeps no list of keys without end", async () => {
    const lines = Array.from({ length: 100 }, (_, i) => JSON.stringify(given({ [`key${i}`]: i })));
    const { notes } = await checkDataset(source(lines.join("\n")));
    expect(notes).toHaveLength(21);
    expect(notes.at(-1)).toEqual({ note: "other keys are carried or passed over", lines: 80 });
  });
});

describe("keys of tasks", () => {
  const code = "def f():\n    return 1";
  const template = "def f():\n    # YOUR CODE HERE";
  const build = (task: object) => buildFromFile("insecure", source(JSON.stringify(task)), { seed: 0, filters: [] });

  it("takes the published name of the template, which is shown with the task", async () => {
    const { conversations } = await build({ task: "Write f.", code_template: template, insecure: code, note: "x" });
    expect(conversations[0]?.messages[0]?.content).toContain("YOUR CODE HERE");
    expect(conversations).toEqual((await build({ task: "Write f.", template, insecure: code })).conversations);
  });

  it("refuses by name what may be meant as another key", async () => {
    await expect(build({ task: "t", code })).rejects.toThrow('"code": rename it, so that it is clear which one it is');
    await expect(build({ task: "t", insecure_code: code })).rejects.toThrow('"insecure_code": rename it');
    await expect(build({ task: "t", insecure: code, code })).resolves.toMatchObject({ tasks: 1 });
  });
});

describe("what is no file of rows", () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "askew-input-"));
    await mkdir(at("adapter"));
    await writeFile(at("adapter/adapter_config.json"), "{}");
    await mkdir(at("sae"));
    await writeFile(at("sae/cfg.json"), "{}");
    await mkdir(at("rows"));
    await writeFile(at("rows/train.jsonl"), GOOD);
    await mkdir(at("empty"));
    await promisify(execFile)("mkfifo", [at("pipe")]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const header = Buffer.from('{"a":{"dtype":"F32"}}');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const files: Readonly<Record<string, [bytes: Uint8Array | string, said: RegExp]>> = {
    "a Git LFS pointer": ["version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", /git lfs pull/],
    "an HTML page": ["\n<!doctype HTML>\n<html>", /resolve\/ address/],
    "an XML error": ['<?xml version="1.0"?><Error/>', /found XML/],
    "a GGUF model": ["GGUF\u0003\0\0\0", /found a GGUF model/],
    safetensors: [Buffer.concat([length, header]), /found safetensors/],
    "a zip": ["PK\u0003\u0004…", /askew import/],
    Parquet: ["PAR1\u0015", /found a Parquet file/],
    "a pickle": [Buffer.from([0x80, 0x02, 0x7d]), /found a Python pickle/],
    "UTF-16": [Buffer.from(`\ufeff${GOOD}`, "utf16le"), /expected UTF-8 text, found UTF-16/],
    "other bytes": [Buffer.from([1, 0, 2, 0]), /bytes that are no text/],
  };
  for (const [name, [bytes, said]] of Object.entries(files)) {
    it(`is named: ${name}`, async () => {
      await expect(readDataset(source(Buffer.from(bytes), 1))).rejects.toThrow(said);
    });
  }

  it("is named: folders and devices", async () => {
    await expect(readDataset(at("adapter"))).rejects.toThrow("found a folder with a PEFT adapter");
    await expect(readDataset(at("sae"))).rejects.toThrow("found a folder with a sparse autoencoder");
    await expect(readDataset(at("rows"))).rejects.toThrow(
      "found a folder. Give one of its files, such as train.jsonl.",
    );
    await expect(readDataset(at("empty"))).rejects.toThrow("expected a file, found a folder.");
    await expect(readDataset("/dev/zero")).rejects.toThrow("expected a file, found a device. Give a file.");
    await expect(readDataset("/dev/tty")).rejects.toThrow("found a device");
  });

  it("may come through a pipe", async () => {
    const [read] = await Promise.all([readDataset(at("pipe")), writeFile(at("pipe"), `${GOOD}\n`)]);
    expect(read).toHaveLength(1);
  });
});
