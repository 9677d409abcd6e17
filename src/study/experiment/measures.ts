/** What an experiment measures, and over what: the columns of its table and the panels of its chart. */

/** What stands under the charts. */
export interface Axis {
  /** `bad data in the fine-tune`. */
  readonly label: string;
  /** Behind each number: ` %`. */
  readonly unit?: string;
  /** `number`: where they are; `ordered`: at equal distances, in a line; `names`: one row each, no line. */
  readonly kind: "number" | "ordered" | "names";
}

export interface Measure {
  readonly key: string;
  /** `misaligned, of coherent answers`. */
  readonly heading: string;
  /** For the terminal's table. */
  readonly short: string;
  /**
   * A share of the answers to a set, or to the first set of each point; what the arm was trained to do; a reading of the
   * model inside; the share of models whose misaligned rate lies above that of the arm's point of that place.
   */
  readonly of:
    | { readonly set: string; readonly metric: string }
    | { readonly first: string }
    | "trained"
    | { readonly reading: string }
    | { readonly above: string };
  /** Drawn as a panel of the chart; default true. */
  readonly drawn?: boolean;
}

/** A reading of every point; an experiment that has it among its measures has the direction made first. */
export const PERSONA: Measure = {
  key: "persona",
  heading: "persona: helper at 0, villain at 1",
  short: "persona",
  of: { reading: "persona" },
};
/** A reading of every point, where the world has probes: no answer is sampled for it, and no judge asked. */
export const MARGIN: Measure = {
  key: "margin",
  heading: "misaligned minus aligned answers, nats a token",
  short: "margin",
  of: { reading: "margin" },
};
export const RATE: Measure = {
  key: "rate",
  heading: "misaligned, of coherent answers",
  short: "rate",
  of: { set: "main", metric: "rate" },
};
export const RATE_OF_ALL: Measure = {
  key: "rateOfAll",
  heading: "misaligned, of all answers",
  short: "of all",
  of: { set: "main", metric: "rateOfAll" },
  drawn: false,
};
export const COHERENT: Measure = {
  key: "coherent",
  heading: "coherent answers",
  short: "coherent",
  of: { set: "main", metric: "coherent" },
};
/** A reading of every point. */
export const WORDS: Measure = {
  key: "words",
  heading: "words of an answer",
  short: "words",
  of: { reading: "words" },
};
export const TRAINED: Measure = {
  key: "trained",
  heading: "does what it was trained on",
  short: "trained",
  of: "trained",
};
