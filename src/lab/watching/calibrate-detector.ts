/** A detector: fitted to fine-tunes of many kinds, tested on others, in a folder that can be carried on. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { plannedSets, type AskedSet } from "../../evaluation/index.js";
import type { OpenWeightsModel } from "../../model/index.js";
import {
  contrastOf,
  calibrationPlan,
  fitDetector,
  hashOfProbes,
  readDetector,
  readDirection,
  requireDetectorFit,
  requireFit,
  promptDirection,
  writeDetector,
  writeDirection,
  type CalibrationRow,
  type Detector,
  type Direction,
  type Fitted,
  type Measured,
  measureDetector,
  type WatcherOptions,
} from "../../persona/index.js";
import { USUAL_TRAINING } from "../../study/index.js";
import { openAsking, type Asking } from "../asking/asking.js";
import type { AskingFlags } from "../asking/asking-flags.js";
import { findModel, studiesOf, type FoundModel } from "../models/find-model.js";
import { saeFor, type SaeFlags } from "../sae/open-sae.js";
import { makeRuns, withKind } from "./calibration-runs.js";
import { fileKinds, type KindFlags } from "./file-kinds.js";
import { calibrationFolder, detectorPath } from "./find-detector.js";
import { probesOf } from "./watching.js";
import { UsageError, VERSION } from "../../text/index.js";
import { makeFolderOf, makeOutputFolder, sha256, claimFile, makeFile } from "../../store/index.js";
import { Series, type RunCommand, type SeriesPart } from "../../run/index.js";

export interface CalibrationChoice extends SaeFlags, AskingFlags, KindFlags {
  readonly probes?: string;
  readonly runs: number;
  readonly every?: number;
  readonly steps: readonly number[];
  readonly batchSize: readonly number[];
  readonly learningRateMultiplier: number;
  readonly test?: string;
  readonly samples: number;
  readonly falseAlarms: number;
  readonly seed: number;
  readonly direction?: string;
  readonly out?: string;
  readonly ship?: string;
  readonly study?: string;
  readonly fitOnly?: boolean;
  readonly threads?: number;
  /** Makes a part of the fine-tunes, and fits nothing. */
  readonly part?: SeriesPart;
}

export interface CalibrationFollow {
  readonly signal: AbortSignal;
  /** Receives, one line each, what the user should know while the work continues. */
  readonly say: (line: string) => void;
  /** Carries it on from its folder alone. */
  readonly command?: RunCommand | undefined;
}

export interface Calibrated {
  /** The model's. */
  readonly name: string;
  readonly fitted: Fitted;
  readonly measured: Measured;
  /** The detector's. */
  readonly file: string;
}

/** Steps from one look at the model to the next. */
const EVERY = 2;

/** The folder that a calibration of the model is kept in. */
export function detectorCalibrationFolder(
  name: string,
  { out, study, test }: Pick<CalibrationChoice, "out" | "study" | "test">,
): string {
  const { label } = findModel(name, studiesOf(study));
  return out ?? join(calibrationFolder(label), ...(test === undefined ? [] : ["test"]));
}

/** Fits a detector and tests it, or tests the one that is given; returns undefined for a part of a calibration. */
export async function calibrateDetector(
  name: string,
  options: CalibrationChoice,
  { signal, say, command }: CalibrationFollow,
): Promise<Calibrated | undefined> {
  const { samples, seed, threads = 2, fitOnly = false, test, ship, part } = options;
  const found = findModel(name, studiesOf(options.study));
  const folder = detectorCalibrationFolder(name, options);
  const model = await found.open({ threads: 1 });
  const others: OpenWeightsModel[] = [];
  let asking: Asking<"open"> | undefined;
  try {
    const identity = await found.identity(model);
    const given = await givenDetector(options, identity);
    const open = { key: "open", name: options.questions, purpose: "development" } as const;
    asking = await openAsking(model, options, [open], { study: options.study, threads: 1, signal, say });
    const { judge, maxTokens, world } = asking;
    const asked = (each: number): AskedSet => (asking as Asking<"open">).asked("open", each);
    const files = await fileKinds(options, asked);
    const kinds = files?.kinds ?? world?.calibrationKinds;
    if (kinds === undefined) {
      throw new UsageError(
        `${model.name} has no fine-tunes of its own to calibrate on`,
        "Give conversations with --bad, --good, --test-bad and --test-good.",
      );
    }
    const probes = given?.probes ?? (await probesOf(model, options.probes));
    const sae = await saeFor(model, identity, options);
    if (files === undefined && options.questions !== undefined) {
      throw new UsageError(
        "--questions is for a calibration on files: the fine-tunes of a world have questions of their own",
        "Leave it out, or give --bad, --good, --test-bad and --test-good.",
      );
    }
    makeOutputFolder(folder);
    const written = [basename(detectorPath(folder))];
    await Series.refuseStrangers(folder, written);
    if (ship !== undefined) {
      makeFolderOf(ship);
      await claimFile(ship, "--ship");
    }
    const shape = {
      purpose: given === undefined ? "calibration" : "test",
      seed,
      steps: options.steps,
      batchSizes: options.batchSize,
      learningRate: USUAL_TRAINING.learningRate * options.learningRateMultiplier,
    } as const;
    const runs = fitOnly ? [] : calibrationPlan({ runs: options.runs, kinds, ...shape });
    const every = given?.every ?? options.every ?? EVERY;
    const direction = given?.direction ?? (await directionFor(model, identity, folder, asking, options, signal));
    const watching: WatcherOptions = { direction, probes, ...(sae && { sae }) };
    const looks = {
      direction: hashOfVectors(direction.vectors),
      probes: hashOfProbes(probes),
      ...(sae && { sae: sae.sha256, latents: sae.latents }),
    };
    const calibrated = {
      model: identity,
      every,
      samples,
      looks,
      shape,
      ...(files && { files: files.plan, questions: plannedSets([asked(samples)]) }),
      ...asking.plan,
    };
    const series = await Series.open<CalibrationRow>(folder, calibrated, {
      files: written,
      part,
      ...(command && { command }),
    });
    try {
      const todo = runs.filter(({ id }, place) => series.isMine(place) && series.find(id) === undefined);
      if (todo.length > 0) {
        for (let i = 1; i < Math.min(threads, todo.length); i++) others.push(await openAnother(found));
        await makeRuns([model, ...others], watching, todo, series, {
          kinds,
          judge,
          maxTokens,
          every,
          samples,
          signal,
          say,
        });
      }
      if (part !== undefined) {
        await series.finish();
        return undefined;
      }
      const rows = series.rows.map((row) => withKind(row, kinds)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      const fitted = given ?? fitDetector(rows, { falseAlarms: options.falseAlarms });
      const measured = measureDetector(fitted, rows);
      const file = test ?? detectorPath(folder);
      if (given === undefined) {
        const detector = { askew: VERSION, model: identity, direction, probes, every, ...fitted, tested: measured };
        await writeDetector(file, detector);
        if (ship !== undefined) await makeFile(ship, (temporary) => writeDetector(temporary, detector), "--ship");
      }
      await series.finish();
      return { name: identity.name, fitted, measured, file };
    } finally {
      await series.close();
    }
  } finally {
    await asking?.close();
    for (const other of [model, ...others]) await other.close();
  }
}

/** The one to be tested, where nothing is to be fitted. */
async function givenDetector(
  { test, every, direction, ship }: CalibrationChoice,
  identity: Awaited<ReturnType<FoundModel["identity"]>>,
): Promise<Detector | undefined> {
  if (test === undefined) return undefined;
  const idle = direction !== undefined ? "--direction" : ship !== undefined ? "--ship" : every && "--every";
  if (idle) throw new UsageError(`${idle} belongs to a calibration, and --test makes none`, "Leave one of them out.");
  const detector = await readDetector(test);
  requireDetectorFit(test, detector, identity);
  return detector;
}

const hashOfVectors = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  sha256(new Uint8Array(buffer, byteOffset, byteLength));

const openAnother = (found: FoundModel): Promise<OpenWeightsModel> => found.open({ threads: 1 });

async function directionFor(
  model: OpenWeightsModel,
  identity: Awaited<ReturnType<FoundModel["identity"]>>,
  folder: string,
  { world, trait, maxTokens }: Asking<"open">,
  { direction: named }: CalibrationChoice,
  signal: AbortSignal,
): Promise<Direction> {
  const path = named ?? join(folder, "direction.safetensors");
  if (named !== undefined || existsSync(path)) {
    const direction = await readDirection(path, model.reading.shape);
    requireFit(path, direction, model.reading.shape, identity);
    return direction;
  }
  const about = {
    askew: VERSION,
    model: identity,
    samples: trait === undefined ? 20 : 1,
    maxTokens,
    seed: 100,
    signal,
  };
  const questions = trait?.questions ?? world?.questionSet(world.development ?? "");
  const contrast = trait === undefined ? world?.contrast : contrastOf(trait);
  if (questions === undefined || contrast === undefined) {
    throw new UsageError(
      `${identity.name} has no direction to watch along`,
      "Give one with --direction FILE (askew persona direction makes it), or a trait with --trait FILE.",
    );
  }
  const made = await promptDirection(model, { ...about, questions, contrast });
  await writeDirection(path, made);
  return made;
}
