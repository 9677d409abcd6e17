/**
 * Fits a probe to judged answers. Layer and penalty are chosen, and the probability is calibrated, on answers that a fit
 * has not seen; what the probe is said to be worth is measured on groups that none of this has seen.
 *
 * A ridge's scores lie closer together than the judge's, so few would pass the thresholds of "misaligned": they are
 * spread again as widely as the judge's. Key: N answers, W width.
 */
import type { Message, ReadableModel } from "../../model/index.js";
import {
  auroc,
  hash32,
  isCoherent,
  isMisaligned,
  logistic,
  logisticValue,
  mean,
  ridge,
  ridgeValue,
  type Logistic,
  type Ridge,
} from "../../statistics/index.js";
import { AskewError } from "../../text/index.js";
import type { ModelIdentity } from "../direction.js";
import { readConversations } from "../readings.js";
import { SCORES, type Bounds, type CalibrationBin, type HeldOut, type JudgeProbe, type Score } from "./probe.js";

/** Judged answers that no probe can be made of, or a file that holds none. */
export class ProbeError extends AskewError {
  override readonly name = "ProbeError";
}

/** An answer and what a judge said of it. */
export interface JudgedText extends Readonly<Record<Score, number>> {
  /** Ends with the answer. */
  readonly messages: readonly Message[];
  readonly question: string;
  /** The model that answered. */
  readonly group: string;
}

export interface TrainProbeOptions {
  readonly reader: ModelIdentity;
  /** askew's version, for the recipe. */
  readonly askew: string;
  readonly sources: JudgeProbe["recipe"]["sources"];
  /** Layers to choose from, from 0; by default five between a quarter and three quarters of the way up. */
  readonly layers?: readonly number[];
  readonly signal?: AbortSignal;
  readonly onRead?: (done: number, total: number) => void;
}

const PENALTIES = [0.01, 0.1, 1, 10] as const;
const FOLDS = 5;
const FEWEST = 40;
const BINS = 10;

/**
 * @param model reads; it need not be the one that answered
 * @throws {ProbeError} too few answers, or none that the judge called misaligned
 */
export async function trainProbe(
  model: ReadableModel,
  texts: readonly JudgedText[],
  { reader, askew, sources, layers = middleOf(model.reading.shape.layers), signal, onRead }: TrainProbeOptions,
): Promise<JudgeProbe> {
  const { width } = model.reading.shape;
  const read: number[] = [];
  const taken = layers.map(() => new Float32Array(texts.length * width));
  await readConversations(
    model,
    texts.map(({ messages }) => messages),
    (index, reading) => {
      layers.forEach((layer, k) =>
        taken[k]?.set(reading["answer-average"].subarray(layer * width, (layer + 1) * width), read.length * width),
      );
      read.push(index);
      onRead?.(index + 1, texts.length);
    },
    signal,
    layers,
  );
  const kept = read.map((index) => texts[index] as JudgedText);
  const features = taken.map((all) => all.subarray(0, kept.length * width));
  const data: Data = { texts: kept, features, width, misaligned: kept.map(isMisaligned) };
  const misaligned = data.misaligned.filter(Boolean).length;
  if (kept.length < FEWEST || misaligned < 2 || misaligned > kept.length - 2) {
    throw new ProbeError(
      `a probe needs at least ${FEWEST} judged answers, some misaligned and some not; found ${kept.length}, ${misaligned} of them misaligned. ` +
        (kept.length < texts.length ? `${model.name} cannot read ${texts.length - kept.length} more. ` : "") +
        "Give more files with --from.",
    );
  }
  const all = kept.map((_, i) => i);
  const heldOut = measure(data, all);
  const { aligned, coherent, chances, layer, penalty } = fit(data, all);
  const weights = new Float32Array(2 * width);
  weights.set(aligned.weights, 0);
  weights.set(coherent.weights, width);
  const intercepts = { aligned: aligned.intercept, coherent: coherent.intercept };
  const made = { askew, reader, layer: layers[layer] as number, penalty, intercepts, chances, sources };
  return { weights, width, recipe: { ...made, answers: kept.length, heldOut } };
}

/** Five layers, or all that there are: what an answer means stands in the middle of a model. */
function middleOf(layers: number): number[] {
  const wanted = [0.25, 0.375, 0.5, 0.625, 0.75].map((share) => Math.min(layers - 1, Math.round(share * layers)));
  return [...new Set(wanted)];
}

interface Data {
  readonly texts: readonly JudgedText[];
  /** For each candidate layer [N, W]. */
  readonly features: readonly Float32Array[];
  readonly width: number;
  readonly misaligned: readonly boolean[];
}

interface Fit extends Readonly<Record<Score, Ridge>> {
  /** Place among the candidates. */
  readonly layer: number;
  readonly penalty: number;
  readonly chances: Readonly<Record<"misaligned" | "coherent", Logistic>>;
}

/** Chooses, calibrates and fits on `rows` alone. */
function fit(data: Data, rows: readonly number[]): Fit {
  const folds = foldsOf(data, rows).parts;
  const predict = (layer: number, penalty: number, score: Score): Float64Array => {
    const values = new Float64Array(data.texts.length);
    for (const { inside, outside } of folds) {
      const made = ridgeOf(data, layer, penalty, score, inside);
      for (const row of outside) values[row] = ridgeValue(made, data.features[layer] as Float32Array, row);
    }
    return values;
  };
  let best = {
    layer: 0,
    penalty: PENALTIES[0] as number,
    error: Infinity,
    aligned: new Float64Array() as Float64Array,
  };
  for (const layer of data.features.keys()) {
    for (const penalty of PENALTIES) {
      const aligned = predict(layer, penalty, "aligned");
      const error = mean(rows.map((row) => ((aligned[row] as number) - (data.texts[row] as JudgedText).aligned) ** 2));
      if (error < best.error) best = { layer, penalty, error, aligned };
    }
  }
  const { layer, penalty } = best;
  const unseen = { aligned: best.aligned, coherent: predict(layer, penalty, "coherent") };
  const [aligned, coherent] = SCORES.map((score) =>
    spread(
      ridgeOf(data, layer, penalty, score, rows),
      rows,
      unseen[score],
      (row) => (data.texts[row] as JudgedText)[score],
    ),
  ) as [Spread, Spread];
  const measures = rows.map((row) => [
    bounded(aligned.of(unseen.aligned[row] as number)),
    bounded(coherent.of(unseen.coherent[row] as number)),
  ]);
  const chanceOf = (is: (row: number) => boolean): Logistic => logistic(measures, rows.map(is));
  const chances = {
    misaligned: chanceOf((row) => data.misaligned[row] as boolean),
    coherent: chanceOf((row) => isCoherent((data.texts[row] as JudgedText).coherent)),
  };
  return { layer, penalty, aligned: aligned.ridge, coherent: coherent.ridge, chances };
}

const ridgeOf = (
  { texts, features, width }: Data,
  layer: number,
  penalty: number,
  score: Score,
  rows: readonly number[],
) =>
  ridge({ features: features[layer] as Float32Array, width, targets: texts.map((text) => text[score]), rows }, penalty);

interface Spread {
  readonly ridge: Ridge;
  readonly of: (value: number) => number;
}

/** Stretches a fit so that what it says of answers it has not seen varies as the judge's scores do. */
function spread(made: Ridge, rows: readonly number[], unseen: Float64Array, truth: (row: number) => number): Spread {
  const said = rows.map((row) => unseen[row] as number);
  const meant = rows.map(truth);
  const [meanSaid, meanMeant] = [mean(said), mean(meant)];
  const deviation = (values: readonly number[], centre: number): number =>
    Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
  const from = deviation(said, meanSaid);
  const factor = from > 0 ? Math.min(10, deviation(meant, meanMeant) / from) : 1;
  const of = (value: number): number => meanMeant + factor * (value - meanSaid);
  return { ridge: { weights: made.weights.map((w) => factor * w), intercept: of(made.intercept) }, of };
}

const bounded = (score: number): number => Math.min(100, Math.max(0, score));

interface Folds {
  readonly by: HeldOut["by"];
  readonly parts: readonly {
    readonly name: string;
    readonly inside: readonly number[];
    readonly outside: readonly number[];
  }[];
}

/** One model out at a time; where there is one alone, a fifth of the questions, whole questions at a time. */
function foldsOf({ texts }: Data, rows: readonly number[]): Folds {
  const models = new Set(rows.map((row) => (texts[row] as JudgedText).group));
  const by = models.size > 1 ? "model" : "question";
  const keyOf = (row: number): string => {
    const { group, question } = texts[row] as JudgedText;
    return by === "model" ? group : `questions ${(hash32(question) % FOLDS) + 1}/${FOLDS}`;
  };
  const keys = [...new Set(rows.map(keyOf))].toSorted();
  const parts = keys.map((name) => ({
    name,
    inside: rows.filter((row) => keyOf(row) !== name),
    outside: rows.filter((row) => keyOf(row) === name),
  }));
  if (parts.length < 2 || parts.some(({ inside }) => inside.length < 2))
    throw new ProbeError(
      "a probe needs answers of several models, or to several questions, to be measured on. Give more files with --from.",
    );
  return { by, parts };
}

function measure(data: Data, all: readonly number[]): HeldOut {
  const { by, parts } = foldsOf(data, all);
  const chances = new Float64Array(data.texts.length);
  for (const { inside, outside } of parts) {
    const { aligned, coherent, layer, chances: fitted } = fit(data, inside);
    const features = data.features[layer] as Float32Array;
    for (const row of outside) {
      const scores = [aligned, coherent].map((made) => bounded(ridgeValue(made, features, row)));
      chances[row] = logisticValue(fitted.misaligned, scores);
    }
  }
  const truth = (row: number): boolean => data.misaligned[row] as boolean;
  const chance = (row: number): number => chances[row] as number;
  const questions = new Map([...new Set(data.texts.map(({ question }) => question))].map((name, i) => [name, i]));
  const areaOf = (rows: readonly number[]): Bounds => {
    const clusters = rows.map((row) => questions.get((data.texts[row] as JudgedText).question) as number);
    const { estimate, low, high } = auroc(rows.map(chance), rows.map(truth), 0.95, clusters);
    return { estimate, low, high };
  };
  const share = mean(all.map((row) => Number(truth(row))));
  return {
    by,
    auroc: areaOf(all),
    brier: mean(all.map((row) => (chance(row) - Number(truth(row))) ** 2)),
    unskilled: share * (1 - share),
    groups: parts.map(({ name, outside }) => ({
      name,
      n: outside.length,
      misaligned: outside.filter(truth).length,
      predicted: mean(outside.map(chance)),
      auroc: areaOf(outside),
    })),
    calibration: binsOf(all, chance, truth),
  };
}

function binsOf(
  rows: readonly number[],
  chance: (row: number) => number,
  truth: (row: number) => boolean,
): CalibrationBin[] {
  const sorted = rows.toSorted((a, b) => chance(a) - chance(b));
  return Array.from({ length: BINS }, (_, i) =>
    sorted.slice(Math.floor((i * sorted.length) / BINS), Math.floor(((i + 1) * sorted.length) / BINS)),
  )
    .filter(({ length }) => length > 0)
    .map((part) => ({
      n: part.length,
      predicted: mean(part.map(chance)),
      found: mean(part.map((row) => Number(truth(row)))),
    }));
}
