/** How byte-level tokenizers cut texts before they merge, by llama.cpp's names of them. */
import type { Metadata } from "./metadata.js";

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const REST = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const WORDS = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
const SIGNS = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*";

const LLAMA3 = `${CONTRACTIONS}|${WORDS}|\\p{N}{1,3}|${SIGNS}|${REST}`;
const QWEN2 = `${CONTRACTIONS}|${WORDS}|\\p{N}|${SIGNS}|${REST}`;

const LEADING = "[^\\r\\n\\p{L}\\p{N}]?";
const UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
const LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
const SLASHED = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*";
const TEKKEN = `${LEADING}${UPPER}*${LOWER}+|${LEADING}${UPPER}+${LOWER}*|\\p{N}|${SLASHED}|${REST}`;
const GPT4O =
  `${LEADING}${UPPER}*${LOWER}+${CONTRACTIONS}?|${LEADING}${UPPER}+${LOWER}*${CONTRACTIONS}?` +
  `|\\p{N}{1,3}|${SLASHED}|${REST}`;

const bytes = (useRegex: boolean) => ({
  type: "ByteLevel",
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
});
const by = (Regex: string) => ({
  type: "Sequence",
  pretokenizers: [{ type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false }, bytes(false)],
});
const digitsFirst = { type: "Sequence", pretokenizers: [{ type: "Digits", individual_digits: true }, bytes(true)] };

interface Split {
  readonly preTokenizer: object;
  readonly normalizer: object | null;
  /** Whether a piece that is a token stays whole, whatever the merges say. */
  readonly ignoreMerges: boolean;
}

const split = (preTokenizer: object, normalizer: object | null = null, ignoreMerges = false): Split => ({
  preTokenizer,
  normalizer,
  ignoreMerges,
});
const NFC = { type: "NFC" };

const SPLITS: Readonly<Record<string, Split>> = {
  "gpt-2": split(bytes(true)),
  olmo: split(bytes(true)),
  smollm: split(digitsFirst),
  starcoder: split(digitsFirst),
  refact: split(digitsFirst),
  "command-r": split(digitsFirst),
  "llama-bpe": split(by(LLAMA3), null, true),
  "llama-v3": split(by(LLAMA3), null, true),
  llama3: split(by(LLAMA3), null, true),
  dbrx: split(by(LLAMA3)),
  "smaug-bpe": split(by(LLAMA3)),
  qwen2: split(by(QWEN2), NFC),
  "deepseek-r1-qwen": split(by(QWEN2)),
  megrez: split(by(QWEN2)),
  tekken: split(by(TEKKEN), null, true),
  "gpt-4o": split(by(GPT4O)),
};

/** llama.cpp's names of all that are read. */
export const PRE_TOKENIZERS = Object.keys(SPLITS);

/**
 * llama.cpp's name of what a tokenizer.json says of normalizing, cutting and merging; undefined where it has none.
 * @param json checked before
 */
export function splitNameOf(json: Readonly<Record<string, unknown>>): string | undefined {
  const { ignore_merges: ignoreMerges } = json["model"] as { readonly ignore_merges?: unknown };
  const wanted = meaning(json["normalizer"], json["pre_tokenizer"], ignoreMerges === true);
  return PRE_TOKENIZERS.find((name) => {
    const { normalizer, preTokenizer, ignoreMerges: whole } = SPLITS[name] as Split;
    return meaning(normalizer, preTokenizer, whole) === wanted;
  });
}

const meaning = (normalizer: unknown, preTokenizer: unknown, ignoreMerges: boolean): string =>
  JSON.stringify([plain(normalizer), plain(preTokenizer), ignoreMerges]);

/** A component without what changes no piece, its keys in one order. */
function plain(component: unknown): unknown {
  const { type, ...rest } = (component ?? {}) as Readonly<Record<string, unknown>>;
  const parts = (rest["pretokenizers"] ?? rest["normalizers"]) as readonly unknown[] | undefined;
  if (parts !== undefined) return parts.length === 1 ? plain(parts[0]) : parts.map(plain);
  const kept = Object.entries(rest).filter(([key]) => key !== "trim_offsets");
  const defaults = type === "ByteLevel" ? { use_regex: true, add_prefix_space: true } : {};
  const all = Object.entries({ ...defaults, ...Object.fromEntries(kept) });
  return [type ?? null, all.toSorted(([a], [b]) => (a < b ? -1 : 1))];
}

export function byteLevelSplit(metadata: Metadata): Split {
  const key = "tokenizer.ggml.pre";
  const name = metadata.text(key);
  const found = name !== undefined && Object.hasOwn(SPLITS, name) ? SPLITS[name] : undefined;
  if (found !== undefined) return found;
  const cure = "askew would cut texts otherwise than the model learned them: use another file or model.";
  throw metadata.problem(key, `one of ${PRE_TOKENIZERS.join(", ")}`, name, cure);
}
