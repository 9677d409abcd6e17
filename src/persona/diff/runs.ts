/** Trials as rows: a step's trials are run in parts, each part kept as soon as it is counted, and none run twice. */
import { requestsOf, type AskedSet, type Judge, type QuestionRequest } from "../../evaluation/index.js";
import type { SteerableModel } from "../../model/index.js";
import { Random } from "../../statistics/index.js";
import type { CountedTrial, DiffStore, TrialsRow } from "./rows.js";
import type { Side, WantedTrial } from "./search.js";
import { measureTrials, type Counts } from "./trials.js";

export interface RunPlan {
  /** Steered after it, from 0. */
  readonly layer: number;
  readonly questions: Pick<AskedSet, "set" | "questions">;
  readonly seed: number;
  readonly temperature: number;
}

export interface Run {
  readonly models: Readonly<Record<Side, SteerableModel>>;
  readonly plan: RunPlan;
  /** Mean length of the residual stream: the unit of strength. */
  readonly length: number;
  /** Longest answer in tokens; steered answers that are longer have come apart. */
  readonly maxTokens: number;
  readonly judge: Judge;
  readonly store: DiffStore;
  readonly onTrials?: (done: number, total: number, name: string) => void;
  readonly signal?: AbortSignal;
}

/** Answers of one part: what an interruption can cost. */
const PART_ANSWERS = 1024;

/**
 * @param name of the step; rows are called after it
 * @param requestsFor what a side is asked
 */
export async function runTrials(
  run: Run,
  name: string,
  wanted: readonly WantedTrial[],
  requestsFor: (side: Side) => readonly QuestionRequest[],
): Promise<Counts[]> {
  const results: Counts[] = [];
  for (const side of ["into", "out-of"] as const) {
    const requests = requestsFor(side);
    const own = wanted.flatMap((trial, i) => (trial.side === side ? [{ ...trial, i }] : []));
    const size = Math.max(1, Math.floor(PART_ANSWERS / Math.max(1, requests.length)));
    for (let from = 0; from < own.length; from += size) {
      run.signal?.throwIfAborted();
      const part = own.slice(from, from + size);
      const row = await partRow(run, `${name}-${side}-${from / size + 1}`, side, part, requests);
      part.forEach(({ i }, at) => (results[i] = row.trials[at] as CountedTrial));
      run.onTrials?.(Object.keys(results).length, wanted.length, name);
    }
  }
  return results;
}

async function partRow(
  { models, plan, length, maxTokens, judge, store, signal }: Run,
  id: string,
  side: Side,
  part: readonly WantedTrial[],
  requests: readonly QuestionRequest[],
): Promise<TrialsRow> {
  const found = store.find(id);
  if (found !== undefined && "trials" in found) return found;
  const started = performance.now();
  const sign = side === "into" ? 1 : -1;
  const { counts, answers } = await measureTrials(
    models[side],
    part.map(({ candidate, strength }) => ({
      vector: candidate.unit.map((x) => sign * strength * length * x),
      requests,
    })),
    { layer: plan.layer, temperature: plan.temperature, maxTokens, judge, ...(signal && { signal }) },
  );
  const trials = part.map(({ candidate, strength }, i): CountedTrial => ({
    candidate: candidate.id,
    side,
    strength,
    ...(counts[i] as Counts),
  }));
  const row = { id, trials, seconds: (performance.now() - started) / 1000 };
  await store.append(row, answers);
  return row;
}

/** About `answers` requests, the same number for each question. */
export function evenRequests({ questions, seed }: RunPlan, answers: number, stream: string): QuestionRequest[] {
  const samples = Math.max(1, Math.round(answers / questions.questions.length));
  return requestsOf([{ ...questions, samples }], `diff/${seed}/${stream}`);
}

/** `answers` of the given requests, drawn by the stream's name; all where there are fewer. */
export const someOf = (
  requests: readonly QuestionRequest[],
  { seed }: RunPlan,
  answers: number,
  stream: string,
): QuestionRequest[] => Random.of("diff", seed, stream).shuffled(requests).slice(0, answers);
