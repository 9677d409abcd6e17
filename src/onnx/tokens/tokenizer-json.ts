/**
 * Checks a `tokenizer.json` before a tokenizer library sees it: the library trusts its input, so wrong types, ids
 * beyond the vocabulary or components it would loop over must be found here.
 */
import { ModelFileError, shown } from "../files/model-file-error.js";

type Json = Readonly<Record<string, unknown>>;

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Whether it steers the model and so must not be made from text. */
  readonly control: boolean;
}

/** What the checks found out. */
export interface TokenizerFacts {
  readonly json: Json;
  readonly modelKind: "BPE" | "WordPiece" | "Unigram";
  /** Token → id, added tokens included. */
  readonly ids: ReadonlyMap<string, number>;
  /** Largest id + 1. */
  readonly size: number;
  readonly added: readonly AddedToken[];
  /** The token for what is not known; undefined when every text can be encoded. */
  readonly unknown: string | undefined;
}

const LARGEST_ID = 2 ** 21;
const MOST_MERGES = 2 ** 22;
const LONGEST_TOKEN = 4096;
/** Some files do not mark all of their control tokens as special; their names give them away. */
const CONTROL_NAME = /^<.+>$|^\[.+\]$/s;
/** Gemma has tokens for tags of HTML, which are text like any other. */
const HTML_TAG =
  /^<\/?(?:a|b|bbox|blockquote|body|caption|code|div|em|footer|h[1-6]|html|i|iframe|img|li|s|span|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|u|ul)>$/;
/** `<s>` alone begins a text in most vocabularies. */
const HTML_WITNESS = "<strong>";

/** Parts of a tokenizer that askew lets the library run; all of them take time linear in the text but for their patterns. */
const components = {
  normalizer: [
    "NFC",
    "NFD",
    "NFKC",
    "NFKD",
    "Lowercase",
    "Strip",
    "StripAccents",
    "Replace",
    "Prepend",
    "BertNormalizer",
    "Precompiled",
    "Sequence",
  ],
  pre_tokenizer: [
    "ByteLevel",
    "Split",
    "Whitespace",
    "WhitespaceSplit",
    "Metaspace",
    "Digits",
    "Punctuation",
    "BertPreTokenizer",
    "Sequence",
  ],
  decoder: [
    "ByteLevel",
    "Metaspace",
    "WordPiece",
    "BPEDecoder",
    "Replace",
    "Fuse",
    "Strip",
    "ByteFallback",
    "Sequence",
  ],
} as const;

/** @throws {ModelFileError} naming the key or token. */
export function checkTokenizerJson(json: unknown, file: string): TokenizerFacts {
  const problem = (subject: string, expected: string, found: unknown): ModelFileError =>
    new ModelFileError({
      file,
      subject,
      expected,
      found: typeof found === "string" ? found : shown(found),
      cure: "The file is damaged or of a kind that askew does not read: save it again with the tokenizers library.",
    });
  if (!isObject(json)) throw problem("the tokenizer", "an object", json);
  const model = json["model"];
  if (!isObject(model)) throw problem("model", "an object", model);
  const modelKind = kindOf(model);
  if (!modelKind) throw problem("model.type", "BPE, WordPiece or Unigram", model["type"]);

  const ids = modelKind === "Unigram" ? unigramIds(model, problem) : vocabularyIds(model, problem);
  if (modelKind === "BPE") checkMerges(model, problem);
  if (modelKind !== "Unigram") {
    for (const key of ["unk_token", "continuing_subword_prefix", "continuing_subword_suffix", "end_of_word_suffix"]) {
      const value = model[key] ?? null;
      if (value !== null && (typeof value !== "string" || value.length > 256))
        throw problem(`model.${key}`, "a short text or null", value);
    }
    const longest = model["max_input_chars_per_word"] ?? 100;
    if (!isIndex(longest, 1001)) throw problem("model.max_input_chars_per_word", "a whole number up to 1000", longest);
  }
  if (modelKind === "BPE") {
    // What a library passes over in silence would make other tokens than the model learned.
    for (const key of ["continuing_subword_prefix", "dropout"]) {
      const value = model[key] ?? null;
      if (value !== null && value !== "" && value !== 0) throw problem(`model.${key}`, "none in a BPE model", value);
    }
  }
  const unknown = unknownToken(model, modelKind, problem);
  if (unknown !== undefined && !ids.has(unknown))
    throw problem("model.unk_token", "a token of the vocabulary", unknown);

  const added = checkAdded(json["added_tokens"] ?? [], ids, problem);
  for (const kind of ["normalizer", "pre_tokenizer", "decoder"] as const) {
    checkComponent(json[kind] ?? null, kind, kind, problem, { left: 64 }, 0);
  }
  let size = 0;
  for (const id of ids.values()) size = Math.max(size, id + 1);
  return { json, modelKind, ids, size, added, unknown };
}

type Problem = (subject: string, expected: string, found: unknown) => ModelFileError;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isIndex(value: unknown, end: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < end;
}

/** Files of early versions have no type; what they hold tells it. */
function kindOf(model: Json): TokenizerFacts["modelKind"] | undefined {
  const type = model["type"];
  if (type === "BPE" || type === "WordPiece" || type === "Unigram") return type;
  if (type !== undefined) return undefined;
  if (Array.isArray(model["vocab"])) return "Unigram";
  return "merges" in model ? "BPE" : "continuing_subword_prefix" in model ? "WordPiece" : undefined;
}

function vocabularyIds(model: Json, problem: Problem): Map<string, number> {
  const vocab = model["vocab"];
  if (!isObject(vocab)) throw problem("model.vocab", "an object: token → id", vocab);
  const ids = new Map<string, number>();
  const taken = new Set<number>();
  for (const [token, id] of Object.entries(vocab)) {
    if (!isIndex(id, LARGEST_ID))
      throw problem(`model.vocab, token ${shown(token)}`, `an id from 0 to ${LARGEST_ID - 1}`, id);
    if (taken.has(id))
      throw problem(`model.vocab, token ${shown(token)}`, "an id of its own", `${id}, which another token has`);
    if (token.length > LONGEST_TOKEN)
      throw problem("model.vocab", `tokens of at most ${LONGEST_TOKEN} characters`, `one of ${token.length}`);
    taken.add(id);
    ids.set(token, id);
  }
  if (ids.size === 0) throw problem("model.vocab", "at least one token", "none");
  return ids;
}

function unigramIds(model: Json, problem: Problem): Map<string, number> {
  const vocab = model["vocab"];
  if (!Array.isArray(vocab) || vocab.length === 0 || vocab.length > LARGEST_ID) {
    throw problem("model.vocab", `a list of 1 to ${LARGEST_ID} tokens with scores`, vocab);
  }
  const ids = new Map<string, number>();
  vocab.forEach((entry: unknown, id) => {
    const [token, score] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof token !== "string" || token.length > LONGEST_TOKEN || typeof score !== "number")
      throw problem(`model.vocab[${id}]`, "[token, score]", entry);
    if (!ids.has(token)) ids.set(token, id);
  });
  return ids;
}

function checkMerges(model: Json, problem: Problem): void {
  const merges = model["merges"];
  if (!Array.isArray(merges) || merges.length > MOST_MERGES)
    throw problem("model.merges", `a list of at most ${MOST_MERGES} pairs`, merges);
  const pairs = Array.isArray(merges[0]);
  merges.forEach((merge: unknown, rank) => {
    const parts: unknown[] =
      pairs && Array.isArray(merge) ? merge : !pairs && typeof merge === "string" ? merge.split(" ") : [];
    const sound =
      parts.length === 2 &&
      parts.every((part) => typeof part === "string" && part !== "" && part.length <= LONGEST_TOKEN);
    if (!sound) throw problem(`model.merges[${rank}]`, pairs ? "two tokens" : "two tokens with a space between", merge);
  });
}

function unknownToken(model: Json, kind: TokenizerFacts["modelKind"], problem: Problem): string | undefined {
  if (kind === "Unigram") {
    const vocab = model["vocab"] as [string, number][];
    const id = model["unk_id"];
    if (!isIndex(id, vocab.length)) throw problem("model.unk_id", `an id below ${vocab.length}`, id);
    return model["byte_fallback"] === true ? undefined : vocab[id]?.[0];
  }
  const token = model["unk_token"];
  if (kind === "WordPiece" && typeof token !== "string") throw problem("model.unk_token", "a token", token);
  return typeof token === "string" && model["byte_fallback"] !== true ? token : undefined;
}

/** Adds them to `ids`. */
function checkAdded(list: unknown, ids: Map<string, number>, problem: Problem): AddedToken[] {
  if (!Array.isArray(list) || list.length > 2 ** 16)
    throw problem("added_tokens", "a list of at most 65536 tokens", list);
  const tokenOf = new Map([...ids].map(([token, id]) => [id, token]));
  const seen = new Set<string>();
  const hasHtml = list.some((entry: unknown) => isObject(entry) && entry["content"] === HTML_WITNESS);
  const isControl = (content: string): boolean => CONTROL_NAME.test(content) && !(hasHtml && HTML_TAG.test(content));
  return list.map((entry: unknown, i): AddedToken => {
    const subject = `added_tokens[${i}]`;
    if (!isObject(entry)) throw problem(subject, "an object", entry);
    const { id, content, special } = entry;
    if (typeof content !== "string" || content === "" || content.length > 256 || /\p{Surrogate}/u.test(content)) {
      throw problem(`${subject}.content`, "a text of 1 to 256 characters", content);
    }
    if (!isIndex(id, LARGEST_ID))
      throw problem(`${subject} ${shown(content)}`, `an id from 0 to ${LARGEST_ID - 1}`, id);
    if (special !== undefined && typeof special !== "boolean")
      throw problem(`${subject} ${shown(content)}`, "special to be true or false", special);
    if ((entry["single_word"] ?? false) !== false)
      throw problem(
        `${subject} ${shown(content)}`,
        "single_word to be false: askew knows no other",
        entry["single_word"],
      );
    if (seen.has(content)) throw problem(`${subject} ${shown(content)}`, "every added token once", "it twice");
    const before = ids.get(content) ?? id;
    const holder = tokenOf.get(id) ?? content;
    if (before !== id || holder !== content) {
      const found = before !== id ? `${id}, but ${before} in the vocabulary` : `${id}, which ${shown(holder)} has`;
      throw problem(`${subject} ${shown(content)}`, "an id of its own", found);
    }
    seen.add(content);
    ids.set(content, id);
    tokenOf.set(id, content);
    return { id, content, control: special === true || isControl(content) };
  });
}

function checkComponent(
  value: unknown,
  kind: keyof typeof components,
  path: string,
  problem: Problem,
  budget: { left: number },
  depth: number,
): void {
  if (value === null) return;
  if (!isObject(value)) throw problem(path, "an object or null", value);
  if (depth > 4 || --budget.left < 0) throw problem(path, "at most 64 components, nested at most 4 deep", "more");
  const type = value["type"];
  const allowed: readonly string[] = components[kind];
  if (typeof type !== "string" || !allowed.includes(type)) throw problem(`${path}.type`, allowed.join(", "), type);
  for (const key of ["content", "replacement", "prepend", "prefix", "suffix"]) {
    const text = value[key] ?? "";
    if (typeof text !== "string" || text.length > 64)
      throw problem(`${path}.${key}`, "a text of at most 64 characters", text);
  }
  for (const key of ["start", "stop"]) {
    if (!isIndex(value[key] ?? 0, 1025)) throw problem(`${path}.${key}`, "a whole number up to 1024", value[key]);
  }
  checkPattern(value["pattern"], `${path}.pattern`, problem);
  if ((type === "Split" || type === "Replace") && value["pattern"] === undefined)
    throw problem(`${path}.pattern`, 'a "Regex" or "String"', value["pattern"]);
  for (const key of ["invert", "individual_digits", "split", "add_prefix_space"]) {
    if (typeof (value[key] ?? false) !== "boolean") throw problem(`${path}.${key}`, "true or false", value[key]);
  }
  if (type !== "Sequence") return;
  const list = value[{ normalizer: "normalizers", pre_tokenizer: "pretokenizers", decoder: "decoders" }[kind]];
  if (!Array.isArray(list)) throw problem(path, "a list of components", list);
  list.forEach((item: unknown, i) => checkComponent(item, kind, `${path}[${i}]`, problem, budget, depth + 1));
}

function checkPattern(pattern: unknown, path: string, problem: Problem): void {
  if (pattern === undefined) return;
  const text = isObject(pattern) ? (pattern["Regex"] ?? pattern["String"]) : undefined;
  if (typeof text !== "string" || text === "" || text.length > 8192)
    throw problem(path, 'a "Regex" or "String" of 1 to 8192 characters', pattern);
}
