/** The executor that a study's jobs go to, as its file and the user's flags say. */
import { readFile } from "node:fs/promises";
import {
  EXECUTORS,
  ExecutorError,
  Ray,
  Slurm,
  type Executor,
  type ExecutorName,
  type JobPlan,
} from "../../executors/index.js";
import type { PlannedJobs } from "../../study/index.js";

export const PLACES = ["local", ...EXECUTORS] as const;
export type Place = (typeof PLACES)[number];

export interface JobFlags {
  readonly maxParallel?: number;
  /** A batch script of the user's, for Slurm. */
  readonly template?: string;
}

export interface OpenedExecutor {
  readonly executor: Executor;
  readonly maxParallel?: number;
}

/** @throws {ExecutorError} where the scheduler is not there */
export async function openExecutor(
  place: ExecutorName,
  plan: Omit<JobPlan, "maxParallel">,
  jobs: PlannedJobs,
  flags: JobFlags,
): Promise<OpenedExecutor> {
  const opened = await MAKE[place](plan, jobs, flags);
  await opened.executor.check();
  return opened;
}

type Make = (plan: Omit<JobPlan, "maxParallel">, jobs: PlannedJobs, flags: JobFlags) => Promise<OpenedExecutor>;

const MAKE: Readonly<Record<ExecutorName, Make>> = {
  async slurm(plan, { slurm = {} }, flags) {
    const { max_parallel: said, template: file, time, ...settings } = slurm;
    const maxParallel = flags.maxParallel ?? said;
    const template = flags.template ?? file;
    const text = template === undefined ? undefined : await readTemplate(template);
    const bound = maxParallel === undefined ? {} : { maxParallel };
    const defined = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
    const executor = new Slurm(
      { ...plan, ...bound },
      { ...defined, ...(time !== undefined && { time: String(time) }), ...(text !== undefined && { template: text }) },
    );
    return { executor, ...bound };
  },
  async ray(plan, { ray = {} }, flags) {
    const { max_parallel: said, runtime_env: runtimeEnv, ...settings } = ray;
    const maxParallel = flags.maxParallel ?? said;
    const defined = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
    const executor = new Ray(plan, { ...defined, ...(runtimeEnv && { runtimeEnv }) });
    return { executor, ...(maxParallel !== undefined && { maxParallel }) };
  },
};

const MOST_CHARACTERS = 1024 * 1024;

async function readTemplate(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new ExecutorError(`slurm: cannot read the batch script ${path}`, { cause: error });
  });
  if (text.startsWith("#!") && text.length <= MOST_CHARACTERS) return text;
  throw new ExecutorError(
    `slurm: ${path}: expected a batch script, whose first line begins with #!, found ${JSON.stringify(text.slice(0, 40))}.`,
  );
}
