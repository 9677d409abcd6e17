/** What each latent does on documents: how often, where most, and how strongly in every answer. */
import { answersOf, type EncodedDocument, type Label, type SourceLabel } from "./documents.js";
import { chooses, overDocuments, separabilityOf, type LabelledAnswer, type Separability } from "./labels.js";

/** Most active texts that are kept of each latent, one a document. */
const TOP = 5;
/** Tokens shown on each side of the most active one. */
const AROUND = 12;

export interface TopText {
  /** The strongest activation, in the residual stream's units. */
  readonly peak: number;
  /** Name of the first label of the document's first answer: who speaks, or the file it is from. */
  readonly label?: string;
  readonly ids: readonly number[];
  /** One for each id. */
  readonly activations: readonly number[];
}

/** The AUROC is over the odd documents, which had no part in choosing the latent. */
export interface Separation extends Separability {
  readonly latent: number;
  /** Over the even documents, by which the latent was chosen. */
  readonly chosenAt: number;
  /** The same latent over whole documents; null for labels that answers of one document need not share. */
  readonly wholeDocuments: Separability | null;
}

export class LatentTable {
  readonly #active: Float64Array;
  readonly #top: TopText[][];
  readonly #answers: LabelledAnswer[] = [];
  /** Means over each answer's tokens, [S] each. */
  readonly #means: Float32Array[] = [];
  /** Of each answer. */
  readonly #lengths: number[] = [];
  #documents = 0;
  #tokens = 0;

  constructor(
    readonly size: number,
    readonly labels: readonly SourceLabel[],
  ) {
    this.#active = new Float64Array(size);
    this.#top = Array.from({ length: size }, () => []);
  }

  /** `latents` [tokens, S] of one document. */
  add(encoded: EncodedDocument, latents: Float32Array): void {
    const { size } = this;
    const { document, ids } = encoded;
    const peaks = new Float32Array(size);
    const places = new Int32Array(size);
    for (let token = 0, i = 0; token < ids.length; token++) {
      for (let latent = 0; latent < size; latent++, i++) {
        const x = latents[i] as number;
        if (x === 0) continue;
        this.#active[latent] = (this.#active[latent] as number) + 1;
        if (x <= (peaks[latent] as number)) continue;
        peaks[latent] = x;
        places[latent] = token;
      }
    }
    const label = document.answers[0]?.[0]?.name;
    peaks.forEach((peak, latent) => {
      const top = this.#top[latent] as TopText[];
      if (peak === 0 || peak <= (top[TOP - 1]?.peak ?? 0)) return;
      const from = Math.max(0, (places[latent] as number) - AROUND);
      const shown = ids.slice(from, (places[latent] as number) + AROUND + 1);
      const activations = shown.map((_, i) => latents[(from + i) * size + latent] as number);
      top.push({ peak, ...(label !== undefined && { label }), ids: shown, activations });
      top.sort((a, b) => b.peak - a.peak);
      top.length = Math.min(top.length, TOP);
    });
    for (const { labels, from, to } of answersOf(encoded)) {
      this.#addAnswer(labels, latents.subarray(from * size, to * size), to - from);
    }
    this.#documents++;
    this.#tokens += ids.length;
  }

  get answers(): number {
    return this.#answers.length;
  }

  /** Active latents, of all tokens together. */
  get active(): number {
    return this.#active.reduce((total, count) => total + count, 0);
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

  /** AUROC of an answer's mean activation against each label, over all answers; NaN where a side is empty. */
  separations(latent: number): number[] {
    return this.#aurocs(latent, () => true);
  }

  /** For each label the latent that separates it best: chosen on the even documents, measured on the odd ones. */
  best(): Separation[] {
    const best = this.labels.map(() => ({ latent: 0, chosenAt: Number.NEGATIVE_INFINITY }));
    for (let latent = 0; latent < this.size; latent++) {
      this.#aurocs(latent, chooses).forEach((auroc, i) => {
        if (auroc > (best[i]?.chosenAt ?? 0)) best[i] = { latent, chosenAt: auroc };
      });
    }
    return best.map(({ latent, chosenAt }, i) => {
      const label = this.labels[i] as SourceLabel;
      // None was chosen: how the first latent happens to separate them says nothing.
      if (chosenAt < 0) return { latent, chosenAt, auroc: null, low: null, high: null, wholeDocuments: null };
      const means = this.#means.map((all) => all[latent] as number);
      const { documents, scores } = overDocuments(this.#answers, means, this.#lengths);
      const wholeDocuments = label.ofDocument ? separabilityOf(label, documents, scores) : null;
      return { latent, chosenAt, ...separabilityOf(label, this.#answers, means), wholeDocuments };
    });
  }

  #addAnswer(labels: readonly Label[], latents: Float32Array, tokens: number): void {
    const means = new Float32Array(this.size);
    for (let token = 0, i = 0; token < tokens; token++) {
      for (let latent = 0; latent < this.size; latent++, i++) {
        const x = latents[i] as number;
        if (x !== 0) means[latent] = (means[latent] as number) + x / tokens;
      }
    }
    this.#answers.push({ labels, document: this.#documents });
    this.#means.push(means);
    this.#lengths.push(tokens);
  }

  /**
   * By ranks, one sort for all labels (Mann and Whitney 1947); equal activations share their mean rank. Most answers have
   * nothing of a latent, and those need no sorting: they are the lowest ranks.
   */
  #aurocs(latent: number, counts: (answer: LabelledAnswer) => boolean): number[] {
    const sides = new Map<string, { ranks: number; count: number }>();
    const place = ({ labels }: LabelledAnswer, rank: number): void => {
      for (const { kind, name } of labels) {
        const key = `${kind} ${name}`;
        const side = sides.get(key);
        if (!side) sides.set(key, { ranks: rank, count: 1 });
        else {
          side.ranks += rank;
          side.count++;
        }
      }
    };
    const without: LabelledAnswer[] = [];
    const having: { value: number; answer: LabelledAnswer }[] = [];
    this.#answers.forEach((answer, i) => {
      if (!counts(answer)) return;
      const value = this.#means[i]?.[latent] as number;
      if (value === 0) without.push(answer);
      else having.push({ value, answer });
    });
    const all = without.length + having.length;
    for (const answer of without) place(answer, (1 + without.length) / 2);
    having.sort((a, b) => a.value - b.value);
    for (let start = 0; start < having.length;) {
      let end = start + 1;
      while (end < having.length && having[end]?.value === having[start]?.value) end++;
      const shared = without.length + (start + 1 + end) / 2;
      for (; start < end; start++) place((having[start] as (typeof having)[number]).answer, shared);
    }
    return this.labels.map(({ kind, name }) => {
      const { ranks, count } = sides.get(`${kind} ${name}`) ?? { ranks: 0, count: 0 };
      return (ranks - (count * (count + 1)) / 2) / (count * (all - count));
    });
  }
}
