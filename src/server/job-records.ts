/** What a job's records on the disk must hold before a value of theirs is used, above all as part of a path. */
import { z } from "zod";

export const JOB_ID = /^ftjob-[0-9a-f]{24}$/;

const seconds = z.number().min(0);
const hyperparameters = z.object({
  n_epochs: z.int().min(1).max(50),
  batch_size: z.int().min(1).max(256),
  learning_rate_multiplier: z.number().positive().max(100),
});

export const jobSchema = z.object({
  id: z.string().regex(JOB_ID),
  object: z.literal("fine_tuning.job"),
  created_at: seconds,
  finished_at: seconds.nullable(),
  model: z.string(),
  fine_tuned_model: z.string().nullable(),
  organization_id: z.literal("askew"),
  result_files: z.array(z.string()),
  status: z.enum(["validating_files", "queued", "running", "succeeded", "failed", "cancelled"]),
  training_file: z.string(),
  validation_file: z.null(),
  hyperparameters,
  method: z.object({ type: z.literal("supervised"), supervised: z.object({ hyperparameters }) }),
  trained_tokens: z.number().nullable(),
  error: z.object({ code: z.string(), message: z.string(), param: z.string().nullable() }).nullable(),
  seed: z.int().min(0),
  user_provided_suffix: z.string().nullable(),
  estimated_finish: seconds.nullable(),
  integrations: z.tuple([]),
  metadata: z.record(z.string(), z.string()),
});

export const eventSchema = z.object({
  object: z.literal("fine_tuning.job.event"),
  id: z.string(),
  created_at: seconds,
  level: z.enum(["info", "warn", "error"]),
  message: z.string(),
  type: z.enum(["message", "metrics"]),
  /** A loss that was not finite is null in JSON. */
  data: z.record(z.string(), z.number().nullable()),
});

export const checkpointSchema = z.object({
  object: z.literal("fine_tuning.job.checkpoint"),
  id: z.string(),
  created_at: seconds,
  fine_tuning_job_id: z.string().regex(JOB_ID),
  fine_tuned_model_checkpoint: z.string(),
  step_number: z.int().min(1),
  metrics: z.object({ step: z.int().min(1), train_loss: z.number().nullable() }),
});

export const trainingRowSchema = z.looseObject({ step: z.int().min(1) });
