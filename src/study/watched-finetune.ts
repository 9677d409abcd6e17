/**
 * A fine-tune that is watched, in a folder of its own. `plan.json` says what is done, `training.jsonl` and `watch.jsonl`
 * grow step by step, `checkpoint.safetensors` is where a stopped or killed one carries on, `alarm.json` is there from the
 * alarm on, and `verdict.json` once it has ended; the model is the folder `model`.
 */
import { join } from "node:path";
import type { Conversation } from "../dataset/index.js";
import { Checkpoints, finetune, stepsOf, type Dose, type TrainingStep } from "../finetune/index.js";
import type { LocalModel } from "../model/index.js";
import { WatchCallback, type Detector, type Truth, type Watcher, type WatchRow } from "../persona/index.js";
import { makeFolder, writeModelFolder } from "../transformer/index.js";
import { firstDifference } from "./difference.js";
import { StudyError } from "./error.js";
import { readJson, writeJson } from "./json-file.js";
import { lockFolder } from "./lock.js";
import { readRows, RowFile } from "./rows.js";

/** What a folder is for; it takes no other. */
export interface WatchedPlan {
  readonly model: { readonly name: string; readonly weights: string };
  readonly data: { readonly name: string; readonly sha256: string };
  readonly dose: Dose;
  readonly seed: number;
  readonly every: number;
  /** sha256 of the detector; null where signals are only written down. */
  readonly detector: string | null;
  readonly onAlarm: string;
  readonly truthEvery: number | null;
}

export interface WatchedVerdict {
  readonly alarm: { readonly step: number; readonly score: number } | null;
  /** Steps that were taken. */
  readonly step: number;
  readonly steps: number;
  readonly stopped: boolean;
  /** The folder of the model as the training left it. */
  readonly model: string;
  readonly seconds: { readonly training: number; readonly watching: number };
  readonly truth: readonly Truth[];
}

export interface WatchedOptions {
  readonly folder: string;
  readonly plan: WatchedPlan;
  readonly dose: Dose;
  readonly watcher: Watcher;
  readonly detector?: Detector;
  /** The training ends at the alarm. */
  readonly stops: boolean;
  readonly ask?: (step: number) => Promise<Truth>;
  readonly onStep?: (step: TrainingStep) => void;
  readonly onRow?: (row: WatchRow) => void;
  /**
   * At the alarm, in the background; true once whoever is to know does. A fine-tune that is carried on calls it again
   * where it was not.
   */
  readonly onAlarm?: (row: WatchRow) => Promise<boolean>;
  readonly signal: AbortSignal;
  /** Metadata of the model's weights. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Seconds from one checkpoint to the next; default as in a study. */
  readonly checkpointEvery?: number;
}

/** Leaves the trained weights in `model`. One that has ended is left as it is. */
export async function watchedFinetune(
  model: LocalModel,
  conversations: readonly Conversation[],
  options: WatchedOptions,
): Promise<WatchedVerdict> {
  const { folder } = options;
  await makeFolder(folder);
  const lock = await lockFolder(folder);
  try {
    await enter(folder, options.plan);
    const ended = await readJson(join(folder, "verdict.json"));
    if (ended !== undefined) return ended as WatchedVerdict;
    return await train(model, conversations, options);
  } finally {
    await lock.release();
  }
}

async function enter(folder: string, plan: WatchedPlan): Promise<void> {
  const path = join(folder, "plan.json");
  const wanted = { format: 1, ...plan };
  const before = await readJson(path);
  if (before === undefined) return writeJson(path, wanted);
  const difference = firstDifference(before, wanted);
  if (difference === undefined) return;
  const { path: where, left, right } = difference;
  throw new StudyError(
    `${folder} was begun with another plan: ${where} is ${JSON.stringify(left) ?? "absent"} there and ` +
      `${JSON.stringify(right) ?? "absent"} now. Choose another folder with --out, or delete this one.`,
  );
}

async function train(
  model: LocalModel,
  conversations: readonly Conversation[],
  options: WatchedOptions,
): Promise<WatchedVerdict> {
  const { folder, plan, dose, watcher, detector, stops, ask, signal } = options;
  const { seed, every, truthEvery } = plan;
  await model.load();
  watcher.begin();
  const checkpoints = new Checkpoints(join(folder, "checkpoint.safetensors"), plan, options.checkpointEvery);
  const watchPath = join(folder, "watch.jsonl");
  const trainingPath = join(folder, "training.jsonl");
  let done = await checkpoints.restore(model.trainer);
  if ((await readRows(trainingPath)).length < done) {
    done = 0; // somebody took the steps away that led there
    await model.load();
  }
  const kept = ((await readRows(watchPath)) as WatchRow[]).filter(({ step }) => step <= done).length;
  const training = await RowFile.open<TrainingStep>(trainingPath, done);
  const watch = await RowFile.open<WatchRow>(watchPath, kept);
  const rows: WatchRow[] = [...watch.rows];
  const alarmPath = join(folder, "alarm.json");
  let telling: Promise<void> | undefined;
  const callback = new WatchCallback(watcher, {
    every,
    ...(detector && { detector }),
    stops,
    signal,
    ...(truthEvery !== null && ask && { truth: { every: truthEvery, ask } }),
    store: {
      rows: watch.rows,
      append: async (row) => {
        await watch.append([row]);
        await watch.flush();
        rows.push(row);
      },
    },
    ...(options.onRow && { onRow: options.onRow }),
    onAlarm: async (row) => {
      const { step, score } = row;
      const known = (await readJson(alarmPath)) as { readonly told?: boolean } | undefined;
      if (known?.told === true) return;
      const alarm = { step, score, threshold: detector?.threshold };
      await writeJson(alarmPath, { ...alarm, told: false });
      telling = options.onAlarm?.(row).then(async (told) => writeJson(alarmPath, { ...alarm, told }));
    },
  });
  const keep = async (): Promise<void> => {
    await training.flush();
    await checkpoints.save(model.trainer);
  };
  let taken: number;
  const seconds = { training: training.rows.reduce((sum, row) => sum + row.seconds, 0), watching: 0 };
  try {
    taken = await finetune(model, conversations, dose, {
      seed,
      done,
      signal,
      onStep: async (step) => {
        await training.append([step]);
        seconds.training += step.seconds;
        options.onStep?.(step);
      },
      // After the watcher, so that a checkpoint never has more steps than looks.
      callbacks: [
        callback,
        {
          step: async ({ step, steps }) => {
            if (checkpoints.due && step < steps) await keep();
            return "go on";
          },
        },
      ],
    });
    await training.flush();
  } catch (error) {
    if (signal.aborted && error === signal.reason && model.trainer.step > done) await keep();
    throw error;
  } finally {
    await telling;
    await training.close();
    await watch.close();
  }
  const { config, tokenizer, template } = model.folder;
  const made = join(folder, "model");
  await writeModelFolder(
    made,
    { config, tensors: await model.trainer.weights(), tokenizer, template },
    options.metadata,
  );
  seconds.watching = rows.reduce((sum, row) => sum + row.seconds, 0);
  const { alarm } = callback;
  const verdict: WatchedVerdict = {
    alarm: alarm === undefined ? null : { step: alarm.step, score: alarm.score as number },
    step: taken,
    steps: stepsOf(dose),
    stopped: taken < stepsOf(dose),
    model: made,
    seconds,
    truth: rows.flatMap(({ truth }) => (truth === undefined ? [] : [truth])),
  };
  await writeJson(join(folder, "verdict.json"), verdict);
  await checkpoints.remove();
  return verdict;
}
