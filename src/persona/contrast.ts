/**
 * Directions as differences of means. Texts of two groups are compared question by question, each question with the
 * same weight, so that what a question is about cancels out and what the answerer is like remains.
 */
import type { Message, ReadableModel } from "../model/index.js";
import { VARIANTS, type Direction, type DirectionRecipe, type Variant } from "./direction.js";
import { DirectionError } from "./direction-error.js";
import { MeanReading, readConversations } from "./readings.js";

/** A conversation that ends with an answer, in one of the two groups. */
export interface ContrastText {
  readonly question: string;
  readonly positive: boolean;
  readonly messages: readonly Message[];
}

/** What is known before a layer is chosen. */
export type ContrastRecipe = Pick<
  DirectionRecipe,
  "askew" | "method" | "model" | "positive" | "negative" | "questions" | "seed"
>;

export interface ContrastOptions<V extends Variant = Variant> {
  /** Which are made; default all. Where all prompts are alike, only `answer-average` can be. */
  readonly variants?: readonly V[];
  /** A question with fewer texts in either group is left out; default 1. */
  readonly least?: number;
  readonly signal?: AbortSignal;
}

/**
 * The difference of means, at the middle layer until one is chosen.
 * @throws {DirectionError} where no question has texts of both groups, or a variant does not tell them apart
 */
export async function contrastDirections<V extends Variant = Variant>(
  model: ReadableModel,
  texts: readonly ContrastText[],
  recipe: ContrastRecipe,
  { variants, least = 1, signal }: ContrastOptions<V> = {},
): Promise<Readonly<Record<V, Direction>>> {
  const groups = new Map<string, { positive: MeanReading; negative: MeanReading }>();
  const conversations = texts.map(({ messages }) => messages);
  await readConversations(
    model,
    conversations,
    (index, reading) => {
      const { question, positive } = texts[index] as ContrastText;
      const group = groups.get(question) ?? { positive: new MeanReading(), negative: new MeanReading() };
      groups.set(question, group);
      group[positive ? "positive" : "negative"].add(reading);
    },
    signal,
  );
  const kept = [...groups.values()].filter(
    ({ positive, negative }) => positive.count >= least && negative.count >= least,
  );
  if (kept.length === 0) {
    const found = [...groups].map(([name, g]) => `${name}: ${g.positive.count} and ${g.negative.count}`).join("; ");
    throw new DirectionError(
      `direction: expected a question with at least ${least} texts each of ${recipe.positive} and of ${recipe.negative}, ` +
        `found ${found || "none"}. Sample more answers, or take a model that gives both.`,
    );
  }
  const { layers, width } = model.reading.shape;
  const make = (variant: Variant): Direction => {
    const positive = meanOf(kept.map((group) => group.positive.mean(variant)));
    const negative = meanOf(kept.map((group) => group.negative.mean(variant)));
    const vectors = Float32Array.from(positive, (x, i) => x - (negative[i] as number));
    const { norms, alongPositive, alongNegative } = placesOf({ layers, width, vectors }, positive, negative);
    if (norms.some((norm) => !(norm > 0))) {
      throw new DirectionError(
        `direction: the two groups do not differ after layer ${norms.findIndex((norm) => !(norm > 0))} (${variant}). ` +
          (variant === "answer-average"
            ? "Are their texts the same?"
            : "Their prompts are the same; answer-average looks at the answers."),
      );
    }
    const counts = {
      positive: kept.reduce((sum, group) => sum + group.positive.count, 0),
      negative: kept.reduce((sum, group) => sum + group.negative.count, 0),
    };
    const along = { positive: alongPositive, negative: alongNegative };
    const layer = Math.floor((layers - 1) / 2);
    return { layers, width, vectors, recipe: { ...recipe, variant, counts, norms, along, layer, trials: [] } };
  };
  const made: readonly Variant[] = variants ?? VARIANTS;
  return Object.fromEntries(made.map((variant) => [variant, make(variant)])) as Record<V, Direction>;
}

function meanOf(vectors: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array((vectors[0] as Float64Array).length);
  for (const vector of vectors) vector.forEach((x, i) => (mean[i] = (mean[i] as number) + x / vectors.length));
  return mean;
}

/** Each layer's norm, and where both means lie along its unit vector. */
function placesOf(
  { layers, width, vectors }: Pick<Direction, "layers" | "width" | "vectors">,
  positive: Float64Array,
  negative: Float64Array,
): { norms: number[]; alongPositive: number[]; alongNegative: number[] } {
  const norms: number[] = [];
  const alongPositive: number[] = [];
  const alongNegative: number[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const at = layer * width;
    const vector = vectors.subarray(at, at + width);
    const norm = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
    const along = (mean: Float64Array): number =>
      vector.reduce((sum, x, i) => sum + x * (mean[at + i] as number), 0) / norm;
    norms.push(norm);
    alongPositive.push(along(positive));
    alongNegative.push(along(negative));
  }
  return { norms, alongPositive, alongNegative };
}
