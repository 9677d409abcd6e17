/**
 * Model diffing (Wang et al. 2025, "Persona features control emergent misalignment"): which latents rise when a model is
 * fine-tuned, and which of them are the cause of its misalignment. Mean activations before and after; those that rose
 * most are candidates; each is steered into BEFORE and out of AFTER as strongly as coherence allows; they are ranked by
 * the misalignment they cause and remove. What wins is measured again on questions that chose nothing.
 */
import type { SteerableModel } from "../../model/index.js";
import type { AskedSet, Judge } from "../../evaluation/index.js";
import { vectorAt, type Direction } from "../direction.js";
import type { Sae } from "../sae/sae.js";
import { compareActivations, unsteeredRequests } from "./activations.js";
import { latentCandidate, unitOf, type Candidate } from "./candidates.js";
import { measureFinal, type Final, type FinalPlan } from "./final.js";
import type { Part } from "./means.js";
import { finalTrials, rankFinalists, type Ranked } from "./ranking.js";
import type { ActivationsRow, DiffStore } from "./rows.js";
import { evenRequests, runTrials, someOf, type Run } from "./runs.js";
import { search, RUNGS, type Rung, type Side } from "./search.js";

export interface DiffPlan {
  /** Choose: nothing is decided by the questions of the final measure. */
  readonly questions: AskedSet;
  readonly part: Part;
  readonly layer: number;
  /** Latents that are steered. */
  readonly top: number;
  /** Answers to a trial of a finalist. */
  readonly finalistAnswers: number;
  /** Share of answers that steering may make incoherent; published .10. */
  readonly maxIncoherent: number;
  readonly seed: number;
  readonly temperature: number;
  readonly maxTokens: number;
  /** Default three: 12 answers a trial for all candidates, 24 for the 24 that stay, 64 for the last 8. */
  readonly rungs?: readonly Rung[];
  /** Undefined: the models are compared and nothing is steered. */
  readonly final?: Pick<FinalPlan, "asked" | "trained" | "randomSeeds">;
}

export interface DiffInput {
  readonly before: SteerableModel;
  readonly after: SteerableModel;
  readonly sae?: Sae;
  readonly direction?: Direction;
}

export interface DiffOptions {
  readonly judge: Judge;
  readonly store: DiffStore;
  /** `done` of `total` trials or measures of a part. */
  readonly onProgress?: (done: number, total: number, part: string) => void;
  readonly signal?: AbortSignal;
}

export interface DiffResult {
  readonly activations: ActivationsRow;
  /** Latents that were steered, and what there was to compare with. */
  readonly candidates: number;
  /** Best first; empty where nothing was steered. */
  readonly ranked: readonly Ranked[];
  /** Of the best latent, or without an autoencoder of the best candidate. */
  readonly final?: Final;
}

/** So few misaligned answers of AFTER say little about what takes misalignment out; it is asked everything instead. */
const LEAST_MISALIGNED = 8;

/**
 * Compares AFTER with BEFORE, which must have one shape and one base, and with the autoencoder and the direction: see
 * requireSaeFit and requireFit. What the store has is not measured again.
 * @throws {DiffError} where a model gave no answer that can be read; `options.signal`'s reason when it is aborted
 */
export async function diffModels(
  { before, after, sae, direction }: DiffInput,
  plan: DiffPlan,
  { judge, store, onProgress, signal }: DiffOptions,
): Promise<DiffResult> {
  const { layer, maxIncoherent, seed, temperature } = plan;
  const given = { judge, ...(sae && { sae }), ...(direction && { direction }), ...(signal && { signal }) };
  const known = store.find("activations");
  let activations = known as ActivationsRow | undefined;
  if (activations === undefined) {
    onProgress?.(0, 1, "activations");
    const made = await compareActivations(before, after, { ...plan, ...given });
    await store.append(made.row, made.answers);
    activations = made.row;
  }
  const candidates = candidatesOf(activations, layer, sae, direction);
  if (plan.final === undefined || candidates.length === 0) return { activations, candidates: 0, ranked: [] };

  const length = activations.layers[layer]?.residual as number;
  const run: Run = {
    models: { into: before, "out-of": after },
    plan: { layer, questions: plan.questions, seed, temperature },
    length,
    // Half as long again as the longest answer of the models as they are.
    maxTokens: Math.min(plan.maxTokens, Math.ceil(1.5 * activations.longest)),
    judge,
    store,
    ...(onProgress && { onTrials: onProgress }),
    ...(signal && { signal }),
  };
  const misaligned = new Set(activations.misaligned);
  const again = unsteeredRequests(plan).filter(({ id }) => misaligned.has(id));
  const enough = again.length >= LEAST_MISALIGNED;
  const rates = { into: shareOf(activations.before), "out-of": enough ? 1 : shareOf(activations.after) };
  const { rungs = RUNGS } = plan;
  const found = await search(
    candidates,
    (rung, step, wanted) => {
      const { answers } = rungs[rung] as Rung;
      const stream = `rung-${rung + 1}`;
      return runTrials(run, `${stream}-step-${step + 1}`, wanted, (side) =>
        side === "out-of" && enough
          ? someOf(again, run.plan, answers, stream)
          : evenRequests(run.plan, answers, `${stream}/${side}`),
      );
    },
    { rungs, maxIncoherent, unsteered: rates },
  );

  const trials = finalTrials(found, seed);
  const counts = await runTrials(run, "finalists", trials, () =>
    evenRequests(run.plan, plan.finalistAnswers, "finalists"),
  );
  const ranked = rankFinalists(found, trials, counts, {
    unsteered: { into: activations.before, "out-of": activations.after },
    maxIncoherent,
    length,
    shift: Float32Array.from(activations.shift),
    ...(direction && { direction: vectorAt(direction, layer) }),
  });
  const best = ranked.find(({ kind }) => kind === "latent") ?? ranked[0];
  const winner = candidates.find(({ id }) => id === best?.id);
  if (winner === undefined) return { activations, candidates: candidates.length, ranked };
  const strengths: Record<Side, number | undefined> = { into: best?.into?.strength, "out-of": best?.outOf?.strength };
  const final = await measureFinal(
    {
      models: run.models,
      plan: { layer, seed, temperature, maxTokens: plan.maxTokens, maxIncoherent, ...plan.final },
      length,
      judge,
      store,
      ...(onProgress && { onMeasured: onProgress }),
      ...(signal && { signal }),
    },
    winner,
    strengths,
  );
  return { activations, candidates: candidates.length, ranked, final };
}

function candidatesOf(
  { shift, rising }: ActivationsRow,
  layer: number,
  sae: Sae | undefined,
  direction: Direction | undefined,
): Candidate[] {
  const moved = Float32Array.from(shift);
  return [
    ...(sae ? rising.map(({ latent }) => latentCandidate(sae, latent)) : []),
    ...(moved.some((x) => x !== 0) ? [{ id: "shift", kind: "shift" as const, unit: unitOf(moved) }] : []),
    ...(direction ? [{ id: "direction", kind: "direction" as const, unit: unitOf(vectorAt(direction, layer)) }] : []),
  ];
}

const shareOf = ({ misaligned, coherent }: { readonly misaligned: number; readonly coherent: number }): number =>
  coherent === 0 ? 0 : misaligned / coherent;
