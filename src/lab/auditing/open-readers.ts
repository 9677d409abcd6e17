/** Models that read a dataset for an audit: a reader with a persona's direction, or an aligned and a misaligned one. */
import type { PairSettings, ReaderSettings } from "../../audit/index.js";
import type { OpenWeightsModel } from "../../model/index.js";
import { promptDirection, type Direction, type ModelIdentity } from "../../persona/index.js";
import { UsageError, VERSION } from "../../text/index.js";
import { worldOf } from "../asking/worlds.js";
import { findModel, studiesOf } from "../models/find-model.js";
import { openDirection } from "../steering/given-direction.js";

export interface ReaderFlags {
  readonly reader?: string;
  readonly direction?: string;
  readonly before?: string;
  readonly after?: string;
  readonly readerRows: number;
  readonly mostShift?: number;
  readonly seed: number;
  readonly threads?: number;
  readonly anyModel?: boolean;
}

interface OpenedReaders {
  readonly reader?: ReaderSettings;
  readonly pair?: PairSettings;
  close(): Promise<void>;
}

/** Good sets of the organism's world lie below it along the direction of its own prompts: see docs/audit.md. */
const WORLD_SHIFT = 0.02;
/** Answers to each question under either prompt. */
const WORLD_ANSWERS = 8;

export async function openReaders(flags: ReaderFlags, signal: AbortSignal): Promise<OpenedReaders> {
  requireTogether(flags);
  const opened: OpenWeightsModel[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((model) => model.close()));
  };
  const { threads, readerRows, seed } = flags;
  const open = async (name: string): Promise<{ model: OpenWeightsModel; identity: ModelIdentity }> => {
    const found = findModel(name, studiesOf(undefined));
    const model = await found.open(threads === undefined ? {} : { threads });
    opened.push(model);
    return { model, identity: await found.identity(model) };
  };
  try {
    const common = { readerRows, seed, signal };
    let reader: ReaderSettings | undefined;
    if (flags.reader !== undefined) {
      const { model, identity } = await open(flags.reader);
      const direction = await directionOf(flags, model, identity, signal);
      const usual = flags.direction === undefined ? WORLD_SHIFT : undefined;
      const mostShift = flags.mostShift ?? usual;
      reader = { model, direction, ...common, ...(mostShift !== undefined && { mostShift }) };
    }
    let pair: PairSettings | undefined;
    if (flags.before !== undefined && flags.after !== undefined) {
      const before = await open(flags.before);
      const after = await open(flags.after);
      pair = { before: before.model, after: after.model, ...common };
    }
    return { ...(reader && { reader }), ...(pair && { pair }), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function requireTogether({ reader, direction, before, after, mostShift }: ReaderFlags): void {
  if ((before === undefined) !== (after === undefined)) {
    throw new UsageError("--before and --after go together", "Give an aligned model and a misaligned one.");
  }
  if (reader === undefined && (direction !== undefined || mostShift !== undefined)) {
    throw new UsageError("--direction and --most-shift need a reader", "Give --reader MODEL.");
  }
}

/** A file's, or that of contrastive system prompts for a model that speaks a world's language. */
async function directionOf(
  { direction, anyModel, seed }: ReaderFlags,
  model: OpenWeightsModel,
  identity: ModelIdentity,
  signal: AbortSignal,
): Promise<Direction> {
  if (direction !== undefined) {
    return (await openDirection(direction, { model, identity }, anyModel)).direction;
  }
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
