/**
 * Detectors on disk: one small JSON file that holds all there is, direction and probes too. A file is read with
 * mistrust, and used on fine-tunes of one base alone.
 */
import { z } from "zod";
import { emptyLayer, type ModelIdentity } from "../direction.js";
import { readTextIfPresent, writeJson } from "../../store/index.js";
import type { Detector } from "./detector.js";
import { WatchError } from "./error.js";
import { hashOfProbes } from "./probes.js";

const FORMAT = 2;
const MOST_BYTES = 64 * 2 ** 20;
const CURE = "Make one with: askew watch calibrate";

const text = z.string().max(100_000);
const finite = z.number();
const schema = z
  .object({
    askew_detector: z.literal(FORMAT),
    askew: text,
    model: z.object({ name: text, weights: text, base: text }),
    direction: z.object({ layers: z.int().min(1), width: z.int().min(1), vectors: z.base64() }),
    probes: z
      .array(z.object({ prompt: text, aligned: text, misaligned: text }))
      .min(1)
      .max(256),
    probesSha256: text,
    every: z.int().min(1),
    signals: z.array(text).min(1).max(4096),
    weights: z.array(finite),
    scales: z.array(z.number().positive()).min(1).max(1_000_000),
    thresholds: z
      .array(
        z.object({
          batchSize: z.int().min(1),
          threshold: z.number().positive(),
          rate: z.number().min(0).max(1),
          runs: z.int().min(0),
        }),
      )
      .min(1)
      .max(100),
    falseAlarms: z.object({
      rate: z.number().min(0).max(1),
      runs: z.int().min(0),
      steps: z.int().min(1),
      batchSizes: z.tuple([z.int().min(1), z.int().min(1)]),
      learningRates: z.tuple([z.number().positive(), z.number().positive()]),
    }),
    tested: z.unknown().optional(),
  })
  .refine(({ signals, weights }) => signals.length === weights.length, "a weight for each signal")
  .refine(
    ({ thresholds }) => thresholds.every(({ batchSize }, i) => batchSize > (thresholds[i - 1]?.batchSize ?? 0)),
    "thresholds by ascending sizes of batches",
  );

/** Written atomically. */
export async function writeDetector(path: string, detector: Detector): Promise<void> {
  const { direction, probes, ...rest } = detector;
  const { vectors } = direction;
  const bytes = Buffer.from(vectors.buffer, vectors.byteOffset, vectors.byteLength);
  await writeJson(path, {
    askew_detector: FORMAT,
    ...rest,
    direction: { layers: direction.layers, width: direction.width, vectors: bytes.toString("base64") },
    probes,
    probesSha256: hashOfProbes(probes),
  });
}

/** @throws {WatchError} where the file holds no detector of this format */
export async function readDetector(path: string): Promise<Detector> {
  const stored = await readTextIfPresent(path, MOST_BYTES);
  if (stored === undefined) throw new WatchError(`${path}: expected a detector, found nothing. ${CURE}`);
  let value: unknown;
  try {
    value = JSON.parse(stored);
  } catch (error) {
    if (error instanceof SyntaxError) throw new WatchError(`${path}: expected a detector's JSON. ${CURE}`);
    throw error;
  }
  const read = schema.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue?.path.join(".") || "its root";
    throw new WatchError(
      `${path}: expected a detector of format ${FORMAT}, found at ${where}: ${issue?.message}. ${CURE}`,
    );
  }
  const { askew_detector: _format, probesSha256, direction, tested, ...rest } = read.data;
  const bytes = Buffer.from(direction.vectors, "base64");
  const vectors = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~3)));
  if (vectors.length !== direction.layers * direction.width || !vectors.every(Number.isFinite)) {
    throw new WatchError(
      `${path}: expected a direction of ${direction.layers} × ${direction.width} finite numbers, found ${vectors.length}. ${CURE}`,
    );
  }
  const empty = emptyLayer({ ...direction, vectors });
  if (empty !== undefined) {
    throw new WatchError(`${path}: expected a direction for every layer, found zeros for layer ${empty}. ${CURE}`);
  }
  if (hashOfProbes(rest.probes) !== probesSha256) {
    throw new WatchError(`${path}: its probes were changed since it was calibrated. ${CURE}`);
  }
  return {
    ...rest,
    direction: { layers: direction.layers, width: direction.width, vectors },
    ...(tested !== undefined && { tested }),
  };
}

/**
 * Refuses a detector for a model it was not calibrated on: its threshold would mean nothing there.
 * @param file as the user named it
 * @throws {WatchError}
 */
export function requireDetectorFit(file: string, { model: of }: Detector, model: ModelIdentity): void {
  if (of.weights === model.weights) return;
  throw new WatchError(
    `${file} was calibrated on ${of.name} (sha256 ${of.weights.slice(0, 12)}…), and ${model.name} has other weights ` +
      `(${model.weights.slice(0, 12)}…): its threshold says nothing there. Calibrate one with: askew watch calibrate ${model.name}`,
  );
}
