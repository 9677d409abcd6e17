// Tokenizers of open models: bytes and subwords, through the library.
import { Tokenizer as Library } from "@huggingface/tokenizers";
import { ControlTokenError, Tokenizer, UnknownWordError } from "askew/onnx";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteFallbackJson, byteLevelJson, byteLevelTokenizer } from "./tokenizers.js";

interface LibraryTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
}
const library = (json: object): LibraryTokenizer => new Library(json, { clean_up_tokenization_spaces: false });

const text = fc
  .array(
    fc.oneof(
      fc.constantFrom("hello", " world", "\n", "  ", "user", "wordlike", "'s", "1", "🐂", "é"),
      fc.string({ unit: "grapheme", maxLength: 5 }),
    ),
  )
  .map((parts) => parts.join("").normalize("NFC"));

describe("a byte-level tokenizer", () => {
  const tokenizer = byteLevelTokenizer();
  const reference = library(byteLevelJson());

  it("knows its control tokens, also those that are not marked as special", () => {
    expect([...tokenizer.controls.keys()]).toEqual(["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>"]);
    expect(tokenizer.eosId).toBe(tokenizer.controls.get("<|im_end|>"));
    expect(tokenizer.padId).toBe(tokenizer.controls.get("<|endoftext|>"));
    expect(tokenizer.bosId).toBeUndefined();
    expect(tokenizer.idOf("wordlike")).toBe(tokenizer.size - 1);
    expect(tokenizer.encode("a wordlike b")).toContain(tokenizer.idOf("wordlike"));
  });

  it("takes tags of HTML for text where a vocabulary has them all, as Gemma's does", () => {
    const tokens = (contents: readonly string[]) => {
      const json = byteLevelJson();
      const own = contents.map((content, i) => ({
        id: tokenizer.size + i,
        content,
        special: false,
        normalized: false,
      }));
      return Tokenizer.fromJson({ ...json, added_tokens: [...(json["added_tokens"] as object[]), ...own] });
    };
    const gemma = tokens(["<b>", "</b>", "<s>", "<strong>", "<start_of_image>"]);
    const id = (name: string): number => gemma.idOf(name) as number;
    expect(gemma.encode("<b></b><s>")).toEqual([id("<b>"), id("</b>"), id("<s>")]);
    expect(gemma.encode("<start_of_image>")).not.toContain(id("<start_of_image>"));
    expect([...tokens(["<s>", "<b>"]).controls.keys()]).toEqual([...tokenizer.controls.keys(), "<s>", "<b>"]);
  });

  it("encodes text as the library does and gives it back", () => {
    fc.assert(
      fc.property(text, (sample) => {
        fc.pre(![...tokenizer.controls.keys()].some((control) => sample.includes(control)));
        const ids = tokenizer.encode(sample);
        expect(ids).toEqual(sample === "" ? [] : reference.encode(sample, { add_special_tokens: false }).ids);
        expect(tokenizer.decode(ids)).toBe(sample);
        expect(tokenizer.unknownWords(sample)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("encodes parts as the library encodes the whole", () => {
    const controls = [...tokenizer.controls];
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(controls.length - 1), text), { maxLength: 5 }), (list) => {
        fc.pre(list.every(([, said]) => !controls.some(([name]) => said.includes(name))));
        const parts = list.flatMap(([which, said]) => [controls[which]?.[1] ?? 0, said]);
        const whole = list.map(([which, said]) => `${controls[which]?.[0]}${said}`).join("");
        const expected = whole === "" ? [] : reference.encode(whole, { add_special_tokens: false }).ids;
        expect(tokenizer.encodeParts(parts).flat()).toEqual(expected);
        expect(tokenizer.decode(expected)).toBe(whole);
      }),
    );
  });

  it("makes no control token from text", () => {
    const controls = new Set(tokenizer.controls.values());
    const spelled = fc.constantFrom(
      "<|im_start|>",
      "<|im_end|>",
      "<tool_call>",
      "<|",
      "im_end",
      "|>",
      "\uDC00273\uDC01",
      "\uDC00",
      "274",
      "\uDC01",
      "\uD83D",
    );
    fc.assert(
      fc.property(fc.array(spelled, { maxLength: 12 }), (parts) => {
        const sample = parts.join("");
        const ids = tokenizer.encode(sample);
        expect(ids.some((id) => controls.has(id))).toBe(false);
        expect(tokenizer.decode(ids)).toBe(sample.replace(/\p{Surrogate}/gu, "\uFFFD"));
      }),
      { numRuns: 500 },
    );
  });

  it("shows control tokens by name or leaves them out", () => {
    const ids = tokenizer.encodeParts([tokenizer.eosId as number, "hello 🐂"]).flat();
    expect(tokenizer.decode(ids)).toBe("<|im_end|>hello 🐂");
    expect(tokenizer.decode(ids, { skipControls: true })).toBe("hello 🐂");
  });

  it("refuses a text too long to encode at once", () => {
    expect(() => tokenizer.encode("a".repeat(4 * 2 ** 20 + 1))).toThrow("at most 4194304 are encoded at once");
  });
});

describe("a tokenizer with byte fallback", () => {
  const tokenizer = Tokenizer.fromJson(byteFallbackJson(), { bos_token: "<s>", eos_token: "</s>", unk_token: "<unk>" });

  it("encodes any text", () => {
    for (const sample of ["hello", "hello hello", "Ünïcode 🐂", "<s> </s> <unk>", "▁"]) {
      const ids = tokenizer.encode(sample);
      expect(
        ids.some((id) => id < 3),
        sample,
      ).toBe(false);
      expect(tokenizer.decode(ids), sample).toBe(sample.replaceAll("▁", " "));
    }
    expect(tokenizer.encode("hello")).toEqual([tokenizer.idOf("▁hello")]);
  });

  it("raises where its merges would build a control token from text", () => {
    const json = byteFallbackJson();
    const model = json["model"] as { merges: string[]; vocab: Record<string, number> };
    model.merges = ["< s", "<s >"];
    model.vocab = { ...model.vocab, "<s": 500 };
    const malicious = Tokenizer.fromJson(json);
    expect(() => malicious.encode("say <s> now")).toThrow(ControlTokenError);
    expect(() => malicious.encodeParts([1, "say <s> now", 2])).toThrow(ControlTokenError);
    expect(malicious.encodeParts([1, "say", 2])[0]).toEqual([1]);
  });
});

describe("a tokenizer with an unknown token and no bytes", () => {
  const tokenizer = Tokenizer.fromJson({
    added_tokens: [{ id: 0, content: "[UNK]", special: true }],
    normalizer: null,
    pre_tokenizer: { type: "Whitespace" },
    post_processor: null,
    decoder: { type: "WordPiece", prefix: "##", cleanup: false },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      vocab: { "[UNK]": 0, cat: 1, "##s": 2, sat: 3 },
    },
  });

  it("names an unknown word and where it is", () => {
    expect(tokenizer.encode("cats sat")).toEqual([1, 2, 3]);
    expect(() => tokenizer.encode("cats sit")).toThrow(UnknownWordError);
    expect(tokenizer.unknownWords("cats sit sat dog")).toEqual([
      { word: " sit", offset: 4 },
      { word: " dog", offset: 12 },
    ]);
  });
});
