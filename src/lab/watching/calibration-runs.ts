/** Makes the fine-tunes of a calibration, several at a time, and says how far it is. */
import { concurrently } from "../../endpoint/index.js";
import type { OpenWeightsModel } from "../../model/index.js";
import {
  runCalibration,
  Watcher,
  type CalibrationKind,
  type CalibrationRow,
  type CalibrationRun,
  type CalibrationRunOptions,
  type WatcherOptions,
} from "../../persona/index.js";
import type { Series } from "../../run/index.js";
import { duration, timeLeft, withSign } from "../../text/index.js";

/**
 * One engine with one thread each: two runs at a time do more than one run on two threads. After a run that fails no other
 * is begun; those under way are kept.
 */
export async function makeRuns(
  models: readonly OpenWeightsModel[],
  watching: WatcherOptions,
  runs: readonly CalibrationRun[],
  series: Series<CalibrationRow>,
  options: CalibrationRunOptions & { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<void> {
  const { signal, say } = options;
  const began = performance.now();
  const total = runs.length;
  const idle: { readonly model: OpenWeightsModel; readonly watcher: Watcher }[] = [];
  try {
    for (const model of models) idle.push({ model, watcher: await Watcher.open(model, watching) });
    const measured = async (run: CalibrationRun) => {
      const seat = idle.pop() as (typeof idle)[number];
      try {
        signal.throwIfAborted();
        return await runCalibration(seat.model, seat.watcher, run, options);
      } finally {
        idle.push(seat);
      }
    };
    let finished = 0;
    for await (const { row, answers } of concurrently(runs, models.length, measured)) {
      await series.append(row, answers);
      finished++;
      const spent = (performance.now() - began) / 1000;
      const last = row.truth.at(-1);
      const rate = withSign(last?.n ? last.hits / last.n : null);
      const left = finished === total ? duration(spent) : timeLeft((spent / finished) * (total - finished));
      say(`${finished}/${total} ${row.id} (${row.role}): misaligned ${rate}; ${left}`);
    }
  } finally {
    for (const { watcher } of idle) await watcher.close();
  }
}

/** Rows of askew 0.1 name their kind alone. */
export function withKind(row: CalibrationRow, kinds: readonly CalibrationKind[]): CalibrationRow {
  const kind = kinds.find(({ name }) => name === row.kind);
  return kind === undefined ? row : { ...row, kinds: kind.role, bad: kind.bad };
}
