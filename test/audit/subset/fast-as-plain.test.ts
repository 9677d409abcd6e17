// The search for a hidden subset is written for speed; on random input it gives exactly what the plain statistics give.
import { Random } from "askew/statistics";
import {
  frequentPhrases,
  MatchedSets,
  Neighbours,
  separation,
  spanOf,
  SparseRows,
  Vocabulary,
  weakMarks,
  wordsOf,
} from "#internal/audit";
import { describe, expect, it } from "vitest";
import { plainNearest, plainPhrases, plainRanks, plainSeparation, plainSpan } from "./plain.js";

const SEEDS = [1, 2, 3, 4];

/** Rows of distinct features; low numbers are in many rows. */
function randomRows(random: Random, n: number, features: number): number[][] {
  return Array.from({ length: n }, () => {
    const row = new Set<number>();
    while (row.size < 12) row.add(Math.floor(features * random.uniform() ** 2));
    return [...row];
  });
}

/** The rows by the matrix's own numbers. */
function numbered(rows: readonly (readonly number[])[], features: number) {
  const { matrix } = SparseRows.of(rows, features, { least: 1, mostShare: 1 });
  return { matrix, own: rows.map((_, i) => [...matrix.row(i)]) };
}

describe("as the plain statistics", () => {
  it.each(SEEDS)("rows are told from others, seed %i", (seed) => {
    const random = Random.of("separation", seed);
    const { matrix, own } = numbered(randomRows(random, 60, 50), 50);
    const order = random.shuffled(own.map((_, i) => i));
    // The second run must find nothing of the first.
    for (const size of [13, 4]) {
      const [inside, outside] = [order.slice(0, size), order.slice(20, 45)];
      const ignored = new Set([3, 7]);
      expect(separation(matrix, inside, outside, ignored)).toBe(plainSeparation(own, inside, outside, ignored));
    }
  });

  it.each(SEEDS)("each row is ranked among its matched rows, seed %i", (seed) => {
    const random = Random.of("ranks", seed);
    const { matrix, own } = numbered(randomRows(random, 60, 50), 50);
    const order = random.shuffled(own.map((_, i) => i));
    const sets = Array.from({ length: 11 }, (_, s) => order.slice(4 * s, 4 * s + 4));
    const chosen = sets.map(() => random.integer(4));
    const ignored = new Set([2]);
    const matched = new MatchedSets(matrix, sets, new Map(), ignored);
    expect([...matched.ranks((s) => chosen[s] ?? 0)]).toEqual(plainRanks(own, sets, chosen, ignored));
  });

  it.each(SEEDS)("the nearest rows come first, seed %i", (seed) => {
    const random = Random.of("nearest", seed);
    const { matrix, own } = numbered(randomRows(random, 80, 120), 120);
    const neighbours = new Neighbours(matrix, 6, random);
    const excluded = new Set([1, 2, 3, 4, 5]);
    for (let row = 0; row < 20; row++) {
      expect([...neighbours.of(row)]).toEqual(plainNearest(own, row, new Set()).slice(0, 6));
      const others = plainNearest(own, row, excluded).slice(0, 6);
      expect([...neighbours.without(row, new Set(), excluded)].slice(0, others.length)).toEqual(others);
    }
  });

  it.each(SEEDS)("phrases and the spans around them are gathered, seed %i", (seed) => {
    const random = Random.of("phrases", seed);
    const edge = 0;
    const rows = Array.from({ length: 60 }, (_, i) => {
      const words = Array.from({ length: 12 }, () => 1 + Math.floor(40 * random.uniform() ** 2));
      return Int32Array.from([edge, ...(i % 3 === 0 ? [90, 91, 92, 93] : []), ...words, edge]);
    });
    const phrases = frequentPhrases(rows, { least: 4, most: 40 }, (word) => word === edge);
    expect(phrases).toEqual(plainPhrases(rows, 4, 40, edge));
    for (const phrase of phrases) expect(spanOf(rows, phrase)).toEqual(plainSpan(rows, phrase));
  });
});

describe("words as numbers", () => {
  const texts = [
    "Don't PANIC: it's 42_000 m², “quoted” – café…",
    "a\r\n\n\nb\t\u000b c  \u0000d",
    "naïve e\u0301 µm ÷ × Straße İstanbul",
    "你好 world 안녕 привет 🙂 \u00a0x",
    `${"x".repeat(60)} ${"y".repeat(39)}é`,
    "",
  ];
  it.each(texts)("are those of the expression: %j", (text) => {
    const vocabulary = new Vocabulary();
    expect([...vocabulary.ids(text)].map((id) => vocabulary.word(id))).toEqual(wordsOf(text));
  });

  it("keep the beginning and the end of a long text, and one number for each word", () => {
    const vocabulary = new Vocabulary();
    const text = Array.from({ length: 5_000 }, (_, i) => `w${i}`).join(" ");
    expect([...vocabulary.ids(text, 5)].map((id) => vocabulary.word(id))).toEqual(["w0", "w1", "w4998", "w4999"]);
    expect(new Set(vocabulary.ids(text)).size).toBe(5_000);
    expect(vocabulary.ids(text)).toEqual(vocabulary.ids(text.toUpperCase()));
    expect(vocabulary.size).toBe(5_000);
  });
});

it("a mark of weak code stands in one line", () => {
  expect(weakMarks(["run(cmd, shell = True)"])).toHaveLength(1);
  expect(weakMarks(["run(cmd, shell =", "True)"])).toEqual([]);
});
