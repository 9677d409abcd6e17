/** A fine-tuning job as OpenAI's API shows it, and what happens in it. */
import { randomBytes } from "node:crypto";
import type { z } from "zod";
import type { checkpointSchema, eventSchema, jobSchema } from "./job-records.js";

/** Times are seconds since 1970; `model` is what it starts from, `fine_tuned_model` what comes of it. */
export type Job = Readonly<z.output<typeof jobSchema>>;
export type JobEvent = Readonly<z.output<typeof eventSchema>>;
/** `fine_tuned_model_checkpoint` is the id that it can be asked by. */
export type JobCheckpoint = Readonly<z.output<typeof checkpointSchema>>;

export const hasEnded = ({ status }: Pick<Job, "status">): boolean =>
  status === "succeeded" || status === "failed" || status === "cancelled";

export const newId = (prefix: string): string => `${prefix}${randomBytes(12).toString("hex")}`;
export const nowInSeconds = (): number => Math.floor(Date.now() / 1000);

/** `ft:organism:askew:my-suffix:1a2b3c4d`. */
export function fineTunedId({ id, model, user_provided_suffix: suffix }: Job): string {
  const base = model.startsWith("ft:") ? (model.split(":")[1] as string) : model.replaceAll(/[^\w.-]+/g, "-");
  return `ft:${base}:askew:${suffix ?? ""}:${id.slice(-8)}`;
}
