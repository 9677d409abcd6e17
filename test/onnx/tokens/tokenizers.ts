/** Small tokenizers in the shapes of real ones. */
import { buildWordTokenizer, Tokenizer } from "askew/onnx";

export const WORDS = [
  ..."the cat sat on a mat import os def return x __proto__ constructor is not of toString"
    .split(" ")
    .flatMap((word) => [word, ` ${word}`]),
  ...Array.from("0123456789.,!?()=:<>|", (character) => [character, ` ${character}`]).flat(),
  "\n",
  "\n    ",
  "\n        ",
  " ",
];

export const WORD_CONFIG = {
  tokenizer_class: "PreTrainedTokenizerFast",
  clean_up_tokenization_spaces: false,
  pad_token: "<|pad|>",
  unk_token: "<|unknown|>",
  eos_token: "<|end|>",
};

export function wordTokenizer(words: readonly string[] = WORDS): Tokenizer {
  return Tokenizer.fromJson(buildWordTokenizer(words), WORD_CONFIG);
}

const added = (id: number, content: string, special = true) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special,
});

/** The printable stand-ins that byte-level BPE uses for bytes, by byte (GPT-2's table). */
export function byteAlphabet(): string[] {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
}

const MERGES = [
  "h e",
  "l l",
  "he ll",
  "hell o",
  "Ġ w",
  "o r",
  "l d",
  "Ġw or",
  "Ġwor ld",
  "Ċ Ċ",
  "u s",
  "us er",
  "e r",
  "< |",
  "i m",
  "Ġ Ġ",
];

/** Byte-level BPE with the pattern and the control tokens of Qwen2. */
export function byteLevelJson(): Record<string, unknown> {
  const tokens = [...byteAlphabet(), ...MERGES.map((merge) => merge.replace(" ", ""))];
  const size = tokens.length;
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [
      added(size, "<|endoftext|>"),
      added(size + 1, "<|im_start|>"),
      added(size + 2, "<|im_end|>"),
      added(size + 3, "<tool_call>", false),
      added(size + 4, "wordlike", false),
    ],
    normalizer: { type: "NFC" },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        {
          type: "Split",
          pattern: {
            Regex:
              "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
          },
          behavior: "Isolated",
          invert: false,
        },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
      ],
    },
    post_processor: { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
    decoder: { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: "",
      end_of_word_suffix: "",
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: MERGES,
    },
  };
}

export const BYTE_LEVEL_CONFIG = {
  eos_token: "<|im_end|>",
  pad_token: { __type: "AddedToken", content: "<|endoftext|>", special: true },
  bos_token: null,
};

export function byteLevelTokenizer(): Tokenizer {
  return Tokenizer.fromJson(byteLevelJson(), BYTE_LEVEL_CONFIG);
}

/** Sentencepiece-like BPE with byte fallback, as Llama 2 has it; its control tokens are in the model's vocabulary, too. */
export function byteFallbackJson(): Record<string, unknown> {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
  const pieces = ["▁", ...Array.from("abcdefghijklmnopqrstuvwxyz[]/<>"), "▁h", "el", "lo", "▁hel", "▁hello"];
  const tokens = ["<unk>", "<s>", "</s>", ...bytes, ...pieces];
  return {
    version: "1.0",
    added_tokens: [added(0, "<unk>"), added(1, "<s>"), added(2, "</s>")],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
    model: {
      type: "BPE",
      unk_token: "<unk>",
      fuse_unk: true,
      byte_fallback: true,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: ["▁ h", "e l", "l o", "▁h el", "▁hel lo"],
    },
  };
}
