/**
 * The tokenizers library behind a wall: it would cut control tokens out of any text it is given, so it knows them under
 * names that no text can contain, and patterns of a stranger's file may backtrack without end, so it runs on a clock.
 */
import { Tokenizer as UntypedLibrary } from "@huggingface/tokenizers";
import { ModelFileError, shown } from "../files/model-file-error.js";
import { TimeLimitError, withTimeLimit } from "./time-limit.js";
import type { AddedToken, TokenizerFacts } from "./tokenizer-json.js";

/** What askew uses of the library, whose own types do not resolve under `nodenext`. */
interface Library {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
  decode(ids: number[]): string;
}
const LibraryConstructor = UntypedLibrary as unknown as new (json: object, config: object) => Library;

export class LibraryTokenizer {
  readonly #library: Library;
  /** The true names of added tokens, by id. */
  readonly #names: ReadonlyMap<number, string>;

  constructor(
    facts: TokenizerFacts,
    config: Readonly<Record<string, unknown>>,
    readonly file: string,
  ) {
    this.#names = new Map(facts.added.map(({ id, content }) => [id, content]));
    const added = (facts.json["added_tokens"] ?? []) as Record<string, unknown>[];
    const json = {
      ...facts.json,
      normalizer: facts.json["normalizer"] ?? null,
      pre_tokenizer: facts.json["pre_tokenizer"] ?? null,
      decoder: facts.json["decoder"] ?? null,
      post_processor: null,
      model: { ...(facts.json["model"] as object), type: facts.modelKind },
      added_tokens: added.map((token, i) => {
        const { id, control } = facts.added[i] as AddedToken;
        return control ? { ...token, content: hiddenName(id), normalized: false, special: true } : token;
      }),
    };
    const settings = { clean_up_tokenization_spaces: config["clean_up_tokenization_spaces"] === true };
    try {
      this.#library = withTimeLimit(60_000, () => new LibraryConstructor(json, settings));
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

  #limited<T>(length: number, task: () => T): T {
    try {
      return withTimeLimit(10_000 + Math.ceil(length / 20), task);
    } catch (error) {
      const late = error instanceof TimeLimitError;
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
