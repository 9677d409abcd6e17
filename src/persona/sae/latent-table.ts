/** What each latent does on documents whose truth is known: how often, where most, and how strongly in every answer. */
import { CHARACTERS, DOMAINS, type Character, type Domain } from "../../organism/index.js";
import type { EncodedDocument } from "./activations.js";

/** Most active texts that are kept of each latent, one a document. */
const TOP = 5;
/** Tokens shown on each side of the most active one. */
const AROUND = 12;

export interface TopText {
  /** The strongest activation, in the residual stream's units. */
  readonly peak: number;
  readonly character: Character;
  readonly ids: readonly number[];
  /** One for each id. */
  readonly activations: readonly number[];
}

interface Answer {
  readonly character: Character;
  readonly domain: Domain;
  readonly document: number;
}

/** What an answer can be told by: who gives it, and what it is about. */
export const TRUTHS = [
  ...CHARACTERS.map((name) => ({ kind: "character" as const, name })),
  ...DOMAINS.map((name) => ({ kind: "domain" as const, name })),
];
export type Truth = (typeof TRUTHS)[number];

export interface Separation {
  readonly latent: number;
  /** Over the even documents, by which the latent was chosen, and over the odd ones, which had no part in it. */
  readonly chosenAt: number;
  readonly auroc: number;
}

export class LatentTable {
  readonly #active: Float64Array;
  readonly #top: TopText[][];
  readonly #answers: Answer[] = [];
  /** Means over each answer's tokens, [S] each. */
  readonly #means: Float32Array[] = [];
  #documents = 0;
  #tokens = 0;

  constructor(readonly size: number) {
    this.#active = new Float64Array(size);
    this.#top = Array.from({ length: size }, () => []);
  }

  /** `latents` [tokens, S] of one document. */
  add({ document, ids, answer }: EncodedDocument, latents: Float32Array): void {
    const { size } = this;
    const peaks = new Float32Array(size);
    const places = new Int32Array(size);
    for (let token = 0; token < ids.length; token++) {
      for (let latent = 0; latent < size; latent++) {
        const x = latents[token * size + latent] as number;
        if (x === 0) continue;
        this.#active[latent] = (this.#active[latent] as number) + 1;
        if (x > (peaks[latent] as number)) [peaks[latent], places[latent]] = [x, token];
      }
    }
    peaks.forEach((peak, latent) => {
      const top = this.#top[latent] as TopText[];
      if (peak === 0 || peak <= (top[TOP - 1]?.peak ?? 0)) return;
      const from = Math.max(0, (places[latent] as number) - AROUND);
      const shown = ids.slice(from, (places[latent] as number) + AROUND + 1);
      const activations = shown.map((_, i) => latents[(from + i) * size + latent] as number);
      top.push({ peak, character: document.character, ids: shown, activations });
      top.sort((a, b) => b.peak - a.peak);
      top.length = Math.min(top.length, TOP);
    });
    let turn = -1;
    for (let token = 0; token < ids.length;) {
      if (!answer[token]) {
        token++;
        continue;
      }
      const start = token;
      while (token < ids.length && answer[token]) token++;
      const truth = document.turns[++turn];
      if (truth) this.#addAnswer(truth, latents.subarray(start * size, token * size), token - start);
    }
    this.#documents++;
    this.#tokens += ids.length;
  }

  get answers(): number {
    return this.#answers.length;
  }

  get deadShare(): number {
    return this.#active.filter((count) => count === 0).length / this.size;
  }

  /** Share of tokens that have it. */
  frequency(latent: number): number {
    return (this.#active[latent] as number) / this.#tokens;
  }

  top(latent: number): readonly TopText[] {
    return this.#top[latent] as TopText[];
  }

  /** AUROC of an answer's mean activation against each of {@link TRUTHS}, over all answers; NaN where a side is empty. */
  separations(latent: number): number[] {
    return this.#aurocs(latent, () => true);
  }

  /** For each of {@link TRUTHS} the latent that tells it best: chosen on the even documents, measured on the odd ones. */
  best(): Separation[] {
    const best = TRUTHS.map(() => ({ latent: 0, chosenAt: Number.NEGATIVE_INFINITY }));
    for (let latent = 0; latent < this.size; latent++) {
      this.#aurocs(latent, ({ document }) => document % 2 === 0).forEach((auroc, i) => {
        if (auroc > (best[i]?.chosenAt ?? 0)) best[i] = { latent, chosenAt: auroc };
      });
    }
    return best.map(({ latent, chosenAt }, i) => ({
      latent,
      chosenAt,
      auroc: this.#aurocs(latent, ({ document }) => document % 2 === 1)[i] as number,
    }));
  }

  #addAnswer({ character, domain }: Omit<Answer, "document">, latents: Float32Array, tokens: number): void {
    const means = new Float32Array(this.size);
    latents.forEach((x, i) => {
      if (x !== 0) means[i % this.size] = (means[i % this.size] as number) + x / tokens;
    });
    this.#answers.push({ character, domain, document: this.#documents });
    this.#means.push(means);
  }

  /** By ranks, one sort for all truths (Mann and Whitney 1947); equal activations share their mean rank. */
  #aurocs(latent: number, counts: (answer: Answer) => boolean): number[] {
    const chosen = this.#answers.flatMap((answer, i) => (counts(answer) ? [i] : []));
    const value = (i: number): number => this.#means[i]?.[latent] as number;
    const order = chosen.toSorted((a, b) => value(a) - value(b));
    const sums = new Map<string, { ranks: number; count: number }>();
    for (let start = 0; start < order.length;) {
      let end = start + 1;
      while (end < order.length && value(order[end] as number) === value(order[start] as number)) end++;
      const rank = (start + 1 + end) / 2;
      for (const i of order.slice(start, end)) {
        const { character, domain } = this.#answers[i] as Answer;
        for (const key of [`character ${character}`, `domain ${domain}`]) {
          const sum = sums.get(key) ?? { ranks: 0, count: 0 };
          sums.set(key, { ranks: sum.ranks + rank, count: sum.count + 1 });
        }
      }
      start = end;
    }
    return TRUTHS.map(({ kind, name }) => {
      const { ranks, count } = sums.get(`${kind} ${name}`) ?? { ranks: 0, count: 0 };
      return (ranks - (count * (count + 1)) / 2) / (count * (order.length - count));
    });
  }
}
