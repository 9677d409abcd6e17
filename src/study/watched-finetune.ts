/**
 * A fine-tune in this process that is watched. Beside the fine-tune's own files its folder has `watch.jsonl`, which grows
 * look by look, `alarm.json` from the alarm on, and `verdict.json` once it has ended.
 */
import { join } from "node:path";
import type { Conversation } from "../dataset/index.js";
import { finetuneHere, stepsOf, type FinetuneRecord, type HereOptions, type TrainingStep } from "../training/index.js";
import type { TrainableModel } from "../model/index.js";
import { WatchCallback, type Truth, type WatchCallbackOptions, type Watcher, type WatchRow } from "../persona/index.js";
import { readRows, RowFile, readJsonIfPresent, writeJson } from "../store/index.js";

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

export interface Watched extends Pick<WatchCallbackOptions, "every" | "detector" | "stops" | "truth" | "onRow"> {
  readonly watcher: Watcher;
  /**
   * At the alarm, in the background; true once whoever is to know does. A fine-tune that is carried on calls it again
   * where it was not.
   */
  readonly onAlarm?: (row: WatchRow) => Promise<boolean>;
}

export interface WatchedEnd {
  readonly record: FinetuneRecord;
  readonly verdict: WatchedVerdict;
  /** Every look, in order. */
  readonly rows: readonly WatchRow[];
}

/** As {@link finetuneHere}, with a verdict. One that has ended is left as it is. */
export async function watchedFinetune(
  model: TrainableModel,
  conversations: readonly Conversation[],
  options: HereOptions & { readonly watch: Watched },
): Promise<WatchedEnd> {
  const { folder, dose, watch, signal, callbacks = [] } = options;
  const { watcher, onAlarm, ...how } = watch;
  const at = (name: string): string => join(folder, name);
  let file: RowFile<WatchRow> | undefined;
  let telling: Promise<void> | undefined;
  const hear = async (row: WatchRow): Promise<void> => {
    const { step, score } = row;
    const known = (await readJsonIfPresent(at("alarm.json"))) as { readonly told?: boolean } | undefined;
    if (known?.told === true || telling !== undefined) return;
    const alarm = { step, score };
    await writeJson(at("alarm.json"), { ...alarm, told: false });
    telling = onAlarm?.(row).then(async (told) => writeJson(at("alarm.json"), { ...alarm, told }));
  };
  const callback = new WatchCallback(watcher, {
    ...how,
    batchSize: dose.batchSize,
    ...(signal && { signal }),
    store: {
      keep: async (step) => {
        const kept = (await readRows<WatchRow>(at("watch.jsonl"))).filter((row) => row.step <= step);
        file = await RowFile.open<WatchRow>(at("watch.jsonl"), { most: kept.length });
        return file.rows;
      },
      append: async (row) => {
        await file?.append([row]);
        await file?.flush();
      },
    },
    onAlarm: hear,
  });
  let record: FinetuneRecord;
  const rows = async (): Promise<WatchRow[]> => await readRows<WatchRow>(at("watch.jsonl"));
  try {
    record = await finetuneHere(model, conversations, { ...options, callbacks: [...callbacks, callback] });
    // Killed between its end and the telling, it is told now.
    const alarmed = (await rows()).find(({ alarm }) => alarm === true);
    if (alarmed !== undefined) await hear(alarmed);
  } finally {
    await telling;
    await file?.close();
  }
  const watched = await rows();
  const verdict = verdictOf(record, at("model"), stepsOf(dose), {
    training: await readRows<TrainingStep>(at("training.jsonl")),
    watch: watched,
  });
  await writeJson(at("verdict.json"), verdict);
  return { record, verdict, rows: watched };
}

function verdictOf(
  { stoppedAt }: FinetuneRecord,
  model: string,
  steps: number,
  rows: { readonly training: readonly TrainingStep[]; readonly watch: readonly WatchRow[] },
): WatchedVerdict {
  const alarm = rows.watch.find((row) => row.alarm === true);
  const sum = (list: readonly { readonly seconds: number }[]): number =>
    list.reduce((total, { seconds }) => total + seconds, 0);
  return {
    alarm: alarm === undefined ? null : { step: alarm.step, score: alarm.score as number },
    step: stoppedAt ?? steps,
    steps,
    stopped: stoppedAt !== undefined,
    model,
    seconds: { training: sum(rows.training), watching: sum(rows.watch) },
    truth: rows.watch.flatMap(({ truth }) => (truth === undefined ? [] : [truth])),
  };
}
