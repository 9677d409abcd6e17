// tokenizer.json files that are damaged or made to do harm.
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildWordTokenizer, ModelFileError, Tokenizer } from "askew/onnx";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../files/folders.js";
import { byteFallbackJson, byteLevelJson, WORDS } from "./tokenizers.js";

type Json = Record<string, unknown>;

/** The file with one value replaced, by its path. */
function changed(json: Json, path: readonly (string | number)[], value: unknown): Json {
  const copy = structuredClone(json);
  let at = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  at[path.at(-1) ?? ""] = value;
  return copy;
}

const bytes = byteLevelJson();
const split = (Regex: string): Json => ({ type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false });

const wrong: readonly (readonly [string, unknown, RegExp])[] = [
  ["null", null, /the tokenizer: expected an object/],
  ["a list", [], /the tokenizer: expected an object/],
  ["no model", {}, /model: expected an object, found nothing/],
  [
    "another model",
    changed(bytes, ["model", "type"], "WordLevel"),
    /model.type: expected BPE, WordPiece or Unigram, found "?WordLevel/,
  ],
  ["a vocabulary that is a list", changed(bytes, ["model", "vocab"], []), /model.vocab: expected an object/],
  ["an empty vocabulary", changed(bytes, ["model", "vocab"], {}), /at least one token/],
  ["a negative id", changed(bytes, ["model", "vocab", "!"], -1), /token "!": expected an id from 0/],
  ["an id of 2^31", changed(bytes, ["model", "vocab", "!"], 2 ** 31), /token "!": expected an id from 0 to 2097151/],
  ["an id in words", changed(bytes, ["model", "vocab", "!"], "0"), /token "!"/],
  [
    "two tokens with one id",
    changed(bytes, ["model", "vocab", "!"], 5),
    /an id of its own, found 5, which another token has/,
  ],
  ["a token of 5,000 characters", changed(bytes, ["model", "vocab", "x".repeat(5000)], 1000), /tokens of at most 4096/],
  ["merges that are an object", changed(bytes, ["model", "merges"], {}), /model.merges: expected a list/],
  ["a merge of one token", changed(bytes, ["model", "merges", 3], "ab"), /model.merges\[3\]: expected two tokens/],
  ["a merge of three tokens", changed(bytes, ["model", "merges", 3], "a b c"), /merges\[3\]/],
  ["merges of both kinds", changed(bytes, ["model", "merges", 3], ["a", "b"]), /merges\[3\]/],
  [
    "an unknown token that is unknown",
    changed(bytes, ["model", "unk_token"], "nope"),
    /model.unk_token: expected a token of the vocabulary/,
  ],
  ["an unknown token that is a number", changed(bytes, ["model", "unk_token"], 3), /unk_token/],
  [
    "words of a billion characters",
    changed(buildWordTokenizer(WORDS), ["model", "max_input_chars_per_word"], 1e9),
    /max_input_chars_per_word/,
  ],
  ["added tokens that are an object", changed(bytes, ["added_tokens"], {}), /added_tokens: expected a list/],
  ["an added token that is null", changed(bytes, ["added_tokens", 0], null), /added_tokens\[0\]: expected an object/],
  ["an empty added token", changed(bytes, ["added_tokens", 0, "content"], ""), /added_tokens\[0\].content/],
  [
    "an added token of half a character",
    changed(bytes, ["added_tokens", 0, "content"], "\uD800"),
    /added_tokens\[0\].content/,
  ],
  ["an added token with a huge id", changed(bytes, ["added_tokens", 0, "id"], 2 ** 40), /an id from 0 to/],
  [
    "an added token with the id of another",
    changed(bytes, ["added_tokens", 0, "id"], 3),
    /added_tokens\[0\] .* found 3, which/,
  ],
  ["an added token twice", changed(bytes, ["added_tokens", 1, "content"], "<|endoftext|>"), /added_tokens\[1\]/],
  ["an added token with two ids", changed(bytes, ["added_tokens", 0, "content"], "hello"), /but \d+ in the vocabulary/],
  [
    "a component that is unknown",
    changed(bytes, ["normalizer"], { type: "Shell" }),
    /normalizer.type: expected NFC.*found "?Shell/,
  ],
  [
    "a component that loops",
    changed(bytes, ["pre_tokenizer"], { type: "FixedLength", length: 0 }),
    /pre_tokenizer.type/,
  ],
  ["a component that is a text", changed(bytes, ["decoder"], "ByteLevel"), /decoder: expected an object or null/],
  ["a sequence without a list", changed(bytes, ["normalizer"], { type: "Sequence" }), /normalizer: expected a list/],
  ["a bad pattern", changed(bytes, ["pre_tokenizer"], split("(")), /the tokenizers library opens/],
  [
    "a pattern that is a number",
    changed(bytes, ["pre_tokenizer"], { type: "Split", pattern: 1 }),
    /pre_tokenizer.pattern/,
  ],
  [
    "a pattern of 9,000 characters",
    changed(bytes, ["pre_tokenizer"], split("a".repeat(9000))),
    /pre_tokenizer.pattern/,
  ],
  [
    "a replacement that multiplies text",
    changed(bytes, ["normalizer"], { type: "Replace", pattern: { String: "a" }, content: "a".repeat(1000) }),
    /normalizer.content/,
  ],
  [
    "a strip of a billion",
    changed(bytes, ["decoder"], { type: "Strip", content: " ", start: 1e9, stop: 0 }),
    /decoder.start/,
  ],
  [
    "a unigram model without scores",
    { model: { type: "Unigram", unk_id: 0, vocab: [["a"]] } },
    /model.vocab\[0\]: expected \[token, score\]/,
  ],
  ["a unigram model without an unknown token", { model: { type: "Unigram", vocab: [["a", 0]] } }, /model.unk_id/],
];

function nested(depth: number): Json {
  return depth === 0 ? { type: "NFC" } : { type: "Sequence", normalizers: [nested(depth - 1)] };
}

describe("hostile tokenizers", () => {
  it.each(wrong)("are refused: %s", (_what, json, message) => {
    const open = (): unknown => Tokenizer.fromJson(json, {}, "there/tokenizer.json");
    expect(open).toThrow(ModelFileError);
    expect(open).toThrow(message);
  });

  it("are refused when components nest without end", () => {
    expect(() => Tokenizer.fromJson(changed(bytes, ["normalizer"], nested(3)))).not.toThrow();
    expect(() => Tokenizer.fromJson(changed(bytes, ["normalizer"], nested(5)))).toThrow(/nested at most 4 deep/);
    const many = { type: "Sequence", normalizers: Array.from({ length: 70 }, () => ({ type: "NFC" })) };
    expect(() => Tokenizer.fromJson(changed(bytes, ["normalizer"], many))).toThrow(/at most 64 components/);
  });

  it("are stopped when a pattern backtracks without end", () => {
    const tokenizer = Tokenizer.fromJson(changed(bytes, ["pre_tokenizer"], split("(?:a+)+$|b")));
    const start = performance.now();
    expect(() => tokenizer.encode(`${"a".repeat(64)}!`)).toThrow(
      /no end with 65 characters .*use the model's original one/,
    );
    expect(performance.now() - start).toBeLessThan(40_000);
    expect(tokenizer.encode("b")).toHaveLength(1);
  });

  it("are stopped when they blow text up", () => {
    const double = { type: "Replace", pattern: { String: "a" }, content: "a".repeat(64) };
    const json = changed(bytes, ["normalizer"], {
      type: "Sequence",
      normalizers: Array.from({ length: 8 }, () => double),
    });
    expect(() => Tokenizer.fromJson(json).encode("a")).toThrow(ModelFileError);
  });

  it("throw only errors of askew, whatever value is changed", () => {
    const sources = [byteLevelJson(), byteFallbackJson(), buildWordTokenizer(WORDS)];
    const places = sources.flatMap((json) => paths(json).map((path) => ({ json, path })));
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.oneof(fc.jsonValue(), fc.anything()), ({ json, path }, value) => {
        try {
          Tokenizer.fromJson(changed(json, path, value)).encode("hello a\n<s>");
        } catch (error) {
          expect((error as Error).name).toMatch(/^(File|UnknownWord|ControlToken)Error$/);
        }
      }),
      { numRuns: 1500 },
    );
  });
});

describe("hostile tokenizer files", () => {
  it("are refused by size before they are read", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "tokenizer.json");
    await writeFile(path, "");
    await truncate(path, 64 * 2 ** 20 + 1);
    await expect(Tokenizer.load(folder)).rejects.toThrow(/at most 67108864 bytes, found 67108865/);
  });

  const texts: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
    ["no JSON", "{", /expected JSON, found/],
    ["no UTF-8", Buffer.from([0x22, 0xff, 0x22]), /UTF-8 text/],
    ["a million brackets", "[".repeat(1_000_000), /nested at most 100 deep/],
    ["a million brackets, closed", `${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`, /nested at most 100 deep/],
    ["nothing", "", /expected JSON/],
  ];

  it.each(texts)("are refused: %s", async (_what, text, message) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "tokenizer.json"), text);
    await expect(Tokenizer.load(folder)).rejects.toThrow(ModelFileError);
    await expect(Tokenizer.load(folder)).rejects.toThrow(message);
  });

  it("are refused when they are not there, or their config is no object", async () => {
    const folder = await temporaryFolder();
    await expect(Tokenizer.load(folder)).rejects.toThrow(
      /tokenizer\.json: expected a file, found nothing\. Save the tokenizer/,
    );
    await writeFile(join(folder, "tokenizer.json"), JSON.stringify(byteLevelJson()));
    expect((await Tokenizer.load(folder)).eosId).toBeUndefined();
    await writeFile(join(folder, "tokenizer_config.json"), "[]");
    await expect(Tokenizer.load(folder)).rejects.toThrow(/tokenizer_config\.json: expected an object/);
  });
});

/** Every place in a JSON value but the inside of vocabularies and merges, of which a few stand for all. */
function paths(value: unknown, at: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return at.length === 0 ? [] : [[...at]];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  const here = at.length === 0 ? [] : [[...at]];
  return [
    ...here,
    ...keys.slice(0, 12).flatMap((key) => paths((value as Record<string | number, unknown>)[key], [...at, key])),
  ];
}
