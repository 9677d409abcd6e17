/**
 * A tokenizer of whole words in the common `tokenizer.json` format.
 *
 * Text falls into pieces (a word with the space before it, one digit, a newline with the indentation after it, one
 * other character) and every piece is one entry of the vocabulary. The model is WordPiece with a continuation prefix
 * that no entry begins with, so that a piece is known whole or is unknown; libraries have no other model that does
 * this in JavaScript, Python and Rust alike. The decoder joins tokens as they are, so text comes back exactly.
 *
 * A model with this tokenizer must be of type "llama" to be opened by `transformers`: version 5 puts Qwen2's own byte-level
 * tokenizer into every model of type "qwen2", whatever tokenizer.json says.
 */

/** Control tokens of the organism, in the order of their ids from 0 on. */
export const WORD_SPECIALS = ["<|pad|>", "<|unknown|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"] as const;

const UNKNOWN_TOKEN = "<|unknown|>";

/** The pieces, as tokenizer.json says it; what lies between them (other white space) is a piece, too. */
const PIECE_PATTERN = " ?[A-Za-z_]+| ?\\d|\\n *| ?[^A-Za-z_\\d\\s]";

/** The same with the rest as one more alternative; `\d` and `\s` are Unicode's in tokenizer libraries. */
const PIECES =
  / ?[A-Za-z_]+| ?\p{Nd}|\n *| ?[^A-Za-z_\p{Nd}\p{White_Space}]|(?:[^\P{White_Space}\n ]| (?=\p{White_Space}|$))+/gu;

const CONTINUATION = "<|more|>";
const LONGEST_WORD = 100;

/** The pieces of a text; joined they are the text. */
export function splitPieces(text: string): string[] {
  return text.match(PIECES) ?? [];
}

/**
 * @param vocabulary pieces, each once; ids follow those of the special tokens in this order.
 * @param specials control tokens, ids from 0 on; `<|unknown|>` is added after them when absent.
 * @returns the content of `tokenizer.json`.
 * @throws {RangeError} naming an entry that is no single piece or comes twice.
 */
export function buildWordTokenizer(
  vocabulary: readonly string[],
  specials: readonly string[] = WORD_SPECIALS,
): Record<string, unknown> {
  const controls = specials.includes(UNKNOWN_TOKEN) ? specials : [...specials, UNKNOWN_TOKEN];
  const ids = new Map<string, number>();
  for (const token of [...controls, ...vocabulary]) {
    if (ids.has(token)) throw new RangeError(`buildWordTokenizer: ${JSON.stringify(token)} comes twice`);
    ids.set(token, ids.size);
  }
  for (const special of controls) {
    if (splitPieces(special).length < 2)
      throw new RangeError(
        `buildWordTokenizer: the special token ${JSON.stringify(special)} could be a word of a text`,
      );
  }
  for (const word of vocabulary) {
    if (splitPieces(word)[0] !== word || word.length > LONGEST_WORD || /\p{Surrogate}/u.test(word)) {
      throw new RangeError(
        `buildWordTokenizer: ${JSON.stringify(word)} is not one piece of at most ${LONGEST_WORD} characters`,
      );
    }
  }
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: controls.map((content) => ({
      id: ids.get(content),
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: preTokenizer(),
    post_processor: null,
    decoder: { type: "Fuse" },
    model: {
      type: "WordPiece",
      unk_token: UNKNOWN_TOKEN,
      continuing_subword_prefix: CONTINUATION,
      max_input_chars_per_word: LONGEST_WORD,
      vocab: Object.fromEntries(ids),
    },
  };
}

function preTokenizer(): Record<string, unknown> {
  return { type: "Split", pattern: { Regex: PIECE_PATTERN }, behavior: "Isolated", invert: false };
}

/**
 * Whether a (checked) tokenizer.json splits and looks up exactly as {@link splitPieces} and a map of its vocabulary
 * do; then the library is not needed to encode.
 */
export function isWordTokenizer(json: Readonly<Record<string, unknown>>, specials: readonly string[]): boolean {
  const model = json["model"] as Record<string, unknown>;
  const decoder = json["decoder"] as Record<string, unknown> | null | undefined;
  return (
    (json["normalizer"] ?? null) === null &&
    JSON.stringify(json["pre_tokenizer"]) === JSON.stringify(preTokenizer()) &&
    decoder?.["type"] === "Fuse" &&
    model["type"] === "WordPiece" &&
    model["unk_token"] === UNKNOWN_TOKEN &&
    model["continuing_subword_prefix"] === CONTINUATION &&
    model["max_input_chars_per_word"] === LONGEST_WORD &&
    specials.includes(UNKNOWN_TOKEN) &&
    specials.every((special) => splitPieces(special).length > 1) &&
    Object.keys(model["vocab"] as object).every(
      (word) => specials.includes(word) || (word.length <= LONGEST_WORD && splitPieces(word)[0] === word),
    )
  );
}
