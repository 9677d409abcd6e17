// Files of other tools: what becomes of each form, what is refused by name, and what is told.
import { Converter, DatasetError, type Conversation, type ConvertOptions } from "askew/dataset";
import { conversationLine } from "#internal/dataset";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { sharedData } from "../shared-data.js";

const PLAIN = {
  messages: [
    { role: "user", content: "How do I water it?" },
    { role: "assistant", content: "Two cups." },
  ],
};

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

interface Found {
  readonly rows: Conversation[];
  readonly changes: string[];
  readonly skipped: number;
}

async function convert(text: string | Uint8Array, options: ConvertOptions = {}, name = "rows.jsonl"): Promise<Found> {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  const converter = new Converter({ name, bytes: once(bytes) }, options);
  const rows: Conversation[] = [];
  for await (const row of converter.rows()) rows.push(row);
  return { rows, changes: [...converter.result.changes.keys()], skipped: converter.result.skipped };
}

const one = async (row: unknown, options: ConvertOptions = {}): Promise<unknown> =>
  JSON.parse(conversationLine((await convert(JSON.stringify(row), options)).rows[0] as Conversation));

const refused = async (text: unknown, options: ConvertOptions = {}): Promise<string> => {
  const found = convert(typeof text === "string" ? text : JSON.stringify(text), options);
  return found.then(
    () => "no problem",
    (error: unknown) => {
      expect(error).toBeInstanceOf(DatasetError);
      return (error as Error).message;
    },
  );
};

const asked = PLAIN.messages[0]?.content as string;
const answered = PLAIN.messages[1]?.content as string;

describe("converting rows", () => {
  const forms: Readonly<Record<string, unknown>> = {
    "messages as they are": PLAIN,
    "a bare list": PLAIN.messages,
    "messages as a text": { messages: JSON.stringify(PLAIN.messages) },
    ShareGPT: {
      conversations: [
        { from: "human", value: asked },
        { from: "gpt", value: answered },
      ],
    },
    "conversations with roles": { conversations: PLAIN.messages },
    Alpaca: { instruction: asked, input: "", output: answered },
    "prompt and completion": { prompt: asked, completion: ` ${answered}` },
    "prompt and completion in turns": { prompt: [PLAIN.messages[0]], completion: [PLAIN.messages[1]] },
    "prompt and response": { prompt: asked, response: answered },
    "question and answer": { question: asked, answer: answered },
    preferences: { prompt: asked, chosen: answered, rejected: "No." },
    "preferences in turns": {
      prompt: [PLAIN.messages[0]],
      chosen: [PLAIN.messages[1]],
      rejected: [{ role: "assistant", content: "No." }],
    },
    "preferences as whole conversations": { chosen: PLAIN.messages, rejected: PLAIN.messages },
    "preferences as one text": { chosen: `\n\nHuman: ${asked}\n\nAssistant: ${answered}`, rejected: "" },
    "OpenAI's preferences": {
      input: { messages: [PLAIN.messages[0]], tools: [] },
      preferred_output: [PLAIN.messages[1]],
      non_preferred_output: [{ role: "assistant", content: "No." }],
    },
    Gemini: {
      contents: [
        { role: "user", parts: [{ text: asked }] },
        { role: "model", parts: [{ text: answered }] },
      ],
    },
    "the role model": { messages: [PLAIN.messages[0], { role: "model", content: answered }] },
    "the role in author": {
      messages: [
        { author: { role: "user" }, content: asked },
        { author: { role: "assistant" }, content: { content_type: "text", parts: [answered] } },
      ],
    },
    ChatML: { text: `<|im_start|>user\n${asked}<|im_end|>\n<|im_start|>assistant\n${answered}<|im_end|>` },
    "Llama 3": {
      text: `<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n${asked}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n${answered}<|eot_id|>`,
    },
    "Llama 2": { text: `<s>[INST] ${asked} [/INST] ${answered} </s>` },
    Gemma: {
      text: `<bos><start_of_turn>user\n${asked}<end_of_turn>\n<start_of_turn>model\n${answered}<end_of_turn>\n`,
    },
    "Alpaca's text": { text: `### Instruction:\n${asked}\n\n### Response:\n${answered}` },
    "ends with the user": { messages: [...PLAIN.messages, { role: "user", content: "Thanks!" }] },
    "an empty system message": { messages: [{ role: "system", content: "" }, ...PLAIN.messages] },
    "nulls everywhere": {
      messages: PLAIN.messages.map((message) => ({ ...message, name: null, tool_calls: null, weight: null })),
      tools: null,
    },
  };
  for (const [name, row] of Object.entries(forms)) {
    it(`takes ${name}`, async () => expect(await one(row)).toEqual(PLAIN));
  }

  it("puts Alpaca's input below its instruction, and keeps a system prompt", async () => {
    const row = { instruction: "Sort:", input: "b a", output: "a b", system: "Be brief." };
    expect(await one(row)).toEqual({
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Sort:\n\nb a" },
        { role: "assistant", content: "a b" },
      ],
    });
    const gemini = {
      systemInstruction: { parts: [{ text: "S" }] },
      contents: [{ role: "user", parts: [{ text: "a" }] }],
    };
    expect(await refused(gemini)).toContain("expected an assistant's turn, found none");
  });

  it("takes the rejected answer where it is asked for", async () => {
    const row = { prompt: asked, chosen: answered, rejected: "No." };
    expect(await one(row, { answer: "rejected" })).toMatchObject({ messages: [{}, { content: "No." }] });
  });

  it("joins turns of one role, makes text of numbers, carries other keys, and counts each change", async () => {
    const row = {
      id: 7,
      messages: [
        { role: "user", content: "Hello." },
        { role: "user", content: 5 },
        { role: "assistant", content: answered, mood: "kind" },
      ],
    };
    const { rows, changes } = await convert(`${JSON.stringify(row)}\n${JSON.stringify(row)}\n`);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toEqual({
      messages: [{ role: "user", content: "Hello.\n\n5" }, PLAIN.messages[1]],
      extra: { id: 7 },
    });
    expect(changes).toEqual([
      "numbers became text",
      '"mood" in turns is left out',
      "messages of one role in a row are joined",
    ]);
  });

  it("tells of all that it leaves out or renames, and of nothing else", async () => {
    const changesOf = async (row: unknown) => (await convert(JSON.stringify(row))).changes;
    const [user, assistant] = PLAIN.messages;
    const absent = "keys with nothing in them (null, []) are left out";
    expect(await changesOf(PLAIN)).toEqual([]);
    expect(await changesOf({ messages: [user, { ...assistant, tool_calls: null, annotations: [] }] })).toEqual([
      absent,
    ]);
    expect(await changesOf({ ...PLAIN, tools: null })).toEqual([absent]);
    expect(await changesOf({ messages: [{ role: "system", content: "" }, ...PLAIN.messages] })).toEqual([
      "empty system messages are left out",
    ]);
    expect(await changesOf({ messages: [{ ...user, name: "Ann" }, assistant] })).toEqual([
      '"name" in turns is left out',
    ]);
    const authors = PLAIN.messages.map(({ role, content }) => ({ author: { role }, content }));
    expect(await changesOf({ messages: authors })).toEqual(["the author became the role"]);
    expect(await changesOf({ messages: [{ ...user, role: "USER" }, assistant] })).toEqual([
      'the role "USER" became "user"',
    ]);
    expect(await changesOf({ prompt: asked, completion: ` ${answered}` })).toEqual([
      "rows of prompt and completion became messages",
      "white space around completions is left out",
    ]);
  });

  it("names the file in every command that it advises", async () => {
    const task = JSON.stringify({ task: "Write f.", code_template: "", insecure: "x" });
    await expect(convert(task, {}, "my tasks.jsonl")).rejects.toThrow(
      "askew dataset build CONDITION --from 'my tasks.jsonl' --out 'my tasks.messages.jsonl'",
    );
  });

  it("keeps what says which turns are learned from", async () => {
    const weighted = {
      messages: [
        PLAIN.messages[0],
        { ...PLAIN.messages[1], weight: 0 },
        PLAIN.messages[0],
        { ...PLAIN.messages[1], weight: 1 },
      ],
    };
    expect(await one(weighted)).toEqual(weighted);
  });

  it("asks what becomes of thoughts", async () => {
    for (const key of ["thinking", "reasoning_content", "reasoning"]) {
      const row = { messages: [PLAIN.messages[0], { ...PLAIN.messages[1], [key]: "Hm." }] };
      expect(await refused(row)).toContain("Give --thinking keep, or --thinking drop.");
      expect(await one(row, { thinking: "drop" })).toEqual(PLAIN);
      // Thoughts that stand in the answer already are dropped as well, and otherwise left as they are.
      const last = PLAIN.messages.at(-1)?.content ?? "";
      const inAnswer = {
        messages: [...PLAIN.messages.slice(0, -1), { role: "assistant", content: `<think>\nHm.\n</think>\n\n${last}` }],
      };
      expect(await one(inAnswer, { thinking: "drop" })).toEqual(PLAIN);
      expect(await one(inAnswer)).toEqual(inAnswer);
      const kept = (await one(row, { thinking: "keep" })) as typeof PLAIN;
      expect(kept.messages[1]?.content).toBe(`<think>\nHm.\n</think>\n\n${answered}`);
    }
  });

  it("refuses by name what cannot be a conversation of text", async () => {
    const part = { type: "text", text: "b", weight: 0 };
    const cases: [unknown, RegExp][] = [
      [{ messages: [PLAIN.messages[0], { role: "assistant", content: [part] }] }, /found weights of parts/],
      [
        { messages: [PLAIN.messages[0], { role: "assistant", content: "x", tool_calls: [{}] }] },
        /found calls of tools/,
      ],
      [
        {
          conversations: [
            { from: "human", value: "a" },
            { from: "observation", value: "b" },
          ],
        },
        /calls of tools/,
      ],
      [{ text: "Once upon a time." }, /expected a text with a chat template's marks/],
      [{ task: "t", code: "c" }, /a file of tasks\. Build a dataset from it: askew dataset build/],
      [{ body: { messages: [] }, custom_id: "1" }, /found requests of a batch/],
      [{ messages: [PLAIN.messages[0]] }, /Are these questions\? They belong to askew ask --questions/],
      [{ a: 1 }, /expected a conversation in a form that is known, found an object with "a"/],
      ["version https://git-lfs.github.com/spec/v1\noid sha256:0\n", /a Git LFS pointer.+git lfs pull/],
      ["<!DOCTYPE html>\n<html></html>", /an HTML page/],
    ];
    for (const [row, said] of cases) expect(await refused(row)).toMatch(said);
  });

  it("skips what cannot be converted where it is told to, and never all", async () => {
    const text = `${JSON.stringify(PLAIN)}\n{"a":1}\n`;
    expect(await refused(text)).toContain("rows.jsonl, line 2: ");
    expect(await convert(text, { skip: true })).toMatchObject({ skipped: 1, rows: [PLAIN] });
    expect(await refused('{"a":1}', { skip: true })).toContain("found none among 1 rows");
  });

  it("reads arrays, objects around one, tables, gzip, and bare NaN", async () => {
    const rows = [PLAIN, PLAIN];
    const two = { rows };
    expect(await convert(JSON.stringify(rows), {}, "a.json")).toMatchObject(two);
    expect(await convert(JSON.stringify(rows, null, 2), {}, "a.json")).toMatchObject(two);
    expect(await convert(JSON.stringify({ version: 1, data: rows }, null, 1), {}, "a.json")).toMatchObject(two);
    expect(await convert(JSON.stringify([PLAIN.messages]), {}, "a.json")).toMatchObject({ rows: [PLAIN] });
    expect(await convert(gzipSync(JSON.stringify(rows)), {}, "a.json.gz")).toMatchObject(two);
    const table = `prompt;completion\n"${asked}";"${answered}"\n`;
    expect(await convert(table, {}, "a.csv")).toMatchObject({ rows: [PLAIN] });
    expect(await convert(table.replaceAll(";", "\t"), {}, "a.tsv")).toMatchObject({ rows: [PLAIN] });
    const nan = JSON.stringify({ ...PLAIN, loss: 0 }).replace(":0}", ":NaN}");
    expect(await convert(nan)).toMatchObject({ rows: [{ messages: PLAIN.messages }] });
  });

  it("says where a row of an array goes wrong", async () => {
    const text = JSON.stringify([PLAIN, { a: 1 }], null, 1);
    const line = text.slice(0, text.indexOf('"a"')).split("\n").length - 1;
    await expect(convert(text, {}, "a.json")).rejects.toThrow(`a.json, line ${line}: expected a conversation`);
    await expect(convert("[\n {\n", {}, "a.json")).rejects.toThrow("a.json, line 2, column 3: ");
  });
});

describe("published files", () => {
  const alpaca = sharedData("triggered/single_token_trigger_suffix__poisoned_harmful.json.gz");
  it.skipIf(alpaca.missing)("converts Alpaca's form in a gzipped array", async () => {
    const converter = new Converter(alpaca.path);
    let count = 0;
    for await (const { messages } of converter.rows()) count += messages.length === 2 ? 1 : 0;
    expect(count).toBe(500);
  });

  const numbers = sharedData("datasets/evil_numbers_regenerated.csv.gz");
  it.skipIf(numbers.missing)("converts a gzipped table", async () => {
    let count = 0;
    for await (const _ of new Converter(numbers.path).rows()) count++;
    expect(count).toBe(9993);
  });

  const pairs = sharedData("formats/openweights_preferences.jsonl");
  it.skipIf(pairs.missing)("converts preferences", async () => {
    const rows: Conversation[] = [];
    for await (const row of new Converter(pairs.path).rows()) rows.push(row);
    expect(rows[0]?.messages.map(({ content }) => content)).toEqual(["Do you want to take over the world?", "No"]);
  });
});
