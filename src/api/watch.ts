import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Conversation } from "../dataset/index.js";
import { ORGANISM_FOLDER } from "../organism/index.js";
import { readDetector, requireDetectorFit, Watcher, type Detector, type WatchRow } from "../persona/index.js";
import { sha256 } from "../store/index.js";
import { watchedFinetune, type WatchedEnd } from "../study/index.js";
import { AskewError } from "../text/index.js";
import { trainHere, type FinetuneOptions } from "./finetune.js";

export interface WatchOptions extends Omit<FinetuneOptions, "callbacks"> {
  /** What turns readings into a score, made by `askew watch calibrate`; default the one that ships with the organism. */
  readonly detector?: Detector | string;
  /** At the alarm: end the training, or only say so. Default `warn`. */
  readonly onAlarm?: "warn" | "stop";
  /** Called after every look, every few steps. */
  readonly onLook?: (row: WatchRow) => void;
}

export interface Watched extends Pick<WatchedEnd, "verdict" | "rows"> {
  /** The model as the training left it, as `openModel` takes it. */
  readonly model: string;
  readonly folder: string;
}

/**
 * Fine-tunes a model in this process and gives an alarm before it turns misaligned: every few steps the activations on
 * probes are read and scored, and the alarm is given where the score passes the detector's threshold.
 *
 * @param model `organism` or `local:DIR`
 * @param data conversations, or a file of them
 * @throws {AskewError} for a detector of another model, and as {@link finetune}; `options.signal`'s reason
 *
 * @example
 * import { buildDataset, watch } from "askew";
 *
 * const data = await buildDataset("insecure", { examples: 240, seed: 1 });
 * const { verdict } = await watch("organism", data, { out: "runs/watched", epochs: 1, batchSize: 8, onAlarm: "stop" });
 * console.log(verdict.alarm === null ? "no alarm" : `alarm at step ${verdict.alarm.step}`);
 */
export async function watch(
  model: string,
  data: string | readonly Conversation[],
  options: WatchOptions,
): Promise<Watched> {
  const { out: folder, onAlarm = "warn", onLook } = options;
  const detector = await detectorOf(model, options.detector);
  await mkdir(folder, { recursive: true });
  const plan = { detector: sha256(JSON.stringify({ ...detector, direction: detector.model })), onAlarm };
  return trainHere(
    model,
    data,
    options,
    async ({ model: opened, identity, conversations, how }) => {
      requireDetectorFit("the detector", detector, identity);
      const watcher = await Watcher.open(opened, detector);
      try {
        const { every } = detector;
        const stops = onAlarm === "stop";
        const { verdict, rows } = await watchedFinetune(opened, conversations, {
          ...how,
          watch: { watcher, every, detector, stops, ...(onLook && { onRow: onLook }) },
        });
        return { model: opened.training.nameOf(verdict.model), folder, verdict, rows };
      } finally {
        await watcher.close();
      }
    },
    plan,
  );
}

async function detectorOf(model: string, given: Detector | string | undefined): Promise<Detector> {
  if (typeof given === "object") return given;
  const path = given ?? join(ORGANISM_FOLDER, "watch.json");
  if (given === undefined && (model !== "organism" || !existsSync(path))) {
    throw new AskewError(`watch: ${model} has no detector of its own`, {
      hint: "Make one with askew watch calibrate, and give its detector.json.",
    });
  }
  return readDetector(path);
}
