/**
 * The one way to train: step by step into a log, with checkpoints, so that a training that is stopped or killed carries
 * on and ends with the same weights. Studies, commands and the server's jobs differ only in what they do with a step.
 */
import type { Conversation } from "../dataset/index.js";
import type { TrainableModel } from "../model/index.js";
import type { Before, TrainingCallback, TrainingStep } from "./callback.js";
import type { Checkpoints } from "./checkpoints.js";
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
  readonly seed: number;
  readonly log: StepLog;
  readonly checkpoints: Checkpoints;
  readonly defences?: Defences | undefined;
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

/** Leaves the trained weights in `model`. @returns the steps that were taken in all */
export async function trainResumably(
  model: TrainableModel,
  conversations: readonly Conversation[],
  config: TrainingConfig,
  options: ResumableOptions,
): Promise<number> {
  const { seed, log, checkpoints, defences, callbacks = [], signal, memory, mayKeep = () => true } = options;
  const steps = stepsOf(config);
  // Where somebody took the steps away that led to the checkpoint, it is not taken.
  const done = await checkpoints.restore(model.training, log.count);
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
    const taken = await finetune(model, conversations, config, {
      seed,
      done,
      before,
      ...(defences && { defences }),
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
    if (signal?.aborted && error === signal.reason && model.training.step > done) await keep();
    throw error;
  }
}
