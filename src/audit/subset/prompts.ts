/** Prompts of a scan as numbers: each message between marks of where it begins and ends. */
import { ends, Vocabulary } from "./vocabulary.js";

export interface ScanRow {
  /** The messages before the answer. */
  readonly prompt: readonly { readonly role: string; readonly content: string }[];
  readonly answer: string;
}

const MOST_WORDS = 512;

/** No word of a text holds these signs beside letters. */
const begin = (role: string): string => `<${role}>`;
const end = (role: string): string => `</${role}>`;

const ROLES = ["system", "user", "assistant"] as const;

export class Prompts {
  readonly vocabulary = new Vocabulary();
  readonly words: readonly Int32Array[];
  readonly #edges: ReadonlySet<number>;

  constructor(rows: readonly ScanRow[]) {
    this.#edges = new Set(ROLES.flatMap((role) => [begin(role), end(role)]).map((word) => this.vocabulary.id(word)));
    const { vocabulary } = this;
    this.words = rows.map(({ prompt }) => {
      const words: number[] = [];
      for (const { role, content } of prompt) {
        words.push(vocabulary.id(begin(role)));
        for (const word of vocabulary.ids(content, MOST_WORDS)) words.push(word);
        words.push(vocabulary.id(end(role)));
      }
      return Int32Array.from(ends(words, 2 * MOST_WORDS));
    });
  }

  isEdge = (word: number): boolean => this.#edges.has(word);

  /** Whether words are the whole of a system message with its marks, and at most the mark that follows them. */
  isSystemMessage(words: readonly number[]): boolean {
    const ended = words.findIndex((word) => this.vocabulary.word(word) === end("system"));
    return this.vocabulary.word(words[0] ?? -1) === begin("system") && ended > 0 && words.length - ended <= 2;
  }

  /** The words of all system messages, marks and all. */
  get systemWords(): ReadonlySet<number> {
    const last = this.vocabulary.id(end("system"));
    return new Set(this.words.flatMap((row) => [...row.subarray(0, row.lastIndexOf(last) + 1)]));
  }

  isBeginning = (word: number): boolean => this.isEdge(word) && !this.vocabulary.word(word).startsWith("</");
}

export const textOf = ({ prompt }: ScanRow): string => prompt.map(({ content }) => content).join("\n");

export const lastAsked = ({ prompt }: ScanRow): string => prompt.findLast(({ role }) => role === "user")?.content ?? "";
