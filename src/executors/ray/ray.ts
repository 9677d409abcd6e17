/**
 * Ray: a task is one job of its own, whose id is the batch's and the task's number. Ray ends a job that waits too long
 * for its resources, so askew submits as many as run at a time, and the next one when one has ended.
 */
import { resolve } from "node:path";
import { shellWord } from "../../text/index.js";
import { ExecutorError } from "../error.js";
import type { Batch, Executor, JobPlan, TaskView } from "../executor.js";
import { lastLines } from "../last-lines.js";
import { RayRest, type RayJob } from "./rest.js";
import { isTrustedAddress, rayAddress, type RaySettings } from "./settings.js";

export class Ray implements Executor {
  readonly name = "ray";
  readonly queues = false;
  readonly address: string;
  readonly #rest: RayRest;

  constructor(
    private readonly plan: JobPlan,
    private readonly settings: RaySettings = {},
  ) {
    this.address = rayAddress(settings.address);
    this.#rest = new RayRest(this.address);
  }

  /** @param address as a folder's record has it @throws {ExecutorError} where nobody but the folder names it */
  static reopen(plan: JobPlan, address: string): Ray {
    if (isTrustedAddress(address)) return new Ray(plan, { address });
    throw new ExecutorError(`ray: ${plan.home} names the dashboard ${address}, which was not asked.`, {
      hint: `If you trust it, set RAY_API_SERVER_ADDRESS=${address}.`,
    });
  }

  async check(): Promise<void> {
    await this.#rest.version();
  }

  async submit(batch: Batch): Promise<string> {
    const submitted: string[] = [];
    for (const [i, task] of batch.tasks.entries()) {
      const id = idOf(batch, i);
      try {
        await this.#rest.submit({ submission_id: id, ...this.#request(task) });
      } catch (error) {
        // All or nothing: what was taken before the refusal must not run without a record.
        for (const other of submitted) await this.#rest.stop(other).catch(() => undefined);
        throw error;
      }
      submitted.push(id);
    }
    return submitted.length === 1 ? idOf(batch, 0) : batch.id;
  }

  #request(task: string): object {
    const { home, cwd, askew, options } = this.plan;
    const { gpus, cpus = 1, memory, resources, runtimeEnv, askew: there = askew } = this.settings;
    const threads = options.includes("--threads") ? [] : ["--threads", String(Math.max(1, Math.floor(cpus)))];
    const words = [...there, "run", resolve(home, task), ...options, ...threads];
    return {
      entrypoint: `cd ${shellWord(cwd)} && exec ${words.map(shellWord).join(" ")}`,
      metadata: { job_name: task, askew: resolve(home) },
      entrypoint_num_cpus: cpus,
      ...(gpus !== undefined && { entrypoint_num_gpus: gpus }),
      ...(memory !== undefined && { entrypoint_memory: memory }),
      ...(resources && { entrypoint_resources: resources }),
      ...(runtimeEnv && { runtime_env: runtimeEnv }),
    };
  }

  async look(batches: readonly Batch[]): Promise<ReadonlyMap<string, TaskView>[]> {
    const known = new Map((await this.#rest.jobs()).map((job) => [job.submission_id, job]));
    return batches.map(
      (batch) =>
        new Map(
          batch.tasks.flatMap((task, i) => {
            const job = known.get(idOf(batch, i));
            return job === undefined ? [] : [[task, viewOf(job)] as const];
          }),
        ),
    );
  }

  async cancel(batches: readonly Batch[], only?: ReadonlySet<string>): Promise<void> {
    const views = await this.look(batches);
    for (const [at, batch] of batches.entries()) {
      for (const [i, task] of batch.tasks.entries()) {
        if (only?.has(task) === false) continue;
        const state = views[at]?.get(task)?.state;
        if (state === "waiting" || state === "running") await this.#rest.stop(idOf(batch, i));
      }
    }
  }

  log(batch: Batch, task: string): Promise<string> {
    return this.#rest.logs(idOf(batch, batch.tasks.indexOf(task)));
  }

  async lastLines(batch: Batch, task: string): Promise<readonly string[]> {
    return lastLines(await this.log(batch, task));
  }
}

const idOf = ({ id }: Batch, task: number): string => `${id}-${task}`;

/** A job whose machine is gone says so in the words of Ray's actors. */
const LOST = /actor (?:died|is dead|unavailable)|node (?:has )?(?:died|failure|was terminated)|Worker unexpectedly/i;

function viewOf({ status, message }: RayJob): TaskView {
  // What follows the first sentence are the last lines of the log, which are shown by themselves.
  const because = (message ?? "").split(/, last available logs|\n/)[0]?.slice(0, 300) ?? "";
  switch (status) {
    case "PENDING":
      return { state: "waiting", ...(because !== "" && { reason: because }) };
    case "RUNNING":
      return { state: "running" };
    case "SUCCEEDED":
      return { state: "ended" };
    default:
      return {
        state: "failed",
        reason: because === "" ? status : `${status}: ${because}`,
        ...(status === "FAILED" && LOST.test(message ?? "") && { again: true }),
      };
  }
}
