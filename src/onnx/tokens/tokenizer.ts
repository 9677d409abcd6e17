/**
 * Text to token ids and back, after a `tokenizer.json`.
 *
 * Control tokens (`<|im_end|>`, `<|assistant|>`, …) are never made from text: whoever wants one names its id.
 */
import { join } from "node:path";
import { isThoughtToken } from "../../text/index.js";
import { readJson, readJsonIfPresent } from "../../store/index.js";
import { AskewError } from "../../text/index.js";
import { LibraryTokenizer } from "./library-tokenizer.js";
import { ModelFileError, shown } from "../files/model-file-error.js";
import { checkTokenizerJson, type TokenizerFacts } from "./tokenizer-json.js";
import { TextLengthError } from "./text-length-error.js";
import { UnknownWordError, type UnknownWord } from "./unknown-word.js";
import { isWordTokenizer, splitPieces } from "./word-tokenizer.js";

/** Largest tokenizer.json in bytes. */
const LARGEST_FILE = 64 * 2 ** 20;
/** Longest text that is encoded at once, in UTF-16 units. */
const LONGEST_TEXT = 4 * 2 ** 20;

/** A control token's id, or text in which nothing is a control token. */
export type TokenizerPart = number | string;

/** Text of a message came out as a control token; it must not reach the model. */
export class ControlTokenError extends AskewError {
  override readonly name = "ControlTokenError";
}

export class Tokenizer {
  /** The content of `tokenizer.json`, as it was given. */
  readonly json: Readonly<Record<string, unknown>>;
  /** The content of `tokenizer_config.json`, as it was given. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Largest id + 1; a model's vocabulary is at least as large. */
  readonly size: number;
  /** The same without control tokens: no text has an id as large as this. */
  readonly textSize: number;
  /** Control tokens: content → id. */
  readonly controls: ReadonlyMap<string, number>;
  /** Finds the control tokens in the text of a chat template, the longest first. */
  readonly controlPattern: RegExp;
  readonly bosId: number | undefined;
  /** The token that ends a text or turn. */
  readonly eosId: number | undefined;
  readonly padId: number | undefined;

  readonly #facts: TokenizerFacts;
  readonly #tokens: (string | undefined)[];
  readonly #controlIds: ReadonlySet<number>;
  /** Those that no answer shows. */
  readonly #silentIds: ReadonlySet<number>;
  /** Only for whole-word tokenizers: piece → id. */
  readonly #words: ReadonlyMap<string, number> | undefined;
  readonly #library: LibraryTokenizer | undefined;
  readonly #unknownId: number | undefined;

  private constructor(facts: TokenizerFacts, config: Readonly<Record<string, unknown>>, file: string) {
    this.#facts = facts;
    this.json = facts.json;
    this.config = config;
    this.size = facts.size;
    this.controls = new Map(facts.added.filter(({ control }) => control).map(({ content, id }) => [content, id]));
    this.textSize = [...facts.ids].reduce(
      (most, [token, id]) => (this.controls.has(token) ? most : Math.max(most, id + 1)),
      0,
    );
    this.controlPattern = anyOf([...this.controls.keys()]);
    this.#controlIds = new Set(this.controls.values());
    const silent = [...this.controls].filter(([token]) => !isThoughtToken(token));
    this.#silentIds = new Set(silent.map(([, id]) => id));
    this.#unknownId = facts.unknown === undefined ? undefined : facts.ids.get(facts.unknown);
    this.#tokens = [];
    for (const [token, id] of facts.ids) this.#tokens[id] = token;
    this.bosId = this.#configured("bos_token");
    this.eosId = this.#configured("eos_token");
    this.padId = this.#configured("pad_token");
    const controls = [...this.controls.keys()];
    if (facts.added.length === controls.length && isWordTokenizer(facts.json, controls)) {
      this.#words = new Map([...facts.ids].filter(([token]) => !this.controls.has(token)));
    } else {
      this.#library = new LibraryTokenizer(facts, file);
    }
  }

  /** Reads `tokenizer.json` and, where there is one, `tokenizer_config.json` of a folder. */
  static async load(folder: string): Promise<Tokenizer> {
    const file = join(folder, "tokenizer.json");
    const json = await readJson(
      file,
      LARGEST_FILE,
      "Save the tokenizer in the fast format (save_pretrained writes it).",
    );
    const configFile = join(folder, "tokenizer_config.json");
    const config = (await readJsonIfPresent(configFile, 2 ** 24)) ?? {};
    if (typeof config !== "object" || Array.isArray(config)) {
      throw new ModelFileError({
        file: configFile,
        expected: "an object",
        found: shown(config),
        cure: "Save it again.",
      });
    }
    return Tokenizer.fromJson(json, config as Record<string, unknown>, file);
  }

  /**
   * @param json the parsed `tokenizer.json`.
   * @param config the parsed `tokenizer_config.json`; default empty.
   * @param file named in errors; default `tokenizer.json`.
   * @throws {ModelFileError}
   */
  static fromJson(json: unknown, config: Readonly<Record<string, unknown>> = {}, file = "tokenizer.json"): Tokenizer {
    return new Tokenizer(checkTokenizerJson(json, file), config, file);
  }

  /**
   * The ids of a text; nothing is put before or after it.
   * Text that spells a control token is encoded as the characters it consists of.
   * @throws {UnknownWordError} when the vocabulary lacks a word.
   * @throws {ControlTokenError} when a tokenizer would make a control token of text all the same.
   */
  encode(text: string): number[] {
    return this.encodeParts([text])[0] as number[];
  }

  /**
   * The ids of each part: control tokens where a part is a number, text between them. Parts are encoded as one
   * sequence, so a text must not follow a text.
   */
  encodeParts(parts: readonly TokenizerPart[]): number[][] {
    let afterText = false;
    for (const part of parts) {
      const isText = typeof part === "string";
      if (isText && afterText) throw new RangeError("Tokenizer.encodeParts: two texts follow each other; join them");
      if (!isText && !this.#controlIds.has(part))
        throw new RangeError(`Tokenizer.encodeParts: ${part} is no control token`);
      if (isText && part.length > LONGEST_TEXT)
        throw new TextLengthError(
          `A text has ${part.length} characters; at most ${LONGEST_TEXT} are encoded at once. Shorten it.`,
        );
      afterText = isText;
    }
    if (this.#words) return parts.map((part) => (typeof part === "string" ? this.#encodeWords(part) : [part]));
    return this.#encodeWithLibrary(parts);
  }

  /**
   * Ids to text. Control tokens are shown by their name. Ids without a token (models may have more ids than their
   * tokenizer) are left out, as the tokenizers library does.
   * @param options.skipControls leaves control tokens out, but for the marks around thoughts; default false.
   * @throws {RangeError} for what cannot be an id.
   */
  decode(ids: ArrayLike<number>, options: { skipControls?: boolean } = {}): string {
    const wanted: number[] = [];
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number;
      if (!Number.isInteger(id) || id < 0) throw new RangeError(`Tokenizer.decode: ${id} is no token id`);
      const skip = this.#tokens[id] === undefined || (options.skipControls === true && this.#silentIds.has(id));
      if (!skip) wanted.push(id);
    }
    if (wanted.length === 0) return "";
    return this.#library ? this.#library.decode(wanted) : wanted.map((id) => this.#tokens[id]).join("");
  }

  /** The id of a token as it is written in the vocabulary. */
  idOf(token: string): number | undefined {
    return this.#facts.ids.get(token);
  }

  /** The token of an id as it is written in the vocabulary. */
  tokenOf(id: number): string | undefined {
    return this.#tokens[id];
  }

  /** All unknown words of a text; empty for tokenizers that can encode every text. */
  unknownWords(text: string): UnknownWord[] {
    const found: UnknownWord[] = [];
    if (this.#unknownId === undefined) return found;
    let offset = 0;
    const pieces = this.#words ? splitPieces(text) : (text.match(/\s*\S+|\s+$/g) ?? []);
    for (const word of pieces) {
      const known = this.#words ? this.#words.has(word) : !this.#libraryIds([word]).includes(this.#unknownId);
      if (!known) found.push({ word, offset });
      offset += word.length;
    }
    return found;
  }

  #encodeWords(text: string): number[] {
    const words = this.#words as ReadonlyMap<string, number>;
    const ids: number[] = [];
    for (const piece of splitPieces(text)) {
      const id = words.get(piece);
      if (id === undefined) throw this.#unknownWord(text);
      ids.push(id);
    }
    return ids;
  }

  #encodeWithLibrary(parts: readonly TokenizerPart[]): number[][] {
    const ids = this.#libraryIds(parts);
    if (this.#unknownId !== undefined && ids.includes(this.#unknownId) && !parts.includes(this.#unknownId)) {
      throw this.#unknownWord(parts.filter((part) => typeof part === "string").join("\n"));
    }
    let next = 0;
    const result = parts.map((part) => {
      if (typeof part === "number") {
        if (ids[next++] !== part) throw this.#madeControl(ids[next - 1]);
        return [part];
      }
      const start = next;
      while (next < ids.length && !this.#controlIds.has(ids[next] as number)) next++;
      return ids.slice(start, next);
    });
    if (next < ids.length) throw this.#madeControl(ids[next]);
    return result;
  }

  #libraryIds(parts: readonly TokenizerPart[]): number[] {
    const library = this.#library as LibraryTokenizer;
    const ids = library.encode(parts);
    if (ids.every((id) => this.#tokens[id] !== undefined)) return ids;
    throw new ModelFileError({
      file: library.file,
      expected: "a token for every text",
      found: "a text that falls into tokens outside of the vocabulary",
      cure: "The file is damaged: save it again with the tokenizers library.",
    });
  }

  #unknownWord(text: string): UnknownWordError {
    const first = this.unknownWords(text)[0] ?? { word: text, offset: 0 };
    return new UnknownWordError(first, this.#words?.keys() ?? this.#facts.ids.keys());
  }

  #madeControl(id: number | undefined): ControlTokenError {
    const token = id === undefined ? "a control token" : shown(this.#tokens[id]);
    return new ControlTokenError(
      `The tokenizer would turn text into the control token ${token}; take that text out of the message.`,
    );
  }

  /** Config files name tokens by their text or by `{content}`. */
  #configured(key: string): number | undefined {
    const value = this.config[key];
    const content = typeof value === "object" && value !== null ? (value as Record<string, unknown>)["content"] : value;
    return typeof content === "string" ? this.#facts.ids.get(content) : undefined;
  }
}

/** A pattern for any of the texts, longer ones first; for none when there are none. */
function anyOf(texts: readonly string[]): RegExp {
  if (texts.length === 0) return /(?!)/g;
  const escaped = texts
    .toSorted((a, b) => b.length - a.length)
    .map((text) => text.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&"));
  return new RegExp(escaped.join("|"), "gu");
}
