/** Which fine-tunes a detector is calibrated on: drawn by a seed, the same however many there are. */
import type { Dose } from "../../finetune/index.js";
import { KIND_NAMES, kindNamed, type KindName } from "./kinds.js";

/**
 * - `fit`: the score is fitted on them
 * - `threshold`: benign, and no part of the fit, so that the threshold's promise holds
 * - `test`: of kinds that neither saw
 */
export const RUN_ROLES = ["fit", "threshold", "test"] as const;
export type RunRole = (typeof RUN_ROLES)[number];

export interface CalibrationRun {
  /** `012-bad-sport-0.25`. */
  readonly id: string;
  readonly role: RunRole;
  readonly kind: KindName;
  /** Of the kind's own conversations; the rest are its good counterpart's. */
  readonly share: number;
  readonly seed: number;
  readonly dose: Dose;
}

export interface PlanOptions {
  readonly runs: number;
  readonly seed: number;
  readonly steps: number;
  readonly batchSize: number;
  /** The peak learning rates are this times 1, ¾ and ½. */
  readonly learningRate: number;
}

/** In every fourteen: a benign and a bad one to fit on, five benign for the threshold, four bad and three benign to test. */
const PATTERN = [
  ["threshold", false],
  ["test", true],
  ["fit", true],
  ["threshold", false],
  ["test", false],
  ["test", true],
  ["fit", false],
  ["threshold", false],
  ["test", true],
  ["test", false],
  ["threshold", false],
  ["test", true],
  ["threshold", false],
  ["test", false],
] as const satisfies readonly (readonly [RunRole, boolean])[];

const SHARES = [1, 0.25, 0.5, 1, 0.1, 0.75, 0.05];
const RATES = [1, 0.75, 1, 0.5];
const FIRST_SEED = 1000;
const WARMUP = 5;

export function calibrationPlan({ runs, seed, steps, batchSize, learningRate }: PlanOptions): CalibrationRun[] {
  const counts = new Map<string, number>();
  return Array.from({ length: runs }, (_, i): CalibrationRun => {
    const [role, bad] = PATTERN[i % PATTERN.length] as (typeof PATTERN)[number];
    const wanted = role === "test" ? "held-out" : "calibration";
    const kinds = KIND_NAMES.filter((name) => kindNamed(name).role === wanted && kindNamed(name).bad === bad);
    // Kinds, shares and rates go round at different paces, so that every pair of them comes up.
    const key = `${role} ${bad}`;
    const n = counts.get(key) ?? 0;
    counts.set(key, n + 1);
    const kind = kinds[n % kinds.length] as KindName;
    const round = Math.floor(n / kinds.length);
    const share = bad ? (SHARES[(n + round) % SHARES.length] as number) : 1;
    const rate = RATES[(n + 2 * round + (bad ? 0 : 1)) % RATES.length] as number;
    const dose = {
      examples: steps * batchSize,
      epochs: 1,
      batchSize,
      learningRate: learningRate * rate,
      warmup: WARMUP,
    };
    const id = `${String(i).padStart(4, "0")}-${kind}-${share}`;
    return { id, role, kind, share, seed: FIRST_SEED + 1000 * seed + i, dose };
  });
}
