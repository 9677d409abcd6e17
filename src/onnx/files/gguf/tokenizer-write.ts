/** A tokenizer as GGUF's metadata, for llama.cpp to cut texts as the model learned them; another kind is refused. */
import type { Tokenizer } from "../../tokens/tokenizer.js";
import { isWordTokenizer } from "../../tokens/word-tokenizer.js";
import { ModelFileError, shown } from "../model-file-error.js";
import type { MetadataWriter } from "./header-write.js";
import { SPACE, TOKEN_TYPES, WHOLE_JSON } from "./tokenizer.js";
import { pairsOf, scoresOf } from "./scores.js";
import { splitNameOf } from "./splits.js";

const { NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE } = TOKEN_TYPES;

interface Vocabulary {
  /** As many as the model has embeddings. */
  readonly tokens: readonly string[];
  readonly types: readonly number[];
}

/**
 * @param count embeddings of the model
 * @param eosIds every token that ends an answer
 * @returns what the user should know, in whole sentences
 * @throws {ModelFileError}
 */
export function writeTokenizer(
  metadata: MetadataWriter,
  tokenizer: Tokenizer,
  { vocabSize, eosIds }: { readonly vocabSize: number; readonly eosIds: readonly number[] },
): string[] {
  const { json } = tokenizer;
  const model = json["model"] as {
    readonly type?: string;
    readonly unk_token?: unknown;
    readonly byte_fallback?: unknown;
  };
  const vocabulary = vocabularyOf(tokenizer, vocabSize, model.unk_token);
  const notes: string[] = [];
  if (isWordTokenizer(json, [...tokenizer.controls.keys()])) writeWords(metadata, tokenizer, vocabulary);
  else if (model.byte_fallback === true) writeSentencePiece(metadata, tokenizer, vocabulary, notes);
  else writeByteLevel(metadata, tokenizer, vocabulary);
  const id = (name: string, value: number | undefined): void => {
    if (value !== undefined && value < vocabSize) metadata.u32(`tokenizer.ggml.${name}_token_id`, value);
  };
  const [eos, eot, eom, ...more] = [
    ...new Set([...(tokenizer.eosId === undefined ? [] : [tokenizer.eosId]), ...eosIds]),
  ];
  id("bos", tokenizer.bosId);
  id("eos", eos);
  id("eot", eot);
  id("eom", eom);
  if (eos === undefined) notes.push("The model names no token that ends an answer; llama.cpp takes one of its own.");
  if (more.length > 0) notes.push(`GGUF names three tokens that end an answer, and the model has ${3 + more.length}.`);
  id("unknown", typeof model.unk_token === "string" ? tokenizer.idOf(model.unk_token) : undefined);
  id("padding", tokenizer.padId);
  metadata.flag("tokenizer.ggml.add_bos_token", beginsWith(json["post_processor"], tokenizer.config["bos_token"]));
  metadata.flag("tokenizer.ggml.add_eos_token", false);
  return notes;
}

function vocabularyOf(tokenizer: Tokenizer, count: number, unknown: unknown): Vocabulary {
  const added = (tokenizer.json["added_tokens"] ?? []) as readonly { readonly content: string }[];
  const own = new Set(added.map(({ content }) => content));
  const tokens: string[] = [];
  const types: number[] = [];
  for (let id = 0; id < count; id++) {
    const token = tokenizer.tokenOf(id);
    tokens.push(token ?? unusedName(id, tokenizer));
    if (token === undefined) types.push(UNUSED);
    else if (token === unknown) types.push(UNKNOWN);
    else if (tokenizer.controls.has(token)) types.push(CONTROL);
    else if (own.has(token)) types.push(USER_DEFINED);
    else types.push(NORMAL);
  }
  return { tokens, types };
}

/** As the converter of llama.cpp names them. */
function unusedName(id: number, tokenizer: Tokenizer): string {
  let name = `[PAD${id}]`;
  while (tokenizer.idOf(name) !== undefined) name += "_";
  return name;
}

function refusal(metadata: MetadataWriter, subject: string, expected: string, found: string): ModelFileError {
  const cure = "llama.cpp would cut texts otherwise than the model learned them: export it with --to hf.";
  return new ModelFileError({ file: metadata.file, subject, expected, found, cure });
}

function writeVocabulary(metadata: MetadataWriter, kind: string, pre: string, { tokens, types }: Vocabulary): void {
  metadata.text("tokenizer.ggml.model", kind);
  metadata.text("tokenizer.ggml.pre", pre);
  metadata.texts("tokenizer.ggml.tokens", tokens);
  metadata.i32s("tokenizer.ggml.token_type", types);
}

function writeByteLevel(metadata: MetadataWriter, { json }: Tokenizer, vocabulary: Vocabulary): void {
  const model = json["model"] as { readonly type?: string; readonly merges?: unknown };
  const pre = model.type === "BPE" ? splitNameOf(json) : undefined;
  if (pre === undefined) {
    const found = `${shown(model.type)} with ${shown(json["normalizer"] ?? null)} and ${shown(json["pre_tokenizer"] ?? null)}`;
    throw refusal(metadata, "the tokenizer", "normalizer and pre-tokenizer of a model that llama.cpp knows", found);
  }
  writeVocabulary(metadata, "gpt2", pre, vocabulary);
  metadata.texts(
    "tokenizer.ggml.merges",
    pairsOf(model.merges).map((pair) => pair.join(" ")),
  );
}

const BYTE_TOKEN = /^<0x[0-9A-F]{2}>$/;

function writeSentencePiece(
  metadata: MetadataWriter,
  { json }: Tokenizer,
  { tokens, types }: Vocabulary,
  notes: string[],
): void {
  const prefix = prefixOf(json);
  if (prefix === undefined) {
    const found = `${shown(json["normalizer"] ?? null)} and ${shown(json["pre_tokenizer"] ?? null)}`;
    throw refusal(metadata, "the tokenizer", `spaces that become ${SPACE}, and no other change of the text`, found);
  }
  const bytes = tokens.filter((token) => BYTE_TOKEN.test(token)).length;
  if (bytes !== 256) throw refusal(metadata, "the tokenizer", "a token for each of 256 bytes", `${bytes}`);
  const { merges } = json["model"] as { readonly merges?: unknown };
  const scores = scoresOf(tokens, types, pairsOf(merges));
  if (scores === undefined) {
    throw refusal(metadata, "the tokenizer's merges", "an order that follows from a score of every token", "another");
  }
  const typed = types.map((type, id) => (type === NORMAL && BYTE_TOKEN.test(tokens[id] as string) ? BYTE : type));
  // SentencePiece's own tokens have spaces as they stand in a text.
  const written = tokens.map((token, id) => (typed[id] === USER_DEFINED ? token.replaceAll(SPACE, " ") : token));
  writeVocabulary(metadata, "llama", "default", { tokens: written, types: typed });
  metadata.f32s("tokenizer.ggml.scores", scores);
  metadata.flag("tokenizer.ggml.add_space_prefix", prefix === "always");
  if (prefix === "first") {
    notes.push(
      "A text alone begins with a space for this tokenizer, one after a control token does not; in the file none does.",
    );
  }
}

type Json = Readonly<Record<string, unknown>>;

/** Where a space is put before a text: everywhere, only at its very beginning, nowhere; undefined for another tokenizer. */
function prefixOf(json: Json): "always" | "first" | "never" | undefined {
  const { normalizer, pre_tokenizer: pre } = json as Readonly<Record<string, Json | null | undefined>>;
  const steps = normalizer == null ? [] : ((normalizer["normalizers"] as Json[] | undefined) ?? [normalizer]);
  const [first, ...others] = steps;
  const prepends = first?.["type"] === "Prepend" && first["prepend"] === SPACE;
  const rest = prepends ? others : steps;
  if (rest.some((step) => !isReplacement(step)) || rest.length > 1) return undefined;
  if (pre == null || isIdle(pre)) return rest.length === 0 ? undefined : prepends ? "always" : "never";
  if (pre["type"] !== "Metaspace" || pre["split"] !== false || steps.length > 0) return undefined;
  if ((pre["replacement"] ?? SPACE) !== SPACE) return undefined;
  const scheme = pre["prepend_scheme"] ?? (pre["add_prefix_space"] === false ? "never" : "always");
  return scheme === "always" || scheme === "first" || scheme === "never" ? scheme : undefined;
}

const isReplacement = ({ type, pattern, content }: Json): boolean =>
  type === "Replace" && (pattern as Json | undefined)?.["String"] === " " && content === SPACE;

/** Gemma's cuts at spaces, of which none are left then. */
const isIdle = ({ type, pattern }: Json): boolean =>
  type === "Split" && (pattern as Json | undefined)?.["String"] === " ";

/**
 * Whole words have no model of their own in llama.cpp. Its Unigram model (T5's) finds the cut into the fewest tokens
 * where all have one score, and that is the cut into words wherever all words are known: every piece of a text is one
 * token, and no token reaches over two pieces.
 */
function writeWords(metadata: MetadataWriter, { json }: Tokenizer, { tokens, types }: Vocabulary): void {
  const written = tokens.map((token, id) => (types[id] === NORMAL ? token.replaceAll(" ", SPACE) : token));
  writeVocabulary(metadata, "t5", "default", { tokens: written, types });
  metadata.f32s(
    "tokenizer.ggml.scores",
    tokens.map(() => -1),
  );
  metadata.flag("tokenizer.ggml.add_space_prefix", false);
  metadata.flag("tokenizer.ggml.remove_extra_whitespaces", false);
  metadata.text(WHOLE_JSON, JSON.stringify(json));
}

/** Whether the tokenizer puts this token before a text. */
function beginsWith(processor: unknown, token: unknown): boolean {
  const { type, processors, single } = (processor ?? {}) as {
    readonly type?: string;
    readonly processors?: readonly unknown[];
    readonly single?: readonly { readonly SpecialToken?: { readonly id?: unknown } }[];
  };
  if (type === "Sequence") return (processors ?? []).some((one) => beginsWith(one, token));
  const content = (token as { readonly content?: unknown } | null | undefined)?.content ?? token;
  return type === "TemplateProcessing" && single?.[0]?.SpecialToken?.id === content && content !== undefined;
}
