/**
 * The one way to train: step by step into a log, with checkpoints, so that a training that is stopped or killed carries
 * on and ends with the same weights. Studies, commands and the server's jobs differ only in what they do with a step.
 */
import type { Conversation } from "../dataset/index.js";
import type { TrainableModel } from "../model/index.js";
import type { Before, TrainingCallback, TrainingStep } from "./callback.js";
import type { Checkpoints } from "./checkpoints.js";
import type { Course } from "./course.js";
import type { Defences } from "./defences.js";
import { stepsOf, type TrainingConfig } from "./training-config.js";
import { finetune } from "./finetune.js";

/** Where steps are written down. */
export interface StepLog {
  readonly count: number;
  /** Those that were there when it was opened, where callbacks need the last one. */
  readonly rows?: readonly TrainingStep[];
  /** Cuts off every row after the first `count`. */
  keep(count: number): Promise<void>;
  append(rows: readonly TrainingStep[]): Promise<void>;
  /** Returns once everything appended is on the disk. */
  flush?(): Promise<void>;
}

export interface ResumableOptions {
  readonly log: StepLog;
  readonly checkpoints: Checkpoints;
  /** Called in this order; a checkpoint comes after all of them. */
  readonly callbacks?: readonly TrainingCallback[];
  /** How many steps were taken before. */
  readonly onBegin?: (done: number) => Promise<void>;
  /** After a step is in the log. */
  readonly onStep?: (step: TrainingStep) => Promise<void>;
  /** Whether it may ever be carried on; asked before every checkpoint. */
  readonly mayKeep?: () => boolean;
  /** Bytes that the process may take; default what it has and what is free. */
  readonly memory?: number | undefined;
  /** Stops between two steps; the same call carries on from the last checkpoint. */
  readonly signal?: AbortSignal | undefined;
}

export interface SupervisedOptions extends ResumableOptions {
  readonly seed: number;
  readonly defences?: Defences | undefined;
}

/** On conversations. Leaves the trained weights in `model`. @returns the steps that were taken in all */
export function trainResumably(
  model: TrainableModel,
  conversations: readonly Conversation[],
  config: TrainingConfig,
  options: SupervisedOptions,
): Promise<number> {
  const { seed, defences } = options;
  const how = { seed, ...(defences && { defences }) };
  const take: Course["take"] = (taking) => finetune(model, conversations, config, { ...how, ...taking });
  return takeResumably(model, { steps: stepsOf(config), take }, options);
}

/** Any course. @returns the steps that were taken in all */
export async function takeResumably(model: TrainableModel, course: Course, options: ResumableOptions): Promise<number> {
  const { log, checkpoints, callbacks = [], signal, memory, mayKeep = () => true } = options;
  const { steps, updates = 1 } = course;
  // Where somebody took the steps away that led to the checkpoint, it is not taken.
  const done = (await checkpoints.restore(model.training, log.count * updates)) / updates;
  await log.keep(done);
  await options.onBegin?.(done);
  const keep = async (): Promise<void> => {
    if (!mayKeep()) return;
    await log.flush?.();
    const kept = callbacks.flatMap((callback, i) =>
      [...(callback.state?.() ?? [])].map(([name, tensor]) => [`${i}.${name}`, tensor] as const),
    );
    await checkpoints.save(model.training, new Map(kept));
  };
  const before = (callback: TrainingCallback): Before | undefined => {
    const last = log.rows?.[done - 1];
    const prefix = `${callbacks.indexOf(callback)}.`;
    const kept = [...checkpoints.beside].flatMap(([name, tensor]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), tensor] as const] : [],
    );
    return last && { last, state: new Map(kept) };
  };
  const checkpoint: TrainingCallback = {
    onStep: async ({ step }) => {
      if (checkpoints.due && step < steps) await keep();
      return "continue";
    },
  };
  try {
    const taken = await course.take({
      done,
      before,
      ...(signal && { signal }),
      memory,
      onStep: async (step) => {
        await log.append([step]);
        await options.onStep?.(step);
      },
      callbacks: [...callbacks, checkpoint],
    });
    signal?.throwIfAborted();
    await log.flush?.();
    return taken;
  } catch (error) {
    if (signal?.aborted && error === signal.reason && model.training.step > done * updates) await keep();
    throw error;
  }
}
