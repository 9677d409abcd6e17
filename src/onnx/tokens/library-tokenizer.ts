/**
 * The tokenizers library behind a wall: it would cut control tokens out of any text it is given, so it knows them under
 * names that no text can contain, and patterns of a stranger's file may backtrack without end, so it runs on a clock.
 */
import { Tokenizer as UntypedLibrary } from "@huggingface/tokenizers";
import { ModelFileError, shown } from "../files/model-file-error.js";
import { preTokenizerForLibrary, UnsupportedPreTokenizer } from "./pre-tokenizers.js";
import { TimeLimitError, withTimeLimit } from "./time-limit.js";
import type { AddedToken, TokenizerFacts } from "./tokenizer-json.js";

/** What askew uses of the library, whose own types do not resolve under `nodenext`. */
interface Library {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
  decode(ids: number[]): string;
}
const LibraryConstructor = UntypedLibrary as unknown as new (json: object, config: object) => Library;

/** Milliseconds that reading a vocabulary may take, and one text; it takes a thousandth of that, or a machine is busy. */
const OPENING = 20_000;
const AT_ONCE = 3000;
const MOST_LATE = 3;
/** Characters that it has a millisecond more for. */
const PER_MILLISECOND = 20;

export class LibraryTokenizer {
  #lates = 0;
  readonly #library: Library;
  /** The true names of added tokens, by id. */
  readonly #names: ReadonlyMap<number, string>;

  constructor(
    facts: TokenizerFacts,
    readonly file: string,
  ) {
    this.#names = new Map(facts.added.map(({ id, content }) => [id, content]));
    const added = (facts.json["added_tokens"] ?? []) as Record<string, unknown>[];
    const json = {
      ...facts.json,
      normalizer: facts.json["normalizer"] ?? null,
      pre_tokenizer: this.#preTokenizer(
        facts.json["pre_tokenizer"] as Readonly<Record<string, unknown>> | null | undefined,
      ),
      decoder: facts.json["decoder"] ?? null,
      post_processor: null,
      model: {
        ...(facts.modelKind === "WordPiece" && { continuing_subword_prefix: "##" }), // where the file says nothing
        ...(facts.json["model"] as object),
        type: facts.modelKind,
      },
      added_tokens: added.map((token, i) => {
        const { id, control } = facts.added[i] as AddedToken;
        return control ? { ...token, content: hiddenName(id), normalized: false, special: true } : token;
      }),
    };
    // Whatever tokenizer_config.json says: "cleaning up" makes `a!= b` of `a != b`, and code is not to be changed.
    const settings = { clean_up_tokenization_spaces: false };
    try {
      this.#library = withTimeLimit(OPENING, () => new LibraryConstructor(json, settings));
    } catch (error) {
      const found = shown(error instanceof Error ? error.message : error);
      const cure = "Save it again with the tokenizers library.";
      const expected = "a tokenizer that the tokenizers library opens";
      throw new ModelFileError({ file, expected, found, cure }, { cause: error });
    }
  }

  /** Ids of control tokens and texts, as one sequence. Texts may come out as anything: the caller checks. */
  encode(parts: readonly (number | string)[]): number[] {
    const text = parts.map((part) => (typeof part === "number" ? hiddenName(part) : wellFormed(part))).join("");
    if (text === "") return [];
    return this.#limited(text.length, () => this.#library.encode(text, { add_special_tokens: false }).ids);
  }

  /** @param ids at least one. */
  decode(ids: number[]): string {
    const text = this.#limited(ids.length, () => this.#library.decode(ids));
    return text.replace(/\uDC00(\d+)\uDC01/gu, (_name, id: string) => this.#names.get(Number(id)) ?? "");
  }

  #preTokenizer(component: Readonly<Record<string, unknown>> | null | undefined): object | null {
    try {
      return preTokenizerForLibrary(component ?? null);
    } catch (error) {
      if (!(error instanceof UnsupportedPreTokenizer)) throw error;
      const cure = "Use another model: askew would encode its texts otherwise than the model learned them.";
      const expected = "a pre-tokenizer that askew can run";
      throw new ModelFileError(
        { file: this.file, subject: "pre_tokenizer", expected, found: error.message, cure },
        { cause: error },
      );
    }
  }

  /** A tokenizer that was too slow several times is not asked again. */
  #limited<T>(length: number, task: () => T): T {
    try {
      if (this.#lates >= MOST_LATE) throw new TimeLimitError("other texts took too long before");
      return withTimeLimit(AT_ONCE + Math.ceil(length / PER_MILLISECOND), task);
    } catch (error) {
      const late = error instanceof TimeLimitError;
      if (late) this.#lates++;
      throw new ModelFileError(
        {
          file: this.file,
          expected: "tokens for every text",
          found: late ? `no end with ${length} characters or ids (${error.message})` : shown((error as Error).message),
          cure: "The tokenizer is damaged or made to do harm: use the model's original one.",
        },
        { cause: error },
      );
    }
  }
}

/** Half surrogate pairs are no text, so no message contains this name. */
function hiddenName(id: number): string {
  return `\uDC00${id}\uDC01`;
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\uFFFD");
}
