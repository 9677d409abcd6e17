/**
 * Slurm: a batch of tasks is one array of jobs, or several where it is larger than the cluster allows. Jobs are found
 * again by their name, which is the batch's id, so nothing is lost with the session that submitted them.
 */
import { join, resolve } from "node:path";
import { storing, writeFileAtomically } from "../../store/index.js";
import { JOBS_FOLDER } from "../batches.js";
import { ExecutorError } from "../error.js";
import type { Batch, Executor, JobPlan, TaskView } from "../executor.js";
import { endOf, lastLines } from "../last-lines.js";
import { complaint, slurm } from "./program.js";
import { scriptOf } from "./script.js";
import { flagsOf, type SlurmSettings } from "./settings.js";
import { viewOf } from "./states.js";

/** Where the cluster does not say: Slurm's own default. */
const LARGEST_ARRAY = 1001;
const DAY_MS = 86_400_000;

export class Slurm implements Executor {
  readonly name = "slurm";
  readonly queues = true;

  constructor(
    private readonly plan: JobPlan,
    private readonly settings: SlurmSettings = {},
  ) {}

  async check(): Promise<void> {
    const { code, stderr, stdout } = await slurm("sinfo", ["--noheader", "--format=%R"]);
    if (code !== 0) {
      const said = complaint({ code, stderr, stdout });
      throw new ExecutorError("slurm: expected a controller that replies, found none. Nothing was submitted.", {
        hint:
          "Is it up? `scontrol ping` asks it, and `systemctl status slurmctld` on its machine shows why it is not. " +
          `SLURM_CONF names another cluster's slurm.conf. sinfo says: ${said}`,
      });
    }
    await slurm("sbatch", ["--version"]);
  }

  async submit(batch: Batch): Promise<string> {
    const { tasks, id } = batch;
    const list = this.#file(`${id}.txt`);
    const script = this.#file(`${id}.sh`);
    await write(list, tasks.map((task) => `${resolve(this.plan.home, task)}\n`).join(""));
    await write(script, scriptOf(this.plan, list, this.settings.template));
    const jobs: string[] = [];
    const size = await largestArray();
    const arrays = Math.ceil(tasks.length / size);
    for (let array = 0; array < arrays; array++) {
      const [from, to] = [array * size, Math.min(tasks.length, (array + 1) * size)];
      // Task numbers have the same bound as the size, so later arrays begin again at 0 with a script of their own.
      const own = array === 0 ? script : this.#file(`${id}.${array}.sh`);
      if (array > 0) {
        const part = this.#file(`${id}.${array}.txt`);
        await write(
          part,
          tasks
            .slice(from, to)
            .map((task) => `${resolve(this.plan.home, task)}\n`)
            .join(""),
        );
        await write(own, scriptOf(this.plan, part, this.settings.template));
      }
      try {
        jobs.push(await this.#sbatch(arrayName(id, array), own, to - from, arrays));
      } catch (error) {
        // All or nothing: what was taken before the refusal must not run without a record.
        if (jobs.length > 0) await this.cancel([batch]);
        throw error;
      }
    }
    return jobs.join(",");
  }

  /** Everything that is the user's own comes first, so that what askew needs wins. */
  async #sbatch(name: string, script: string, count: number, arrays: number): Promise<string> {
    const { maxParallel, cwd } = this.plan;
    const bound = maxParallel === undefined ? "" : `%${Math.max(1, Math.floor(maxParallel / arrays))}`;
    const words = [
      ...flagsOf(this.settings),
      "--parsable",
      "--nodes=1",
      "--ntasks=1",
      "--requeue",
      "--open-mode=append",
      `--chdir=${cwd}`,
      `--job-name=${name}`,
      `--array=0-${count - 1}${bound}`,
      `--output=${pattern(this.#file(name))}-%a.log`,
      script,
    ];
    const said = await slurm("sbatch", words);
    const job = /^(\d+)/m.exec(said.stdout)?.[1];
    if (said.code !== 0 || job === undefined) throw await refusal(complaint(said));
    return job;
  }

  async look(batches: readonly Batch[]): Promise<ReadonlyMap<string, TaskView>[]> {
    if (batches.length === 0) return [];
    const size = await largestArray();
    const names = batches.flatMap((batch) => namesOf(batch, size));
    const found = await queued(names);
    const views = batches.map((batch) => viewsOf(batch, size, found));
    // The controller forgets ended jobs after some minutes; the accounting has them for good, where there is one.
    const forgotten = batches.filter(({ tasks }, i) => tasks.some((task) => views[i]?.has(task) !== true));
    if (forgotten.length === 0) return views;
    const accounted = await accountedFor(
      forgotten.flatMap((batch) => namesOf(batch, size)),
      forgotten.map(({ at }) => at).toSorted()[0] ?? "",
    );
    return batches.map((batch, i) => new Map([...viewsOf(batch, size, accounted), ...(views[i] ?? [])]));
  }

  async cancel(batches: readonly Batch[], only?: ReadonlySet<string>): Promise<void> {
    const size = await largestArray();
    if (only === undefined) {
      for (const name of batches.flatMap((batch) => namesOf(batch, size))) await scancel(`--name=${name}`);
      return;
    }
    const names = batches.flatMap((batch) =>
      batch.tasks.flatMap((task, i) => (only.has(task) ? [placeOf(batch, i, size)] : [])),
    );
    if (names.length === 0) return;
    const jobs = await queuedJobs([...new Set(names.map(({ name }) => name))]);
    for (const { name, index } of names) {
      const job = jobs.get(`${name}/${index}`);
      if (job !== undefined) await scancel(`${job}_${index}`);
    }
  }

  async log(batch: Batch, task: string): Promise<string> {
    const size = await largestArray();
    const { name, index } = placeOf(batch, batch.tasks.indexOf(task), size);
    return endOf(this.#file(`${name}-${index}.log`));
  }

  async lastLines(batch: Batch, task: string): Promise<readonly string[]> {
    return lastLines(await this.log(batch, task));
  }

  #file(name: string): string {
    return resolve(join(this.plan.home, JOBS_FOLDER, name));
  }
}

const arrayName = (id: string, array: number): string => (array === 0 ? id : `${id}.${array}`);
/** The array that a batch's task is in, and its number there. */
const placeOf = ({ id }: Batch, task: number, size: number) => ({
  name: arrayName(id, Math.floor(task / size)),
  index: task % size,
});
const namesOf = ({ id, tasks }: Batch, size: number): string[] =>
  Array.from({ length: Math.ceil(tasks.length / size) }, (_, array) => arrayName(id, array));

/** In a file's name sbatch replaces what stands after a per cent sign, and takes a backslash to switch that off. */
const pattern = (path: string): string => path.replaceAll("%", "%%");

const write = (path: string, text: string): Promise<void> =>
  storing(path, () => writeFileAtomically(path, (handle) => handle.writeFile(text)));

/** Views by `name/index`. */
type Found = ReadonlyMap<string, TaskView>;

const viewsOf = (batch: Batch, size: number, found: Found): Map<string, TaskView> =>
  new Map(
    batch.tasks.flatMap((task, i) => {
      const { name, index } = placeOf(batch, i, size);
      const view = found.get(`${name}/${index}`);
      return view === undefined ? [] : [[task, view] as const];
    }),
  );

async function scancel(what: string): Promise<void> {
  const said = await slurm("scancel", [what]);
  if (said.code !== 0) throw new ExecutorError(`slurm: scancel failed: ${complaint(said)}`);
}

/** Numbers of the arrays whose tasks wait or run, by `name/index`. */
async function queuedJobs(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const said = await slurm("squeue", ["--noheader", "--array", "--format=%j|%K|%F", `--name=${names.join(",")}`]);
  if (said.code !== 0) throw new ExecutorError(`slurm: squeue failed: ${complaint(said)}`);
  return new Map(
    said.stdout.split("\n").flatMap((line) => {
      const [name, index, job] = line.trim().split("|");
      return job === undefined || !/^\d+$/.test(job) ? [] : [[`${name}/${index}`, job] as const];
    }),
  );
}

async function queued(names: readonly string[]): Promise<Found> {
  const format = "--format=%j|%K|%T|%r";
  const said = await slurm("squeue", ["--noheader", "--array", "--states=all", format, `--name=${names.join(",")}`]);
  if (said.code !== 0) throw new ExecutorError(`slurm: squeue failed: ${complaint(said)}`);
  return foundIn(said.stdout, ([name, index, state, reason]) => [`${name}/${index}`, viewOf(state, reason)]);
}

/** Nothing where the cluster keeps no accounts. */
async function accountedFor(names: readonly string[], since: string): Promise<Found> {
  // sacct reads local time.
  const from = new Date(Date.parse(since) - DAY_MS).toISOString().slice(0, 19);
  const words = [
    "--noheader",
    "--allocations",
    "--parsable2",
    "--format=JobName,JobID,State",
    `--name=${names.join(",")}`,
  ];
  const said = await slurm("sacct", [...words, `--starttime=${from}`]).catch(() => undefined);
  if (said?.code !== 0) return new Map();
  return foundIn(said.stdout, ([name, job, state]) => [`${name}/${/_(\d+)$/.exec(job)?.[1] ?? ""}`, viewOf(state)]);
}

const foundIn = (
  text: string,
  read: (words: [string, string, string, string]) => readonly [string, TaskView],
): Map<string, TaskView> =>
  new Map(
    text
      .split("\n")
      .filter((line) => line.includes("|"))
      .map((line) => {
        const [first = "", second = "", third = "", fourth = ""] = line.trim().split("|");
        return read([first, second, third, fourth]);
      }),
  );

let largest: Promise<number> | undefined;

/** Asked once: how many tasks the cluster allows in an array. */
function largestArray(): Promise<number> {
  largest ??= slurm("scontrol", ["show", "config"]).then(({ stdout }) =>
    Math.max(1, Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(stdout)?.[1] ?? LARGEST_ARRAY)),
  );
  return largest;
}

/** What sbatch refused, and for a partition which ones there are; Slurm's own words come last. */
async function refusal(said: string): Promise<ExecutorError> {
  const partition = /invalid partition(?: specified: ([^\s;]+))?/i.exec(said);
  const { stdout } = partition ? await slurm("sinfo", ["--noheader", "--format=%R"]) : { stdout: "" };
  const names = [...new Set(stdout.split("\n").filter((line) => line !== ""))].join(", ");
  if (!partition || names === "") {
    return new ExecutorError("slurm: sbatch refused the jobs. Nothing was submitted.", {
      hint: `Put it right under slurm: in the study's file, or in your template. sbatch says: ${said}`,
    });
  }
  const found = partition[1] === undefined ? "another" : partition[1];
  return new ExecutorError(`slurm: expected one of the partitions ${names}, found ${found}. Nothing was submitted.`, {
    hint: `Name one under slurm: in the study's file, or in your template. sbatch says: ${said}`,
  });
}
