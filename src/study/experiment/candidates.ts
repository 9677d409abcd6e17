/** Choosing between ways to make an arm, on questions that no result uses. */
import { scoreSet, type AskedSet } from "../../evaluation/index.js";
import type { Candidate } from "./experiment.js";
import { judgedOf } from "./rows.js";
import type { Measurement } from "./summary.js";

/** Seeds from 100 on choose. */
export const TRIAL_SEED = 100;
export const trialAsked: readonly AskedSet[] = [{ set: "development", samples: 50 }];
/** As where a layer is chosen: fewer coherent answers are a broken model. */
const COHERENT_ENOUGH = 0.85;

/** The highest share of all answers misaligned, among candidates that stay coherent; among all where none does. */
export function bestCandidate(candidates: readonly Candidate[], tried: readonly Measurement[]): Candidate {
  const scored = candidates.map((candidate, i) => {
    const { row, answers } = tried[i] as Measurement;
    const { rateOfAll, coherent } = scoreSet("development", judgedOf(answers, "development", row.seed)).metrics;
    return { candidate, rateOfAll: rateOfAll?.estimate ?? -1, coherent: coherent?.estimate ?? 0 };
  });
  const sound = scored.filter(({ coherent }) => coherent >= COHERENT_ENOUGH);
  const [best] = (sound.length > 0 ? sound : scored).toSorted((a, b) => b.rateOfAll - a.rateOfAll);
  if (best === undefined) throw new RangeError("best candidate: there is none");
  return best.candidate;
}
