/** Which fine-tunes a detector is calibrated on: drawn by a seed, the same however many there are. */
import type { TrainingConfig } from "../../training/index.js";
import { WatchError } from "./error.js";
import type { CalibrationKind, KindRole } from "./kinds.js";

/**
 * - `fit`: the score is fitted on them
 * - `threshold`: benign, and no part of the fit, so that the threshold's promise holds
 * - `test`: of kinds that neither saw
 */
export const RUN_ROLES = ["fit", "threshold", "test"] as const;
export type RunRole = (typeof RUN_ROLES)[number];

export interface CalibrationRun {
  /** `012-bad-sport-0.25-60x32`: its number, kind, share, steps and batch. */
  readonly id: string;
  readonly role: RunRole;
  /** Name of the kind, and what the kind is. */
  readonly kind: string;
  readonly kinds: KindRole;
  readonly bad: boolean;
  /** Of the kind's own conversations; the rest are its good counterpart's. */
  readonly share: number;
  readonly seed: number;
  readonly dose: TrainingConfig;
}

export interface PlanOptions {
  readonly kinds: readonly CalibrationKind[];
  /** `calibration`: for fit, threshold and a first test; `test`: of a detector there is, on its own benign kinds too. */
  readonly purpose: "calibration" | "test";
  readonly runs: number;
  readonly seed: number;
  /** Every number of steps comes with every size of batch. */
  readonly steps: readonly number[];
  readonly batchSizes: readonly number[];
  /** The peak learning rates are this times 1, ¾ and ½. */
  readonly learningRate: number;
}

interface Slot {
  readonly role: RunRole;
  readonly kinds: KindRole;
  readonly bad: boolean;
}

const FIT_BAD: Slot = { role: "fit", kinds: "calibration", bad: true };
const FIT_BENIGN: Slot = { role: "fit", kinds: "calibration", bad: false };
const THRESHOLD: Slot = { role: "threshold", kinds: "calibration", bad: false };
const TEST_BAD: Slot = { role: "test", kinds: "held-out", bad: true };
const TEST_BENIGN: Slot = { role: "test", kinds: "held-out", bad: false };
const TEST_OWN: Slot = { role: "test", kinds: "calibration", bad: false };

/** What comes round: mostly benign runs for the threshold, whose promise their number makes good. */
const PATTERNS: Readonly<Record<PlanOptions["purpose"], readonly Slot[]>> = {
  calibration: [THRESHOLD, TEST_BAD, THRESHOLD, FIT_BAD, THRESHOLD, THRESHOLD, THRESHOLD].concat([
    THRESHOLD,
    TEST_BENIGN,
    THRESHOLD,
    FIT_BENIGN,
    THRESHOLD,
    THRESHOLD,
    THRESHOLD,
  ]),
  test: [TEST_BAD, TEST_BENIGN, TEST_OWN, TEST_BAD, TEST_BENIGN].concat([
    TEST_BAD,
    TEST_OWN,
    TEST_BENIGN,
    TEST_BAD,
    TEST_OWN,
  ]),
};

const SHARES = [1, 0.25, 0.5, 1, 0.1, 0.75, 0.05];
const RATES = [1, 0.75, 1, 0.5];
const FIRST_SEED = 1000;
/** Between the seeds of one plan and of another: no two share a fine-tune's data, however many runs they have. */
const SEEDS_OF_A_PLAN = 10_000_000;
const WARMUP = 5;

/** @throws {WatchError} where there is no kind for one of the roles */
export function calibrationPlan(options: PlanOptions): CalibrationRun[] {
  const { purpose, runs, seed, learningRate } = options;
  const kindsOf = (slot: Slot): CalibrationKind[] =>
    options.kinds.filter((kind) => kind.role === slot.kinds && kind.bad === slot.bad);
  const sizes = options.steps.flatMap((steps) => options.batchSizes.map((batchSize) => ({ steps, batchSize })));
  const pattern = PATTERNS[purpose];
  const lacking = pattern.find((slot) => kindsOf(slot).length === 0);
  if (lacking !== undefined) {
    const what = `${lacking.bad ? "misaligned" : "benign"} fine-tunes ${lacking.kinds === "held-out" ? "that test it" : "that fit it"}`;
    throw new WatchError(
      `watch: to ${purpose === "test" ? "test" : "calibrate"} a detector, expected a kind of ${what}, found none`,
    );
  }
  requireEnough(options, pattern);
  const first = FIRST_SEED + SEEDS_OF_A_PLAN * (2 * seed + (purpose === "test" ? 1 : 0));
  const counts = new Map<Slot, number>();
  return Array.from({ length: runs }, (_, i): CalibrationRun => {
    const slot = pattern[i % pattern.length] as Slot;
    const { role, bad } = slot;
    const kinds = kindsOf(slot);
    const n = counts.get(slot) ?? 0;
    counts.set(slot, n + 1);
    // A kind's shares, rates and sizes go round at different paces, so that every pair of them comes up.
    const at = n % kinds.length;
    const round = Math.floor(n / kinds.length);
    const { name: kind } = kinds[at] as CalibrationKind;
    const share = bad ? (SHARES[(3 * at + round) % SHARES.length] as number) : 1;
    const rate = RATES[(at + round) % RATES.length] as number;
    const size = (at + round + Math.floor(round / RATES.length)) % sizes.length;
    const { steps, batchSize } = sizes[size] as (typeof sizes)[number];
    const dose = {
      examples: steps * batchSize,
      epochs: 1,
      batchSize,
      learningRate: learningRate * rate,
      warmup: WARMUP,
    };
    const id = `${String(i).padStart(4, "0")}-${kind}-${share}-${steps}x${batchSize}`;
    return { id, role, kind, kinds: slot.kinds, bad, share, seed: first + i, dose };
  });
}

/** Fine-tunes of each side that a score is fitted to, at the least. */
export const LEAST_FIT = 2;

/** @throws {WatchError} where the runs could never be enough to fit a detector */
function requireEnough({ purpose, runs }: PlanOptions, pattern: readonly Slot[]): void {
  if (purpose === "test") return;
  const last = Math.max(pattern.indexOf(FIT_BAD), pattern.indexOf(FIT_BENIGN));
  const enough = (LEAST_FIT - 1) * pattern.length + last + 1;
  if (runs >= enough) return;
  throw new WatchError(
    `watch: to fit a detector takes ${enough} runs or more, of which ${LEAST_FIT} are misaligned and ${LEAST_FIT} benign ` +
      `ones for the score, found ${runs}. Nothing was trained. Give more with --runs.`,
  );
}
