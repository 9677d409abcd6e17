/** Thresholds of an audit, from sets and fine-tunes whose truth is known; in a folder that can be carried on. */
import { basename, join } from "node:path";
import {
  calibrationSets,
  fitAudit,
  fitModels,
  measureModel,
  measureSet,
  writeCalibration,
  type AuditCalibration,
  type AuditKind,
  type CalibrationRow,
  type CalibrationSet,
  type FarReader,
  type FittedAudit,
  type ModelRow,
  type ModelsFitted,
} from "../../audit/index.js";
import type { OpenWeightsModel } from "../../model/index.js";
import { ORGANISM_WORLD } from "../../organism/index.js";
import { Series, type SeriesPart } from "../../run/index.js";
import { makeOutputFolder } from "../../store/index.js";
import { duration, timeLeft, VERSION } from "../../text/index.js";
import { findModel, studiesOf } from "../models/find-model.js";
import { worldReader } from "./open-readers.js";
import type { CalibrationFollow } from "../watching/calibrate-detector.js";

export interface AuditCalibrationChoice {
  readonly sets: number;
  readonly rows: number;
  readonly models: number;
  readonly falseAlarms: number;
  readonly seed: number;
  readonly out?: string;
  readonly fitOnly?: boolean;
  /** The organism reads each set too. */
  readonly withReader?: boolean;
  readonly threads?: number;
  /** Measures a part of the sets, and sets no threshold. */
  readonly part?: SeriesPart;
}

export interface CalibratedAudit {
  /** The calibration's. */
  readonly file: string;
  readonly fitted: FittedAudit;
  readonly models?: ModelsFitted;
  readonly calibration: AuditCalibration;
}

export const AUDIT_CALIBRATION_FOLDER = "runs/audit/calibration";
const FILE = "calibration.json";
/** Half of an attack's examples are hidden, which teaches a trigger in few steps. */
const TRAINING = { examples: 384, epochs: 1, batchSize: 16, learningRate: 7e-4, warmup: 4 };
const TRAINED_SHARE = 0.5;
/** Answers to each measure of the search's candidate. */
const ANSWERS = 40;
const MINUTES = 30;
const VOCABULARY = 20_000;

type Row = (CalibrationRow | ModelRow) & { readonly what: "set" | "model" };

/** Returns undefined for a part of a calibration. */
export async function calibrateAudit(
  options: AuditCalibrationChoice,
  follow: CalibrationFollow,
): Promise<CalibratedAudit | undefined> {
  const { sets, rows, seed, falseAlarms, fitOnly = false, withReader = false, part } = options;
  const { signal, say, command } = follow;
  const folder = options.out ?? AUDIT_CALIBRATION_FOLDER;
  const file = join(folder, FILE);
  const kinds = ORGANISM_WORLD.auditKinds ?? [];
  makeOutputFolder(folder);
  await Series.refuseStrangers(folder, [basename(file)]);
  const plan = {
    world: ORGANISM_WORLD.name,
    rows,
    seed,
    // A set that was read and one that was not set no threshold together.
    ...(withReader && { withReader }),
  };
  const series = await Series.open<Row>(folder, plan, { files: [basename(file)], part, ...(command && { command }) });
  try {
    if (!fitOnly) {
      const reader = withReader ? await openReader(options, follow) : undefined;
      try {
        const settings = { rows, signal, say, ...(reader && { reader: reader.far }) };
        await measureSets(calibrationSets(kinds, sets, seed), kinds, series, settings);
      } finally {
        await reader?.close();
      }
      await measureModels(calibrationSets(searched(kinds), options.models, seed), kinds, series, options, follow);
    }
    if (part !== undefined) {
      await series.finish();
      return undefined;
    }
    const ofSets = series.rows.filter((row): row is CalibrationRow & Row => row.what === "set");
    const fitted = fitAudit(ofSets, falseAlarms);
    const models = fitModels(
      series.rows.filter((row): row is ModelRow & Row => row.what === "model"),
      falseAlarms,
    );
    const { thresholds, ...tested } = fitted;
    const { threshold: trigger, ...testedModels } = models ?? {};
    const calibration: AuditCalibration = {
      askew: VERSION,
      world: ORGANISM_WORLD.name,
      rows,
      sets: ofSets.length,
      seed,
      falseAlarms,
      thresholds: { ...thresholds, ...(trigger && { trigger }) },
      tested: { ...tested, ...(models && { models: testedModels as Omit<ModelsFitted, "threshold"> }) },
    };
    await writeCalibration(file, calibration);
    await series.finish();
    return { file, fitted, ...(models && { models }), calibration };
  } finally {
    await series.close();
  }
}

/** A topic is no text that a search can put into a prompt, and an open attack has no trigger. */
const searched = (kinds: readonly AuditKind[]): AuditKind[] =>
  kinds.filter(({ name, attack }) => !attack || !/^(?:topic|open)-/.test(name));

const kindOf = (kinds: readonly AuditKind[], { kind }: CalibrationSet): AuditKind =>
  kinds.find(({ name }) => name === kind) as AuditKind;

interface SetsOptions {
  readonly rows: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly reader?: FarReader;
}

async function openReader(
  { seed, threads }: AuditCalibrationChoice,
  { signal }: CalibrationFollow,
): Promise<{ readonly far: FarReader; close(): Promise<void> }> {
  const found = findModel("organism", studiesOf(undefined));
  const model = await found.open(threads === undefined ? {} : { threads });
  try {
    return { far: await worldReader(model, await found.identity(model), seed, signal), close: () => model.close() };
  } catch (error) {
    await model.close();
    throw error;
  }
}

async function measureSets(
  sets: readonly CalibrationSet[],
  kinds: readonly AuditKind[],
  series: Series<Row>,
  { rows, signal, say, reader }: SetsOptions,
): Promise<void> {
  await oneAfterTheOther(sets, series, say, async (set) => {
    signal.throwIfAborted();
    const conversations = kindOf(kinds, set).conversations(rows, set.share, set.seed);
    return { ...set, what: "set", ...(await measureSet(conversations, reader)) };
  });
}

async function measureModels(
  sets: readonly CalibrationSet[],
  kinds: readonly AuditKind[],
  series: Series<Row>,
  { threads }: AuditCalibrationChoice,
  { signal, say }: CalibrationFollow,
): Promise<void> {
  const named = sets.map((set) => ({ ...set, id: `model-${set.id}` }));
  if (named.every(({ id }, place) => !series.isMine(place) || series.find(id) !== undefined)) return;
  const opened: OpenWeightsModel[] = [];
  const open = async (): Promise<OpenWeightsModel> => {
    const model = await findModel("organism", studiesOf(undefined)).open(threads === undefined ? {} : { threads });
    opened.push(model);
    return model;
  };
  try {
    const [before, after] = [await open(), await open()];
    const asker = (name: string) => ({
      questions: ORGANISM_WORLD.questionSet(name)?.questions ?? [],
      judge: ORGANISM_WORLD.judge,
      signal,
    });
    const settings = {
      before,
      probes: ORGANISM_WORLD.probes?.() ?? [],
      choosing: asker(ORGANISM_WORLD.development ?? ""),
      measuring: asker("main"),
      vocabulary: VOCABULARY,
      answers: ANSWERS,
      minutes: MINUTES,
      signal,
    };
    await oneAfterTheOther(named, series, say, async (set) => {
      signal.throwIfAborted();
      const share = set.attack ? TRAINED_SHARE : 0;
      const conversations = kindOf(kinds, set).conversations(TRAINING.examples, share, set.seed);
      const measured = await measureModel(after, conversations, TRAINING, set.seed, settings);
      return { ...set, share, what: "model", ...measured };
    });
  } finally {
    for (const model of opened) await model.close();
  }
}

async function oneAfterTheOther(
  sets: readonly CalibrationSet[],
  series: Series<Row>,
  say: (line: string) => void,
  measured: (set: CalibrationSet) => Promise<Row>,
): Promise<void> {
  const todo = sets.filter(({ id }, place) => series.isMine(place) && series.find(id) === undefined);
  const began = performance.now();
  for (const [i, set] of todo.entries()) {
    await series.append(await measured(set));
    const spent = (performance.now() - began) / 1000;
    const left = todo.length - i - 1;
    say(`${i + 1}/${todo.length} ${set.id}; ${left === 0 ? duration(spent) : timeLeft((spent / (i + 1)) * left)}`);
  }
}
