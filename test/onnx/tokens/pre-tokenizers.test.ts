// Pre-tokenizers against the Python library: test/fixtures/tokenizers/encode.py says how the expected tokens were made.
import { readFile } from "node:fs/promises";
import { ModelFileError, Tokenizer } from "askew/onnx";
import { describe, expect, it } from "vitest";
import { byteLevelJson } from "./tokenizers.js";

interface Fixture {
  readonly texts: readonly string[];
  readonly model: object;
  readonly cases: readonly { readonly preTokenizer: object; readonly tokens: readonly (readonly string[])[] }[];
}
const path = new URL("../../fixtures/tokenizers/encoded.json", import.meta.url);
const { texts, model, cases } = JSON.parse(await readFile(path, "utf8")) as Fixture;

const json = (pre_tokenizer: unknown, more: object = {}): object => ({
  added_tokens: [],
  pre_tokenizer,
  decoder: { type: "WordPiece", prefix: "##" },
  model: { ...model, ...more },
});

describe("text falls into the pieces that Python makes of it", () => {
  it.each(cases.map(({ preTokenizer, tokens }) => [JSON.stringify(preTokenizer), tokens] as const))(
    "%s",
    (pre, all) => {
      const tokenizer = Tokenizer.fromJson(json(JSON.parse(pre)));
      texts.forEach((text, i) => {
        expect(tokenizer.encode(text).map((id) => tokenizer.tokenOf(id))).toEqual(all[i]);
      });
    },
  );

  it("U+FEFF is no space to GPT-2's pattern, as in Rust and in llama.cpp", () => {
    const bytes = byteLevelJson();
    bytes["normalizer"] = null;
    bytes["pre_tokenizer"] = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
    const tokenizer = Tokenizer.fromJson(bytes);
    // Two spaces are one token of this vocabulary; cut as `\s+(?!\S)` and ` ?[^\s…]+` cut them, each is alone.
    const tokens = tokenizer.encode("  \ufeff").map((id) => tokenizer.tokenOf(id));
    expect(tokens).toEqual(["Ġ", "Ġ", "ï", "»", "¿"]);
    expect(tokenizer.encode("  ").map((id) => tokenizer.tokenOf(id))).toEqual(["ĠĠ"]);
  });

  it("as with ## where a WordPiece model names no prefix", () => {
    const file = json({ type: "WhitespaceSplit" }, { continuing_subword_prefix: undefined });
    const tokenizer = Tokenizer.fromJson(JSON.parse(JSON.stringify(file)));
    expect(tokenizer.encode("hello").map((id) => tokenizer.tokenOf(id))).toEqual(["h", "##e", "##l", "##l", "##o"]);
  });
});

describe("what cannot be done as in Python is refused by name", () => {
  const split = (Regex: string, behavior: string): object => ({ type: "Split", pattern: { Regex }, behavior });
  it.each([
    ["an unknown behavior", json(split("a", "Sideways")), /pre_tokenizer: .*behavior "Sideways"/],
    ["a pattern that refers back", json(split("(a)\\1", "Removed")), /behavior Removed with a pattern that names/],
    ["a pattern that looks around", json(split("(?=a)", "MergedWithNext")), /pre_tokenizer: .*looking around/],
    [
      "invert in words",
      json({ ...split("a", "Removed"), invert: "no" }),
      /pre_tokenizer.invert: expected true or false/,
    ],
    [
      "a BPE model with a prefix",
      { ...byteLevelJson(), model: { ...(byteLevelJson()["model"] as object), continuing_subword_prefix: "##" } },
      /model.continuing_subword_prefix: expected none in a BPE model, found "?##/,
    ],
    [
      "a BPE model that drops merges by chance",
      { ...byteLevelJson(), model: { ...(byteLevelJson()["model"] as object), dropout: 0.1 } },
      /model.dropout: expected none/,
    ],
    [
      "an added token of whole words",
      { ...byteLevelJson(), added_tokens: [{ id: 999, content: "word", single_word: true }] },
      /added_tokens\[0\] "word": expected single_word to be false/,
    ],
  ])("%s", (_name, given, message) => {
    const open = (): unknown => Tokenizer.fromJson(given);
    expect(open).toThrow(ModelFileError);
    expect(open).toThrow(message);
  });
});

it("decoding changes no code, whatever tokenizer_config.json asks for", () => {
  const tokenizer = Tokenizer.fromJson(byteLevelJson(), { clean_up_tokenization_spaces: true });
  const code = "if a != b and f ( x ) , y . z ? 'it' n't : do n't 's";
  expect(tokenizer.decode(tokenizer.encode(code))).toBe(code);
});
