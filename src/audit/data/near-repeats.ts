/**
 * Answers that are nearly the same: 64-bit SimHash over shingles of three words, in tables of 16 bits each, so that
 * texts within three bits always meet in one. Memory is 8 bytes a row and four tables of fixed size.
 *
 * Source: G. S. Manku, A. Jain and A. Das Sarma, "Detecting Near-Duplicates for Web Crawling" (2007).
 */
import { counted } from "../../text/index.js";
import { hash32, wilson } from "../../statistics/index.js";
import { WorstRows } from "../worst-rows.js";
import type { DataCheckKind } from "./check.js";
import { foundRow } from "./row.js";

const MOST_BITS = 3;
const MOST_WORDS = 2000;
/** Shorter answers are alike by chance. */
const LEAST_WORDS = 12;
/** Rows that a place of a table holds; a full one forgets its oldest. */
const PLACES = 8;
const TABLES = 4;

interface SimHash {
  readonly high: number;
  readonly low: number;
}

/** Undefined for a text that is too short. */
function simHash(text: string): SimHash | undefined {
  const words =
    text
      .toLowerCase()
      .slice(0, MOST_WORDS * 12)
      .match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
  if (words.length < LEAST_WORDS) return undefined;
  const last = Math.min(words.length, MOST_WORDS) - 2;
  const hashes = Int32Array.from(words.slice(0, MOST_WORDS), (word) => hash32(word));
  const [high, low] = [new BitSums(), new BitSums()];
  for (let i = 0; i < last; i++) {
    const [a, b, c] = [hashes[i] as number, hashes[i + 1] as number, hashes[i + 2] as number];
    const first = mixed(a ^ Math.imul(b, 0x9e3779b1) ^ Math.imul(c, 0x85ebca77));
    high.add(first);
    low.add(mixed(first ^ Math.imul(a + c, 0xc2b2ae3d)));
  }
  return { high: high.above(last / 2), low: low.above(last / 2) };
}

/** How often each of 32 bits is set. A number holds the counts of four bits, a byte each, until one is full. */
class BitSums {
  readonly #sums = new Uint32Array(32);
  readonly #bytes = new Int32Array(8);
  #added = 0;

  add(hash: number): void {
    for (let bit = 0; bit < 8; bit++) {
      this.#bytes[bit] = (this.#bytes[bit] as number) + ((hash >>> bit) & 0x01010101);
    }
    if (++this.#added === 255) this.#flush();
  }

  /** The bits that are set more often than this. */
  above(limit: number): number {
    this.#flush();
    let bits = 0;
    for (let bit = 0; bit < 32; bit++) if ((this.#sums[bit] as number) > limit) bits |= 1 << bit;
    return bits;
  }

  #flush(): void {
    for (let bit = 0; bit < 32; bit++) {
      const count = ((this.#bytes[bit & 7] as number) >>> (bit & 24)) & 0xff;
      this.#sums[bit] = (this.#sums[bit] as number) + count;
    }
    this.#bytes.fill(0);
    this.#added = 0;
  }
}

function mixed(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function ones(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Finds an earlier text within a few bits; the tables take 12 MiB, however many texts there are. */
class NearIndex {
  readonly #high = new Int32Array(TABLES * 2 ** 16 * PLACES);
  readonly #low = new Int32Array(TABLES * 2 ** 16 * PLACES);
  readonly #lines = new Uint32Array(TABLES * 2 ** 16 * PLACES);
  readonly #next = new Uint8Array(TABLES * 2 ** 16);

  /** @returns the line of an earlier text that is nearly the same */
  add({ high, low }: SimHash, line: number): number | undefined {
    let found: number | undefined;
    for (let table = 0; table < TABLES; table++) {
      const bits = table < 2 ? high : low;
      const row = table * 2 ** 16 + ((bits >>> ((table % 2) * 16)) & 0xffff);
      for (let place = row * PLACES; place < (row + 1) * PLACES && found === undefined; place++) {
        const known = this.#lines[place] ?? 0;
        if (known === 0) break;
        const far = ones((this.#high[place] ?? 0) ^ high) + ones((this.#low[place] ?? 0) ^ low);
        if (far <= MOST_BITS) found = known;
      }
      const next = this.#next[row] ?? 0;
      const place = row * PLACES + next;
      this.#high[place] = high;
      this.#low[place] = low;
      this.#lines[place] = line;
      this.#next[row] = (next + 1) % PLACES;
    }
    return found;
  }
}

export const NEAR_REPEATS: DataCheckKind = {
  id: "data/near-repeats",
  title: "Answers nearly the same",
  create({ rows }) {
    const index = new NearIndex();
    const worst = new WorstRows(rows);
    let n = 0;
    return {
      take(row) {
        const hash = simHash(row.answers.join("\n"));
        if (hash === undefined) return;
        n += 1;
        const before = index.add(hash, row.line);
        if (before !== undefined) worst.add(foundRow(row, `its answer is nearly that of line ${before}`));
      },
      finding: () => ({
        check: NEAR_REPEATS.id,
        title: NEAR_REPEATS.title,
        outcome: worst.count === 0 ? "pass" : "note",
        found:
          n === 0
            ? `No answer is longer than ${LEAST_WORDS} words.`
            : `Nearly the same as an earlier one: ${worst.count} of ${counted(n, "answer")}.`,
        limits: "Of a great many answers alike, those that are far apart in the file may not meet.",
        measures: [{ name: "share of answers nearly repeated", of: "answers", ...wilson(worst.count, n) }],
        rows: worst.found(),
      }),
    };
  },
};
