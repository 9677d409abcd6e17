/** What the page of a diff is made from. */
import type { Metric } from "../data.js";
import type { Part } from "../markup.js";

export interface DiffSide {
  /** Misaligned, of coherent answers. */
  readonly rate: Metric;
  readonly coherent: Metric;
  /** The random direction of the same length. */
  readonly random: Metric;
  readonly strength: string;
  readonly tooIncoherent: boolean;
}

export interface DiffCandidate {
  readonly name: string;
  readonly score: string;
  /** Null where no strength left the model coherent. */
  readonly caused: DiffSide | null;
  readonly left: DiffSide | null;
  /** Cosine with the shift of the means. */
  readonly cosine: string;
}

export interface DiffTable {
  readonly caption: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly note?: string;
}

export interface DiffCard {
  readonly name: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly texts: readonly {
    readonly who: string;
    readonly tokens: readonly string[];
    /** In [0, 1], one for each token. */
    readonly strengths: readonly number[];
  }[];
}

export interface DiffReport {
  readonly title: string;
  readonly sentences: readonly string[];
  readonly unsteered: { readonly before: Metric; readonly after: Metric };
  readonly candidates: readonly DiffCandidate[];
  /** Layers, latents that rose, an adapter's modules. */
  readonly tables: readonly DiffTable[];
  readonly cards: readonly DiffCard[];
  readonly facts: readonly (readonly [string, Part])[];
  readonly commands: readonly string[];
  /** Version. */
  readonly askew: string;
}
