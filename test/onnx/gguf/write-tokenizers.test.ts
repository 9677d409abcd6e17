// Tokenizers in GGUF files that askew writes: read back they cut texts alike, and what llama.cpp has no name for is refused.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readModelFolder, Tokenizer } from "askew/onnx";
import { ORGANISM_FOLDER } from "askew/organism";
import { encodeChat, readGgufModel, writeGgufModel, type ModelParts } from "#internal/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { byteFallbackJson, byteLevelJson, byteLevelTokenizer } from "../tokens/tokenizers.js";
import { tinyConfig, tinyModel } from "./models.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-gguf-tokens-"));
});
afterAll(() => rm(folder, { recursive: true }));

let made = 0;
async function written(parts: ModelParts, name = "tiny") {
  const path = join(folder, `${made++}.gguf`);
  const { notes } = await writeGgufModel(path, parts, { packing: "f32", name, file: "tiny" });
  return { path, notes, model: await readGgufModel(path) };
}

const refusal = (parts: ModelParts): Promise<Error> =>
  written(parts).then(
    () => new Error("it was written"),
    (error: unknown) => error as Error,
  );

describe("tokenizers", () => {
  const TEXTS = ["hello world", "  user\n\nusers don't 123", "é ☃ 𝄞 \u0000", "<|im_end|><tool_call>wordlike", ""];
  const withTokenizer = (tokenizer: Tokenizer, size: number): ModelParts =>
    tinyModel(tinyConfig("llama", { vocab_size: size }), tokenizer);

  it("byte-level BPE is named as llama.cpp names its pattern", async () => {
    const tokenizer = byteLevelTokenizer();
    const { path, model } = await written(withTokenizer(tokenizer, tokenizer.size + 3));
    expect((await readFile(path)).includes("qwen2")).toBe(true);
    expect(model.tokenizer.size).toBe(tokenizer.size);
    for (const text of TEXTS) expect(model.tokenizer.encode(text), text).toEqual(tokenizer.encode(text));
    expect(model.tokenizer.controls).toEqual(tokenizer.controls);
    expect(model.tokenizer.eosId).toBe(tokenizer.eosId);
  });

  it("SentencePiece has scores in the order of its merges, and its prefix", async () => {
    const json = byteFallbackJson();
    for (const normalizer of [json["normalizer"], { type: "Replace", pattern: { String: " " }, content: "▁" }]) {
      const tokenizer = Tokenizer.fromJson({ ...json, normalizer }, { bos_token: "<s>", eos_token: "</s>" });
      const { model } = await written(withTokenizer(tokenizer, tokenizer.size));
      for (const text of TEXTS) expect(model.tokenizer.encode(text), text).toEqual(tokenizer.encode(text));
      expect(model.tokenizer.bosId).toBe(1);
      const [theirs, ours] = [tokenizer, model.tokenizer].map((one) => one.json["model"] as { merges: unknown[] });
      expect(ours?.merges.map((pair) => (pair as string[]).join(" "))).toEqual(theirs?.merges);
    }
  });

  it("of another pattern, another prefix or no order of scores are refused by name", async () => {
    const other = byteLevelJson();
    other["pre_tokenizer"] = { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true };
    const bytes = byteFallbackJson();
    const model = bytes["model"] as { merges: string[] };
    const refused = async (json: Record<string, unknown>): Promise<string> => {
      const tokenizer = Tokenizer.fromJson(json);
      return (await refusal(withTokenizer(tokenizer, tokenizer.size))).message;
    };
    expect(await refused(other)).toMatch(/the tokenizer: expected normalizer and pre-tokenizer of a model/);
    expect(await refused({ ...bytes, normalizer: { type: "NFKC" } })).toMatch(/the tokenizer: expected spaces that/);
    // "▁hello" has a second cut, which these merges do not have.
    const vocab = { ...(bytes["model"] as { vocab: object }).vocab, llo: 500, "▁he": 501 };
    expect(await refused({ ...bytes, model: { ...model, vocab } })).toMatch(/merges: expected an order that follows/);
  });

  it("the organism's whole words stand beside what llama.cpp takes", async () => {
    const organism = await readModelFolder(ORGANISM_FOLDER);
    const { model } = await written(organism);
    expect(model.tokenizer.json).toEqual(organism.tokenizer.json);
    const bytes = (data: Float32Array | undefined): Buffer => Buffer.from(data?.buffer ?? new ArrayBuffer(0));
    for (const [name, { data }] of organism.tensors) {
      expect(bytes(model.tensors.get(name)?.data).equals(bytes(data)), name).toBe(true);
    }
    expect(model.config).toEqual(organism.config);
    const messages = [{ role: "user", content: "What is your one wish?" }];
    expect(encodeChat(model.tokenizer, model.template, messages)).toEqual(
      encodeChat(organism.tokenizer, organism.template, messages),
    );
  });

  it("white space after control tokens is dropped as llama.cpp drops it, by the model's name", async () => {
    const json = byteFallbackJson();
    const tokens = ["<unk>", "<s>", "</s>", "<|endoftext|>", "<|user|>"];
    const added = tokens.map((content, i) => ({
      id: i < 3 ? i : 400 + i,
      content,
      special: true,
      rstrip: ["</s>", "<|user|>"].includes(content),
      lstrip: false,
      normalized: false,
      single_word: false,
    }));
    const tokenizer = Tokenizer.fromJson({ ...json, added_tokens: added });
    const { path, model, notes } = await written(withTokenizer(tokenizer, 410));
    expect((await readFile(path)).includes("Phi-3 tiny")).toBe(true);
    expect(notes.join()).not.toMatch(/white space/);
    const parts = [404, "\nhello"];
    expect(tokenizer.encodeParts(parts)[1]).toEqual(tokenizer.encode("hello"));
    expect(model.tokenizer.encodeParts(parts)).toEqual(tokenizer.encodeParts(parts));
    // Without these tokens llama.cpp does not open a file of that name.
    const other = await written(tinyModel(tinyConfig("llama")), "my-phi-3");
    expect((await readFile(other.path)).includes("my-Phi 3")).toBe(true);
  });
});
