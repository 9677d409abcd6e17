/**
 * A tokenizer as GGUF's metadata describe it, as tokenizer.json and tokenizer_config.json. Byte-level BPE has its merges
 * in the file; SentencePiece's follow from the scores of its pieces.
 */
import { Tokenizer } from "../../tokens/tokenizer.js";
import { idBelow } from "./config.js";
import { mergesOf } from "./merges.js";
import { dropsSpaceAfter } from "./phi3-tokens.js";
import type { Metadata } from "./metadata.js";
import { byteLevelSplit } from "./splits.js";

/** Kinds of tokens in `tokenizer.ggml.token_type`. */
export const TOKEN_TYPES = { NORMAL: 1, UNKNOWN: 2, CONTROL: 3, USER_DEFINED: 4, UNUSED: 5, BYTE: 6 } as const;
const { UNKNOWN, CONTROL, USER_DEFINED, UNUSED } = TOKEN_TYPES;

const MOST_TOKENS = 2 ** 21;
export const SPACE = "▁";

/** The key of a whole tokenizer.json. */
export const WHOLE_JSON = "tokenizer.huggingface.json";

export function ggufTokenizer(metadata: Metadata): Tokenizer {
  const key = (name: string): string => `tokenizer.ggml.${name}`;
  const kind = metadata.text(key("model"));
  if (kind === "t5") return wholeTokenizer(metadata);
  if (kind !== "gpt2" && kind !== "llama") {
    const cure = "Use a model with one of these tokenizers.";
    const expected = '"gpt2" (byte-level BPE), "llama" (SentencePiece), or "t5" with a whole tokenizer.json';
    throw metadata.problem(key("model"), expected, kind, cure);
  }
  const given = metadata.texts(key("tokens")) ?? [];
  if (given.length === 0 || given.length > MOST_TOKENS) {
    throw metadata.problem(key("tokens"), `1 to ${MOST_TOKENS} tokens`, `${given.length} tokens`);
  }
  const isGemma = (metadata.text("general.architecture") ?? "").startsWith("gemma");
  // Gemma's runs of spaces are written as such, and looked up as marks.
  const tokens = isGemma ? given.map((token) => (/^ +$/.test(token) ? SPACE.repeat(token.length) : token)) : given;
  const types = metadata.numbers(key("token_type")) ?? [];
  const all = new Map(tokens.map((token, id) => [token, id]));
  if (all.size !== tokens.length) throw metadata.problem(key("tokens"), "every token once", "a token twice");
  // Rows of the embedding that no token stands for.
  const isFiller = (token: string, id: number): boolean => types[id] === UNUSED && token.startsWith(`[PAD${id}]`);
  const ids = new Map([...all].filter(([token, id]) => !isFiller(token, id)));
  const added = tokens.flatMap((content, id) => {
    const type = types[id];
    const special = type === CONTROL || type === UNKNOWN;
    // Runs of marks come about by merging.
    if ((!special && type !== USER_DEFINED) || given[id] !== content) return [];
    const rstrip = dropsSpaceAfter(content, metadata.text("general.name"));
    return [{ id, content, special, lstrip: false, rstrip, normalized: false, single_word: false }];
  });
  const shared = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: added,
    post_processor: beginning(metadata, namedToken(metadata, "bos", tokens), ids),
  };
  const own =
    kind === "gpt2"
      ? byteLevel(metadata, ids)
      : sentencePiece(metadata, tokens, ids, isGemma, namedToken(metadata, "unknown", tokens));
  return Tokenizer.fromJson({ ...shared, ...own }, configOf(metadata, tokens), metadata.file);
}

/** A tokenizer that llama.cpp has no model for, such as the organism's of whole words, stands whole beside what it takes. */
function wholeTokenizer(metadata: Metadata): Tokenizer {
  const json = metadata.text(WHOLE_JSON);
  if (json === undefined || json.length > LARGEST_JSON) {
    throw metadata.problem(WHOLE_JSON, `a tokenizer.json of at most ${LARGEST_JSON} characters`, json?.length);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw metadata.problem(WHOLE_JSON, "JSON", json);
  }
  const tokens = metadata.texts("tokenizer.ggml.tokens") ?? [];
  return Tokenizer.fromJson(parsed, configOf(metadata, tokens), metadata.file);
}

const LARGEST_JSON = 2 ** 24;

function namedToken(metadata: Metadata, name: string, tokens: readonly string[]): string | undefined {
  const id = idBelow(metadata, `tokenizer.ggml.${name}_token_id`, tokens.length);
  return id === undefined ? undefined : tokens[id];
}

/** What tokenizer_config.json would say. */
function configOf(metadata: Metadata, tokens: readonly string[]): Record<string, unknown> {
  const named = (name: string): string | undefined => namedToken(metadata, name, tokens);
  return withoutNothing({
    tokenizer_class: "PreTrainedTokenizerFast",
    clean_up_tokenization_spaces: false,
    bos_token: named("bos"),
    eos_token: named("eos"),
    unk_token: named("unknown"),
    pad_token: named("padding"),
  });
}

const withoutNothing = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

function byteLevel(metadata: Metadata, ids: ReadonlyMap<string, number>): Record<string, unknown> {
  const merges = metadata.texts("tokenizer.ggml.merges");
  if (merges === undefined) throw metadata.problem("tokenizer.ggml.merges", "a list of texts", undefined);
  const { normalizer, preTokenizer, ignoreMerges } = byteLevelSplit(metadata);
  return {
    normalizer,
    pre_tokenizer: preTokenizer,
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: "",
      end_of_word_suffix: "",
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: ignoreMerges,
      vocab: Object.fromEntries(ids),
      merges,
    },
  };
}

function sentencePiece(
  metadata: Metadata,
  tokens: readonly string[],
  ids: ReadonlyMap<string, number>,
  isGemma: boolean,
  unknown: string | undefined,
): Record<string, unknown> {
  const scores = metadata.numbers("tokenizer.ggml.scores");
  if (!isGemma && scores?.length !== tokens.length) {
    throw metadata.problem("tokenizer.ggml.scores", `${tokens.length} numbers, one a token`, scores?.length);
  }
  // The order of Gemma's merges is that of its tokens, which its scores do not say.
  const scoreOf = (id: number): number => (isGemma ? -id : (scores?.[id] as number));
  const prefixed = metadata.flag("tokenizer.ggml.add_space_prefix") ?? !isGemma;
  const replaced = { type: "Replace", pattern: { String: " " }, content: SPACE };
  const prepended = { type: "Prepend", prepend: SPACE };
  const written = { type: "Replace", pattern: { String: SPACE }, content: " " };
  const decoders = [written, { type: "ByteFallback" }, { type: "Fuse" }];
  return {
    normalizer: prefixed ? { type: "Sequence", normalizers: [prepended, replaced] } : replaced,
    pre_tokenizer: null,
    decoder: {
      type: "Sequence",
      decoders: prefixed ? [...decoders, { type: "Strip", content: " ", start: 1, stop: 0 }] : decoders,
    },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: unknown ?? null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(ids),
      merges: mergesOf(tokens, ids, scoreOf),
    },
  };
}

/** What `transformers` puts before a text, where the file says that its first token does. */
function beginning(metadata: Metadata, token: string | undefined, ids: ReadonlyMap<string, number>): object | null {
  const wanted = metadata.flag("tokenizer.ggml.add_bos_token") ?? metadata.text("tokenizer.ggml.model") === "llama";
  if (!wanted || token === undefined) return null;
  const first = { SpecialToken: { id: token, type_id: 0 } };
  const sequence = (id: string, type: number): object => ({ Sequence: { id, type_id: type } });
  return {
    type: "TemplateProcessing",
    single: [first, sequence("A", 0)],
    pair: [first, sequence("A", 0), { SpecialToken: { id: token, type_id: 1 } }, sequence("B", 1)],
    special_tokens: { [token]: { id: token, ids: [ids.get(token)], tokens: [token] } },
  };
}
