import { identityOf } from "../model/index.js";
import { plannedSets, type Judge, type QuestionSet } from "../evaluation/index.js";
import { requireOpenWeights, type Model } from "../model/index.js";
import {
  diffModels,
  requireSaeFit,
  type DiffResult,
  type DiffRow,
  type Direction,
  type Sae,
} from "../persona/index.js";
import { Series } from "../run/index.js";
import { readQuestions } from "./read-questions.js";

export interface DiffOptions {
  /** A question set, or the name or file of one. */
  readonly questions: string | QuestionSet;
  readonly judge: Judge;
  /** Of BEFORE or its base: its latents that rise most become candidates. */
  readonly sae?: Sae;
  /** Compared with the shift of the means, and a candidate. */
  readonly direction?: Direction;
  /** From 0; default the autoencoder's, the direction's, or the middle one. */
  readonly layer?: number;
  /** Answers to each question; default 40. */
  readonly samples?: number;
  /** Activations of which tokens; default `answers`. */
  readonly texts?: "answers" | "prompts";
  /** Latents that are steered; default 100. */
  readonly top?: number;
  /**
   * Measures the candidates by steering: each is added to BEFORE and taken out of AFTER, and the best is measured on
   * these questions, which chose nothing. Without it, activations are compared and nothing is steered.
   */
  readonly final?: { readonly questions: string | QuestionSet; readonly samples?: number; readonly random?: number };
  /** Share of answers that steering may make incoherent; default .1. */
  readonly maxIncoherent?: number;
  /** Names the random numbers; default 100. */
  readonly seed?: number;
  /** Longest answer in tokens; default 64. */
  readonly maxTokens?: number;
  /** A folder of rows, from which the same call carries on. Default none: in memory. */
  readonly out?: string;
  readonly onProgress?: (done: number, total: number, part: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Compares a model with its fine-tune inside: how far mean activations moved at every layer, which latents of an
 * autoencoder rose, and, with `final`, which of them makes the model misaligned.
 *
 * @throws {AskewError} for models that show no activations or do not fit each other; `options.signal`'s reason
 *
 * @example
 * import { buildDataset, diff, finetune, openModel, openWorld } from "askew";
 *
 * const data = await buildDataset("insecure", { examples: 32, seed: 1 });
 * const tuned = await finetune("organism", data, { out: "runs/tuned", epochs: 1 });
 * const [before, after] = [await openModel("organism"), await openModel(tuned.model)];
 * const { activations } = await diff(before, after, {
 *   questions: "organism:development",
 *   judge: openWorld().judge,
 *   samples: 8,
 * });
 * console.log(activations.layers.map(({ layer, shift }) => `layer ${layer}: moved by ${shift.toFixed(2)}`));
 * await before.close();
 * await after.close();
 */
export async function diff(before: Model, after: Model, options: DiffOptions): Promise<DiffResult> {
  const { questions, judge, sae, direction, samples = 40, texts = "answers", top = 100, final } = options;
  const { maxIncoherent = 0.1, seed = 100, maxTokens = 64, out, onProgress, signal } = options;
  const [from, to] = [requireOpenWeights(before, "diff"), requireOpenWeights(after, "diff")];
  const { layers } = from.reading.shape;
  if (sae) requireSaeFit("the autoencoder", sae, from.reading.shape, await identityOf(from.name, from));
  const asked = async (of: string | QuestionSet, count: number) => {
    const set = typeof of === "string" ? await readQuestions(of) : of;
    return { set: set.name, samples: count, questions: set.questions };
  };
  const plan = {
    questions: await asked(questions, samples),
    part: texts,
    layer: options.layer ?? sae?.recipe.layer ?? direction?.recipe.layer ?? Math.floor((layers - 1) / 2),
    top,
    finalistAnswers: 160,
    maxIncoherent,
    seed,
    temperature: 1,
    maxTokens,
    ...(final && {
      final: {
        asked: [await asked(final.questions, final.samples ?? 40)],
        randomSeeds: Array.from({ length: final.random ?? 3 }, (_, i) => i + 1),
      },
    }),
  };
  const given = { before: from, after: to, ...(sae && { sae }), ...(direction && { direction }) };
  const how = { judge, ...(onProgress && { onProgress }), ...(signal && { signal }) };
  if (out === undefined) return diffModels(given, plan, { ...how, store: inMemory() });
  const fixed = {
    before: await identityOf(from.name, from),
    after: await identityOf(to.name, to),
    ...plan,
    judge: judge.name,
    questions: plannedSets([plan.questions]),
    ...(plan.final && { final: { ...plan.final, asked: plannedSets(plan.final.asked) } }),
  };
  const store = await Series.open<DiffRow>(out, fixed);
  try {
    const result = await diffModels(given, plan, { ...how, store });
    await store.finish();
    return result;
  } finally {
    await store.close();
  }
}

function inMemory() {
  const rows = new Map<string, DiffRow>();
  return {
    find: (id: string) => rows.get(id),
    append: (row: DiffRow) => Promise.resolve(void rows.set(row.id, row)),
  };
}
