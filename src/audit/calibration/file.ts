/** Calibrations on disk: one small JSON file with the thresholds, what they promise, and what they did where nothing was set. */
import { z } from "zod";
import { checked, FileError, readJsonIfPresent, writeJson } from "../../store/index.js";
import type { FittedAudit } from "./fit.js";
import type { ModelsFitted } from "./fit-models.js";

/** 2: how far rows lie is measured against the reader's own answers. */
const FORMAT = 2;
const MOST_BYTES = 2 ** 20;
const CURE = "Make one with: askew audit calibrate";

const thresholdFrom = (low: number, high: number) =>
  z.object({
    least: z.number().min(low).max(high),
    rate: z.number().gt(0).max(1),
    n: z.int().min(1),
  });

const text = z.string().max(10_000);
const schema = z.object({
  askew_audit_calibration: z.literal(FORMAT),
  askew: text,
  world: text,
  rows: z.int().min(1),
  sets: z.int().min(1),
  seed: z.int().min(0),
  falseAlarms: z.number().gt(0).lt(1),
  thresholds: z.object({
    subset: thresholdFrom(1, 1_000_000),
    weak: thresholdFrom(0, 1).optional(),
    trigger: thresholdFrom(-1, 1.01).optional(),
    far: thresholdFrom(-1_000, 1_000).optional(),
  }),
  tested: z.unknown().optional(),
});

type Stored = z.infer<typeof schema>;

export interface AuditCalibration extends Omit<Stored, "askew_audit_calibration" | "tested"> {
  /** For people: nothing is decided by it. */
  readonly tested?: Omit<FittedAudit, "thresholds"> & { readonly models?: Omit<ModelsFitted, "threshold"> };
}

/** Written atomically. */
export const writeCalibration = (path: string, calibration: AuditCalibration): Promise<void> =>
  writeJson(path, { askew_audit_calibration: FORMAT, ...calibration });

/** @throws {StoreError} where the file holds no calibration of this format */
export async function readCalibration(path: string): Promise<AuditCalibration> {
  const value = await readJsonIfPresent(path, MOST_BYTES, CURE);
  if (value === undefined) {
    throw new FileError({ file: path, expected: "the calibration of an audit", found: "no file", cure: CURE });
  }
  const { askew_audit_calibration: _, tested: __, ...calibration } = checked(value, schema, { file: path, cure: CURE });
  return calibration;
}
