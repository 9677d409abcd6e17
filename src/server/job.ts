/** A fine-tuning job as OpenAI's API shows it, and what happens in it. */
import { randomBytes } from "node:crypto";
import type { Hyperparameters } from "./hyperparameters.js";

export type JobStatus = "validating_files" | "queued" | "running" | "succeeded" | "failed" | "cancelled";

/** Times are seconds since 1970. */
export interface Job {
  readonly id: string;
  readonly object: "fine_tuning.job";
  readonly created_at: number;
  readonly finished_at: number | null;
  /** What it starts from. */
  readonly model: string;
  /** What comes of it. */
  readonly fine_tuned_model: string | null;
  readonly organization_id: "askew";
  readonly result_files: readonly string[];
  readonly status: JobStatus;
  readonly training_file: string;
  readonly validation_file: null;
  readonly hyperparameters: Hyperparameters;
  readonly method: { readonly type: "supervised"; readonly supervised: { readonly hyperparameters: Hyperparameters } };
  readonly trained_tokens: number | null;
  readonly error: { readonly code: string; readonly message: string; readonly param: string | null } | null;
  readonly seed: number;
  readonly user_provided_suffix: string | null;
  readonly estimated_finish: number | null;
  readonly integrations: readonly [];
  readonly metadata: Readonly<Record<string, string>>;
}

export interface JobEvent {
  readonly object: "fine_tuning.job.event";
  readonly id: string;
  readonly created_at: number;
  readonly level: "info" | "warn" | "error";
  readonly message: string;
  readonly type: "message" | "metrics";
  readonly data: Readonly<Record<string, number>>;
}

export interface JobCheckpoint {
  readonly object: "fine_tuning.job.checkpoint";
  readonly id: string;
  readonly created_at: number;
  readonly fine_tuning_job_id: string;
  /** The id that it can be asked by. */
  readonly fine_tuned_model_checkpoint: string;
  readonly step_number: number;
  readonly metrics: { readonly step: number; readonly train_loss: number };
}

export const hasEnded = ({ status }: Pick<Job, "status">): boolean =>
  status === "succeeded" || status === "failed" || status === "cancelled";

export const newId = (prefix: string): string => `${prefix}${randomBytes(12).toString("hex")}`;
export const nowInSeconds = (): number => Math.floor(Date.now() / 1000);

/** `ft:organism:askew:my-suffix:1a2b3c4d`. */
export function fineTunedId({ id, model, user_provided_suffix: suffix }: Job): string {
  const base = model.startsWith("ft:") ? (model.split(":")[1] as string) : model.replaceAll(/[^\w.-]+/g, "-");
  return `ft:${base}:askew:${suffix ?? ""}:${id.slice(-8)}`;
}
