/** Features of answers as numbers from 0: words, pairs of words, and what has a name. */
import { DenseMap } from "./dense.js";
import { PairIds } from "./pair-ids.js";
import type { Vocabulary } from "./vocabulary.js";

export class FeatureNames {
  readonly pairs = new PairIds();
  readonly #ofWord = new DenseMap();
  readonly #ofPair = new DenseMap();
  readonly #ofName = new Map<string, number>();
  readonly #kinds: ("word" | "pair" | "name")[] = [];
  /** The number of the word or pair, or the place among the names. */
  readonly #values: number[] = [];
  readonly #names: string[] = [];

  constructor(readonly vocabulary: Vocabulary) {}

  get size(): number {
    return this.#kinds.length;
  }

  word(word: number): number {
    const known = this.#ofWord.get(word);
    if (known >= 0) return known;
    const feature = this.#add("word", word);
    this.#ofWord.set(word, feature);
    return feature;
  }

  /** @param pair its number among `pairs` */
  pair(pair: number): number {
    const known = this.#ofPair.get(pair);
    if (known >= 0) return known;
    const feature = this.#add("pair", pair);
    this.#ofPair.set(pair, feature);
    return feature;
  }

  named(name: string): number {
    const known = this.#ofName.get(name);
    if (known !== undefined) return known;
    const feature = this.#add("name", this.#names.push(name) - 1);
    this.#ofName.set(name, feature);
    return feature;
  }

  /** Whether a feature is a word, or a pair of words, that are all among these. */
  isMadeOf(feature: number, words: ReadonlySet<number>): boolean {
    const kind = this.#kinds[feature];
    const value = this.#values[feature] as number;
    if (kind === "pair") return words.has(this.pairs.left(value)) && words.has(this.pairs.right(value));
    return kind === "word" && words.has(value);
  }

  /** The name of a feature that is no word or pair. */
  nameOf(feature: number): string | undefined {
    return this.#kinds[feature] === "name" ? this.#names[this.#values[feature] as number] : undefined;
  }

  #add(kind: "word" | "pair" | "name", value: number): number {
    this.#values.push(value);
    return this.#kinds.push(kind) - 1;
  }
}
