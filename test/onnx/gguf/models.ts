// Tiny models of every architecture, in shapes that llama.cpp knows, and small tokenizers of every kind.
import { readdirSync, readFileSync } from "node:fs";
import { ChatTemplate, Tokenizer, type TransformerConfig } from "askew/onnx";
import { configFromJson, mergesOf, type ModelParts } from "#internal/onnx";
import { weightsOf } from "../architectures/weights.js";
import { byteAlphabet } from "../tokens/tokenizers.js";

const references = new URL("../architectures/references/", import.meta.url);

/** What the references have otherwise than llama.cpp takes for granted. */
const OTHERWISE: Readonly<Record<string, object>> = {
  "gemma-2": { query_pre_attn_scalar: 8 },
  "gemma-3": { query_pre_attn_scalar: 8, sliding_window_pattern: 6, num_hidden_layers: 7 },
};

export const ARCHITECTURE_NAMES = readdirSync(references).map((file) => file.replace(".json", ""));

/** config.json of a reference; `changes` go over its keys. */
export function tinyConfig(name: string, changes: object = {}): TransformerConfig {
  const text = readFileSync(new URL(`${name}.json`, references), "utf8");
  const { config4 } = JSON.parse(text) as { config4: object };
  return configFromJson({ ...config4, ...OTHERWISE[name], ...changes });
}

const TEMPLATE =
  "{% for m in messages %}<|user|>{{ m.content }}<|end|>{% endfor %}{% if add_generation_prompt %}<|user|>{% endif %}";

export function tinyModel(config: TransformerConfig, tokenizer = tinyTokenizer()): ModelParts {
  return {
    config: { ...config, eosIds: [0] },
    tensors: weightsOf(config),
    tokenizer,
    template: new ChatTemplate(TEMPLATE, { eos_token: "<|end|>" }),
  };
}

const control = (id: number, content: string, special = true) => ({
  id,
  content,
  special,
  lstrip: false,
  rstrip: false,
  normalized: false,
  single_word: false,
});

const TINY = ["<|end|>", "Ġ", ...Array.from("abcdefghijklmnopqrstuvwxyz"), "ab", "Ġa", "Ċ", "<|user|>"];

export const tinyTokenizer = (): Tokenizer =>
  Tokenizer.fromJson(
    {
      added_tokens: [control(0, "<|end|>"), control(31, "<|user|>")],
      pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
      decoder: { type: "ByteLevel" },
      model: {
        type: "BPE",
        ignore_merges: false,
        vocab: Object.fromEntries(TINY.map((token, id) => [token, id])),
        merges: ["a b", "Ġ a"],
      },
    },
    { eos_token: "<|end|>" },
  );

/** GPT-2's printable stand-ins for bytes, and a token for every two of them: where a text is cut decides which pair up. */
export function pairsTokenizer(): Tokenizer {
  const bytes = byteAlphabet();
  const pairs = bytes.flatMap((first) => bytes.map((second) => [first, second] as const));
  const tokens = [...bytes, ...pairs.map((pair) => pair.join("")), "<|end|>"];
  return Tokenizer.fromJson(
    {
      added_tokens: [control(tokens.length - 1, "<|end|>")],
      pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
      decoder: { type: "ByteLevel" },
      model: {
        type: "BPE",
        ignore_merges: false,
        vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
        merges: pairs.map((pair) => pair.join(" ")),
      },
    },
    { eos_token: "<|end|>" },
  );
}

/** A vocabulary as Llama 2 has it, of the pieces of a few words, with bytes for all else. */
export function sentencePieces(prefix: boolean): Tokenizer {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
  const words = [
    "▁hello",
    "▁World",
    "hello",
    "▁return",
    "▁range",
    "range",
    "trailing",
    "▁▁▁▁",
    "ing",
    "1234",
    "日本語",
  ];
  const parts = words.flatMap((word) => {
    const letters = Array.from(word);
    return letters.flatMap((_, from) => letters.map((_letter, to) => letters.slice(from, to + 1).join("")));
  });
  const pieces = [...new Set(parts.filter((part) => part !== ""))].toSorted(
    (a, b) => Array.from(a).length - Array.from(b).length,
  );
  const tokens = ["<unk>", "<s>", "</s>", ...bytes, ...pieces];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const replaced = { type: "Replace", pattern: { String: " " }, content: "▁" };
  return Tokenizer.fromJson(
    {
      added_tokens: [control(0, "<unk>"), control(1, "<s>"), control(2, "</s>")],
      normalizer: prefix ? { type: "Sequence", normalizers: [{ type: "Prepend", prepend: "▁" }, replaced] } : replaced,
      decoder: {
        type: "Sequence",
        decoders: [
          { type: "Replace", pattern: { String: "▁" }, content: " " },
          { type: "ByteFallback" },
          { type: "Fuse" },
        ],
      },
      model: {
        type: "BPE",
        unk_token: "<unk>",
        fuse_unk: true,
        byte_fallback: true,
        vocab: Object.fromEntries(ids),
        merges: mergesOf(tokens, ids, (id) => -id),
      },
    },
    { bos_token: "<s>", eos_token: "</s>", unk_token: "<unk>" },
  );
}
