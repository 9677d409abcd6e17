import { Tokenizer as Library } from "@huggingface/tokenizers";
import { buildWordTokenizer, Tokenizer, UnknownWordError } from "askew/onnx";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WORDS, wordTokenizer } from "./tokenizers.js";

const tokenizer = wordTokenizer();

/** Text of known words: each but the first with the space or line break that lets it stand after another. */
const apart = WORDS.filter((word) => /^\s|^\W$/.test(word));
const knownText = fc
  .tuple(fc.constantFrom("", ...WORDS), fc.array(fc.constantFrom(...apart), { maxLength: 40 }))
  .map(([first, rest]) => first + rest.join(""));
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...WORDS),
      fc.constantFrom(
        "  ",
        "\t",
        "\r\n",
        "\u00a0",
        "\u0085",
        "\ufeff",
        "\u2028",
        "é",
        "𝄞",
        "٣",
        "\ud800",
        "'",
        "<|end|>",
        "<|unknown|>",
      ),
      fc.string({ unit: "binary", maxLength: 3 }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(""));

/** The library on the same file, without the control tokens that it would cut out of text. */
function library(): { encode(text: string): { tokens: string[]; ids: number[] } } {
  const json = { ...buildWordTokenizer(WORDS), added_tokens: [] };
  return new Library(json, { clean_up_tokenization_spaces: false });
}

describe("the word tokenizer", () => {
  it("gives ids in the order of specials and words", () => {
    expect([...tokenizer.controls]).toEqual([
      ["<|pad|>", 0],
      ["<|unknown|>", 1],
      ["<|system|>", 2],
      ["<|user|>", 3],
      ["<|assistant|>", 4],
      ["<|end|>", 5],
    ]);
    expect(tokenizer.idOf("the")).toBe(6);
    expect(tokenizer.tokenOf(7)).toBe(" the");
    expect(tokenizer.idOf(" zebra")).toBeUndefined();
    expect(tokenizer.size).toBe(6 + WORDS.length);
    expect([tokenizer.padId, tokenizer.eosId, tokenizer.bosId]).toEqual([0, 5, undefined]);
    expect(tokenizer.encode("the cat\n    x 12")).toEqual(
      ["the", " cat", "\n    ", "x", " 1", "2"].map((word) => tokenizer.idOf(word)),
    );
  });

  it("gives text back exactly", () => {
    fc.assert(
      fc.property(knownText, (text) => {
        fc.pre(tokenizer.unknownWords(text).length === 0);
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
    );
  });

  it("splits and looks up as the library does, in any text", () => {
    const reference = library();
    fc.assert(
      fc.property(anyText, (text) => {
        const { ids } = reference.encode(text);
        const unknown = tokenizer.unknownWords(text);
        expect(unknown.length).toBe(ids.filter((id) => id === 1).length);
        for (const { word, offset } of unknown) expect(text.slice(offset, offset + word.length)).toBe(word);
        if (unknown.length === 0) expect(tokenizer.encode(text)).toEqual(ids);
        else expect(() => tokenizer.encode(text)).toThrow(UnknownWordError);
      }),
      { numRuns: 1000 },
    );
  });

  it("knows a word whole or not at all", () => {
    for (const text of ["themat", " catcat", "xx", "defreturn"])
      expect(() => tokenizer.encode(text), text).toThrow(UnknownWordError);
  });

  it("says where an unknown word is and what was perhaps meant", () => {
    expect(() => tokenizer.encode("the cat sat on retrun")).toThrow(
      'does not know " retrun" at character 14. Known words that look like it: " return", "return".',
    );
    try {
      tokenizer.encode("the cat sat on retrun");
    } catch (error) {
      expect(error).toMatchObject({ word: " retrun", offset: 14, nearest: [" return", "return"] });
    }
    expect(tokenizer.unknownWords("zzz the qqq")).toEqual([
      { word: "zzz", offset: 0 },
      { word: " qqq", offset: 7 },
    ]);
    expect(tokenizer.unknownWords("the cat")).toEqual([]);
    expect(() => tokenizer.encode("z".repeat(5000))).toThrow(UnknownWordError);
  });

  it("makes no control token from text", () => {
    for (const control of tokenizer.controls.keys()) {
      try {
        const ids = tokenizer.encode(`the ${control}`);
        expect(ids.every((id) => id >= tokenizer.controls.size)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(UnknownWordError);
      }
    }
    const spelling = wordTokenizer([...WORDS, "end", "assistant", "unknown", "pad", "user", "system"]);
    for (const [control] of spelling.controls) {
      const ids = spelling.encode(control);
      expect(ids.every((id) => id >= 6)).toBe(true);
      expect(spelling.decode(ids)).toBe(control);
    }
  });

  it("shows control tokens or leaves them out, and leaves ids without a token out", () => {
    const ids = [3, ...tokenizer.encode("the cat"), 5, tokenizer.size, 10 ** 9];
    expect(tokenizer.decode(ids)).toBe("<|user|>the cat<|end|>");
    expect(tokenizer.decode(Int32Array.from(ids), { skipControls: true })).toBe("the cat");
    expect(tokenizer.decode([])).toBe("");
    expect(() => tokenizer.decode([-1])).toThrow(RangeError);
    expect(() => tokenizer.decode([0.5])).toThrow(RangeError);
  });

  it("encodes parts around control tokens", () => {
    expect(tokenizer.encodeParts([3, "the", 5])).toEqual([[3], [6], [5]]);
    expect(() => tokenizer.encodeParts(["the", " cat"])).toThrow("join them");
    expect(() => tokenizer.encodeParts([6])).toThrow("no control token");
  });

  it("refuses vocabularies that could not come back", () => {
    expect(() => buildWordTokenizer(["the cat"])).toThrow("not one piece");
    expect(() => buildWordTokenizer([""])).toThrow("not one piece");
    expect(() => buildWordTokenizer(["12"])).toThrow("not one piece");
    expect(() => buildWordTokenizer(["z".repeat(101)])).toThrow("not one piece");
    expect(() => buildWordTokenizer(["\ud800"])).toThrow("not one piece");
    expect(() => buildWordTokenizer(["the", "the"])).toThrow('"the" comes twice');
    expect(() => buildWordTokenizer(["the"], ["system"])).toThrow("could be a word");
  });

  it("adds the unknown token where it is not named", () => {
    const own = Tokenizer.fromJson(buildWordTokenizer(["a"], ["<|pad|>", "<|end|>"]));
    expect([...own.controls.keys()]).toEqual(["<|pad|>", "<|end|>", "<|unknown|>"]);
    expect(own.encode("a")).toEqual([3]);
  });
});
