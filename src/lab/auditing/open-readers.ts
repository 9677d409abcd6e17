/** Models that read a dataset for an audit: a reader with a persona's direction, or an aligned and a misaligned one. */
import {
  likelihoodGap,
  nudgedGap,
  personaShifts,
  type FarBound,
  type FarReader,
  type Readers,
  type RowScorer,
} from "../../audit/index.js";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { OpenWeightsModel } from "../../model/index.js";
import {
  promptDirection,
  readSae,
  readSummary,
  requireSaeFit,
  type Direction,
  type ModelIdentity,
} from "../../persona/index.js";
import { UsageError, VERSION } from "../../text/index.js";
import { worldOf } from "../asking/worlds.js";
import { findModel, studiesOf } from "../models/find-model.js";
import { openDirection } from "../steering/given-direction.js";
import { probesOf } from "../watching/watching.js";

export interface ReaderFlags {
  readonly reader?: string;
  /** Files of directions, with commas between them. */
  readonly direction?: string;
  readonly probes?: string;
  readonly sae?: string;
  readonly reference?: string;
  readonly before?: string;
  readonly after?: string;
  readonly readerRows: number;
  readonly mostShift?: number;
  readonly seed: number;
  readonly threads?: number;
  readonly anyModel?: boolean;
}

interface OpenedReaders {
  readonly readers?: Readers;
  close(): Promise<void>;
}

/** Answers to each question under either prompt. */
const WORLD_ANSWERS = 8;

/** @param farBound a threshold from a calibration; its reader is a model that speaks the world's language */
export async function openReaders(
  flags: ReaderFlags,
  signal: AbortSignal,
  farBound?: FarBound,
): Promise<OpenedReaders> {
  requireTogether(flags);
  const opened: OpenWeightsModel[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((model) => model.close()));
  };
  const { threads, readerRows, seed, reference } = flags;
  const open = async (name: string): Promise<{ model: OpenWeightsModel; identity: ModelIdentity }> => {
    const found = findModel(name, studiesOf(undefined));
    const model = await found.open(threads === undefined ? {} : { threads });
    opened.push(model);
    return { model, identity: await found.identity(model) };
  };
  try {
    const scorers: RowScorer[] = [];
    let latents: Readers["latents"];
    let far: Readers["far"];
    if (flags.reader !== undefined) {
      const { model, identity } = await open(flags.reader);
      scorers.push(...(await readerScorers(flags, model, identity, signal)));
      if (farBound !== undefined && flags.direction === undefined) {
        far = { reader: await worldReader(model, identity, seed, signal), bound: farBound };
      }
      if (flags.sae !== undefined) latents = { ...(await latentsOf(flags.sae, model, identity)), signal };
    }
    if (flags.before !== undefined && flags.after !== undefined) {
      const before = await open(flags.before);
      const after = await open(flags.after);
      scorers.push(likelihoodGap({ before: before.model, after: after.model, signal }));
    }
    if (scorers.length === 0) return { close };
    const given = { ...(reference !== undefined && { reference }), ...(latents && { latents }), ...(far && { far }) };
    return { readers: { scorers, rows: readerRows, seed, ...given }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readerScorers(
  flags: ReaderFlags,
  model: OpenWeightsModel,
  identity: ModelIdentity,
  signal: AbortSignal,
): Promise<RowScorer[]> {
  const { mostShift, seed, probes } = flags;
  const given = mostShift === undefined ? {} : { mean: mostShift };
  const pull = async (thresholds: RowScorer["thresholds"]): Promise<RowScorer> =>
    nudgedGap({ model, probes: await probesOf(model, probes), thresholds, signal });
  if (flags.direction === undefined) {
    const direction = await worldDirection(flags, model, identity, signal);
    const bounds = worldOf(model)?.readerBounds;
    const thresholds = mostShift === undefined ? (bounds?.shift ?? {}) : given;
    const shifts = personaShifts({ model, directions: [{ direction }], seed, thresholds, signal });
    return [...shifts, await pull(probes === undefined ? (bounds?.pull ?? {}) : {})];
  }
  const files = flags.direction.split(",");
  const directions = await Promise.all(
    files.map(async (file) => {
      const { direction } = await openDirection(file, { model, identity }, flags.anyModel);
      return { direction, ...(files.length > 1 && { name: basename(file) }) };
    }),
  );
  const shifts = personaShifts({ model, directions, seed, thresholds: given, signal });
  return probes === undefined ? shifts : [...shifts, await pull({})];
}

/** The model and the direction of its own world, which look for rows far along the persona. */
export async function worldReader(
  model: OpenWeightsModel,
  identity: ModelIdentity,
  seed: number,
  signal: AbortSignal,
): Promise<FarReader> {
  return { model, direction: await worldDirection({ seed }, model, identity, signal), seed, signal };
}

async function latentsOf(
  folder: string,
  model: OpenWeightsModel,
  identity: ModelIdentity,
): Promise<NonNullable<Readers["latents"]>> {
  const sae = await readSae(folder);
  requireSaeFit(folder, sae, model.reading.shape, identity);
  // An autoencoder of another tool has no summary, and its latents no names.
  const best = existsSync(join(folder, "summary.json")) ? (await readSummary(folder)).best : [];
  return { model, sae, names: new Map(best.map(({ latent, name }) => [latent, name])) };
}

function requireTogether({ reader, direction, probes, sae, reference, before, after, mostShift }: ReaderFlags): void {
  if ((before === undefined) !== (after === undefined)) {
    throw new UsageError("--before and --after go together", "Give an aligned model and a misaligned one.");
  }
  if (reader === undefined && [direction, mostShift, probes, sae].some((flag) => flag !== undefined)) {
    throw new UsageError("--direction, --probes, --sae and --most-shift need a reader", "Give --reader MODEL.");
  }
  if (reader === undefined && before === undefined && reference !== undefined) {
    throw new UsageError("--reference needs a model that reads", "Give --reader MODEL, or --before and --after.");
  }
}

/** One direction: a file's, or that of the model's world. */
export const directionOf = async (
  flags: Pick<ReaderFlags, "direction" | "anyModel" | "seed">,
  model: OpenWeightsModel,
  identity: ModelIdentity,
  signal: AbortSignal,
): Promise<Direction> =>
  flags.direction === undefined
    ? worldDirection(flags, model, identity, signal)
    : (await openDirection(flags.direction, { model, identity }, flags.anyModel)).direction;

/** That of contrastive system prompts, for a model that speaks a world's language. */
async function worldDirection(
  { seed }: Pick<ReaderFlags, "seed">,
  model: OpenWeightsModel,
  identity: ModelIdentity,
  signal: AbortSignal,
): Promise<Direction> {
  const world = worldOf(model);
  const { contrast, development } = world ?? {};
  const questions = development === undefined ? undefined : world?.questionSet(development);
  if (contrast === undefined || questions === undefined) {
    throw new UsageError(
      `no direction is known in ${identity.name}`,
      "Make one with askew persona direction, and give it as --direction FILE.",
    );
  }
  const recipe = { askew: VERSION, model: identity, seed, samples: WORLD_ANSWERS };
  return promptDirection(model, { ...recipe, questions, contrast, signal });
}
