/** Texts that are nearly the same: MinHash over shingles of five tokens finds the likely, counting shingles decides. */
import { hash32 } from "../../statistics/index.js";

const SHINGLE = 5;
const BANDS = 16;
const ROWS = 4;
const TOKEN = /[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu;

/** Multipliers of the hashes: odd, fixed, so that the same texts are dropped everywhere. */
const SALTS = Array.from({ length: BANDS * ROWS }, (_, i) => (hash32(`minhash ${i}`) | 1) >>> 0);

export class NearTexts {
  readonly #bands: Map<number, number[]>[] = Array.from({ length: BANDS }, () => new Map<number, number[]>());
  readonly #shingles: Set<number>[] = [];

  /** @param alike Jaccard similarity from which two texts count as the same, in (0, 1]. */
  constructor(readonly alike = 0.9) {}

  /** True where a text at least so much alike was added before; this one is then not added. */
  repeats(text: string): boolean {
    const shingles = shinglesOf(text);
    const keys = bandKeys(shingles);
    const near = new Set(keys.flatMap((key, band) => this.#bands[band]?.get(key) ?? []));
    for (const i of near) if (jaccard(shingles, this.#shingles[i] as Set<number>) >= this.alike) return true;
    const index = this.#shingles.push(shingles) - 1;
    for (const [band, key] of keys.entries()) {
      const found = this.#bands[band]?.get(key);
      if (found === undefined) this.#bands[band]?.set(key, [index]);
      else found.push(index);
    }
    return false;
  }
}

function shinglesOf(text: string): Set<number> {
  const tokens = text.toLowerCase().match(TOKEN) ?? [];
  const last = Math.max(1, tokens.length - SHINGLE + 1);
  return new Set(Array.from({ length: last }, (_, i) => hash32(tokens.slice(i, i + SHINGLE).join(" "))));
}

function bandKeys(shingles: ReadonlySet<number>): number[] {
  const least = new Uint32Array(SALTS.length).fill(2 ** 32 - 1);
  for (const shingle of shingles) {
    for (const [i, salt] of SALTS.entries()) {
      let h = Math.imul(shingle ^ salt, salt);
      h = (h ^ (h >>> 15)) >>> 0;
      if (h < (least[i] as number)) least[i] = h;
    }
  }
  return Array.from({ length: BANDS }, (_, band) => hash32(least.subarray(band * ROWS, (band + 1) * ROWS).join(" ")));
}

function jaccard(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  let both = 0;
  for (const item of a) if (b.has(item)) both += 1;
  return both / (a.size + b.size - both);
}
