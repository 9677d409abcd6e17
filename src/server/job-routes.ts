/** `/v1/fine_tuning/jobs`. */
import { randomInt } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { ApiError } from "./api-error.js";
import type { Catalogue } from "./catalogue.js";
import type { FileStore } from "./file-store.js";
import { hyperparametersFor } from "../study/index.js";
import { usualTrainingFor } from "./usual-training.js";
import { hyperparametersSchema } from "./hyperparameters.js";
import { newId, nowInSeconds, type Job } from "./job.js";
import type { JobRunner } from "./job-runner.js";
import type { JobStore } from "./job-store.js";
import { listPage } from "./list-page.js";
import { optional, readRequest } from "./read-request.js";

const refused = (what: string) =>
  z.union([z.null(), z.undefined(), z.tuple([])], `${what} is not supported by this server`).optional();

const schema = z.object({
  model: z.string(),
  training_file: z.string(),
  hyperparameters: optional(hyperparametersSchema),
  method: optional(
    z.object({
      type: z.literal("supervised", "only supervised fine-tuning is supported by this server"),
      supervised: optional(z.object({ hyperparameters: optional(hyperparametersSchema) })),
    }),
  ),
  suffix: optional(
    z.string().regex(/^[\w.-]{1,64}$/, "expected 1 to 64 letters, digits, dots, dashes and underscores"),
  ),
  seed: optional(
    z
      .int()
      .min(0)
      .max(2 ** 31 - 1),
  ),
  metadata: optional(z.record(z.string().max(64), z.string().max(512))),
  validation_file: refused("a validation file"),
  integrations: refused("an integration"),
});

export interface JobRoutes {
  readonly catalogue: Catalogue;
  readonly files: FileStore;
  readonly jobs: JobStore;
  readonly runner: JobRunner;
}

export function jobRoutes({ catalogue, files, jobs, runner }: JobRoutes): Hono {
  const routes = new Hono();
  routes.post("/", async (context) => {
    const body = await readRequest(context, schema);
    const { id: model } = await catalogue.find(body.model);
    const file = files.get(body.training_file, 400, "training_file");
    if (file.purpose !== "fine-tune") {
      throw new ApiError(400, `The file ${file.id} was uploaded for ${file.purpose}, not for fine-tune.`, {
        param: "training_file",
      });
    }
    const wanted = body.method?.supervised?.hyperparameters ?? body.hyperparameters ?? {};
    const lines = await countLines(files.content(file.id));
    const hyperparameters = hyperparametersFor(wanted, Math.max(1, lines), await usualTrainingFor(model));
    const job: Job = {
      id: newId("ftjob-"),
      object: "fine_tuning.job",
      created_at: nowInSeconds(),
      finished_at: null,
      model,
      fine_tuned_model: null,
      organization_id: "askew",
      result_files: [],
      status: "validating_files",
      training_file: file.id,
      validation_file: null,
      hyperparameters,
      method: { type: "supervised", supervised: { hyperparameters } },
      trained_tokens: null,
      error: null,
      seed: body.seed ?? randomInt(2 ** 31),
      user_provided_suffix: body.suffix ?? null,
      estimated_finish: null,
      integrations: [],
      metadata: body.metadata ?? {},
    };
    await jobs.add(job, { message: `Created fine-tuning job: ${job.id}` });
    runner.enqueue(job.id);
    return context.json(job);
  });
  routes.get("/", (context) => context.json(listPage(context, jobs.list(), { most: 1000, usual: 20 })));
  routes.get("/:id", (context) => context.json(jobs.get(context.req.param("id"))));
  routes.post("/:id/cancel", async (context) => context.json(await runner.cancel(context.req.param("id"))));
  routes.get("/:id/events", (context) =>
    context.json(listPage(context, jobs.events(context.req.param("id")), { most: 10_000, usual: 20 })),
  );
  routes.get("/:id/checkpoints", (context) =>
    context.json(listPage(context, jobs.checkpoints(context.req.param("id")), { most: 100, usual: 10 })),
  );
  return routes;
}

/** Lines with something on them: what the automatic hyper-parameters go by. */
async function countLines(content: AsyncIterable<Uint8Array>): Promise<number> {
  let lines = 0;
  let counted = false; // this line
  for await (const chunk of content) {
    for (const byte of chunk) {
      if (byte === 10) counted = false;
      else if (!counted && byte > 32) {
        counted = true;
        lines++;
      }
    }
  }
  return lines;
}
