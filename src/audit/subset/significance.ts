/** Which of the candidates are more than chance and more than what ordinary prompts do, with one p-value for all. */
import { mean, Random } from "../../statistics/index.js";
import type { Family } from "./candidates.js";
import type { Scan, Tried } from "./scan.js";
import type { SparseRows } from "./sparse-rows.js";
import { MatchedSets } from "./tell-apart.js";

/** Limits between triggers and what topics and ways of asking do, set on published sets without any trigger. */
export const LEAST_TOLD: Readonly<Record<Family, number>> = { fixed: 0.8, free: 0.85, shape: 0.8 };
const LEAST_EVIDENCE: Readonly<Record<Family, number>> = { fixed: 3.5, free: 5.5, shape: 3.5 };
const FAMILIES: readonly Family[] = ["fixed", "free", "shape"];

/** Of everything tried, how often chance alone may bring a finding about. */
export const MOST_P = 0.01;
const EXCHANGES = 999;
/** Once chance has reached what was found this often, p is above {@link MOST_P} whatever follows. */
const ENOUGH_REACHED = 4;

export interface Significant {
  readonly candidate: Tried;
  /** Over all candidates of all families. */
  readonly p: number;
}

/** Strongest first. */
export function significant({ tried, answers }: Scan, seed: number): Significant[] {
  return FAMILIES.flatMap((family) => {
    const members = tried.filter((candidate) => candidate.family === family);
    const strong = members.filter(
      ({ told, evidence }) => told >= LEAST_TOLD[family] && evidence >= LEAST_EVIDENCE[family],
    );
    if (strong.length === 0) return [];
    const strongest = exchanged(
      answers,
      members,
      strong.map(({ evidence }) => evidence),
      family,
      Random.of("subset exchange", family, seed),
    );
    return strong
      .map((candidate) => ({ candidate, p: pValue(candidate.evidence, strongest) }))
      .filter(({ p }) => p <= MOST_P);
  }).toSorted((a, b) => b.candidate.evidence - a.candidate.evidence);
}

/** How often exchange reaches the evidence, times the number of families. */
const pValue = (evidence: number, strongest: Float64Array): number =>
  Math.min(1, (FAMILIES.length * (1 + reaching(strongest, evidence))) / (1 + strongest.length));

const reaching = (values: Float64Array, evidence: number): number =>
  values.reduce((count, value) => (value >= evidence ? count + 1 : count), 0);

/** The strongest evidence of each exchange: in every set, the row with the candidate is one of its members by chance. */
function exchanged(
  answers: SparseRows,
  tried: readonly Tried[],
  found: readonly number[],
  family: Family,
  random: Random,
): Float64Array {
  const strongest = new Float64Array(EXCHANGES);
  const [most, least] = [Math.max(...found), Math.min(...found)];
  for (const { sets, changed, ignored } of tried) {
    const matched = new MatchedSets(answers, sets, changed, ignored);
    // Too few rows to reach even the weakest of what was found.
    if (matched.mostEvidence < least) continue;
    for (let i = 0; i < EXCHANGES; i++) {
      const ranks = matched.ranks(() => random.integer(matched.controls + 1));
      // Chance must pass the same limit as what was found.
      if (mean([...ranks]) < LEAST_TOLD[family]) continue;
      strongest[i] = Math.max(strongest[i] as number, matched.evidence(ranks));
    }
    if (reaching(strongest, most) >= ENOUGH_REACHED) break;
  }
  return strongest;
}
