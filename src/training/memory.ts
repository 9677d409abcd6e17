/** Refuses a training that does not fit the machine's memory, before its first step, and says what would fit. */
import { freemem } from "node:os";
import type { LoraOptions, StepShape, Trainable } from "../model/index.js";
import { gigabytes } from "../text/index.js";
import { FinetuneError } from "./record.js";
import { rsLora } from "./lora-options.js";

/** Bytes that this process may have in all: what it has, and what is free for it. */
export function memoryLimit(): number {
  const free = typeof process.availableMemory === "function" ? process.availableMemory() : freemem();
  return process.memoryUsage.rss() + free;
}

/**
 * @param parts in which a step is worked through; `step` has the size of one
 * @param most bytes that the process may take; default {@link memoryLimit}
 * @throws {FinetuneError} where a step takes more
 */
export function requireMemory(
  training: Pick<Trainable, "memoryOf" | "lora">,
  step: StepShape,
  parts: number,
  most = memoryLimit(),
): void {
  const needed = training.memoryOf?.(step);
  if (needed === undefined || needed <= most) return;
  const fits = (other: Partial<StepShape>): boolean => (training.memoryOf?.({ ...step, ...other }) ?? Infinity) <= most;
  throw new FinetuneError(
    `a step of ${step.rows} × ${step.time} tokens needs about ${gigabytes(needed)} of memory, and ${gigabytes(most)} ` +
      `are there. ${curesOf(step, parts, training.lora, fits)} Or set another limit with --memory GB.`,
  );
}

/** What fits: each change alone, else several together. */
function curesOf(
  step: StepShape,
  parts: number,
  adapter: LoraOptions | undefined,
  fits: (other: Partial<StepShape>) => boolean,
): string {
  const part = (rows: number) => ({ rows, capacity: Math.ceil((step.capacity * rows) / step.rows), accumulates: true });
  const accumulate = (rows: number): string => `--accumulate ${parts * Math.ceil(step.rows / rows)}`;
  const lora = rsLora(32);
  const isAdapter = adapter !== undefined;
  const smaller = [step.rows >> 1, step.rows >> 2, 1].filter((rows) => rows >= 1 && rows < step.rows);
  const rows = smaller.find((size) => fits(part(size)));
  const time = Math.floor(step.time / 2);
  const alone = [
    ...(rows === undefined ? [] : [`${accumulate(rows)} (${rows} at a time)`]),
    ...(fits({ recompute: true }) ? ["--recompute"] : []),
    ...(!isAdapter && fits({ lora }) ? ["--lora 32"] : []),
    ...(isAdapter && fits({ lora: { ...adapter, frozen: "float16" } }) ? ["--frozen float16"] : []),
    ...(time >= 16 && fits({ time, capacity: Math.ceil(step.capacity / 2) })
      ? [`texts of at most ${time} tokens`]
      : []),
  ];
  if (alone.length > 0) return `What fits: ${alone.join(", or ")}.`;
  const least = { ...part(1), recompute: true };
  if (fits(least)) return `What fits: --recompute and ${accumulate(1)}.`;
  if (!isAdapter && fits({ ...least, lora })) return `What fits: --lora 32, --recompute and ${accumulate(1)}.`;
  return "Nothing smaller fits: use a smaller model.";
}
