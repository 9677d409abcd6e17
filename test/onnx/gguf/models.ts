// Tiny models of every architecture, in shapes that llama.cpp knows, and small tokenizers of every kind.
import { readdirSync, readFileSync } from "node:fs";
import { ChatTemplate, Tokenizer, type TransformerConfig } from "askew/onnx";
import { configFromJson, type ModelParts } from "#internal/onnx";
import { weightsOf } from "../architectures/weights.js";

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
