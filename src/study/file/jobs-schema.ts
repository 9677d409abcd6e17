/** How the cells of a study become jobs of a scheduler: the keys slurm and ray of its file. */
import { z } from "zod";
import { listOf, mapOf, number, text, whole } from "./values.js";

/** A value of a scheduler's: it becomes part of one word of a command, or of a request. */
const schedulerValue = (what: string) =>
  z.string({ error: `expected ${what}` }).regex(/^[\w.:,@/+=-]{1,200}$/, { error: `expected ${what}` });

const jobsShape = {
  max_parallel: whole(1, 100_000).optional().describe("Jobs that run at a time."),
  gpus: number(0, 1024).optional().describe("For each job."),
  cpus: number(0, 4096).optional().describe("For each job."),
};
const SLURM = "how jobs are submitted to Slurm: a map with partition, time, gpus, …";
export const slurmShape = z.strictObject(
  {
    ...jobsShape,
    gpus: whole(0, 1024).optional().describe("For each job."),
    cpus: whole(1, 4096).optional().describe("For each job; as many threads compute."),
    partition: schedulerValue("the name of a partition").optional(),
    account: schedulerValue("the name of an account").optional(),
    qos: schedulerValue("a quality of service").optional(),
    time: z
      .union([whole(1, 10_000_000), schedulerValue("a time as sbatch takes it: 04:00:00")], {
        error: "expected minutes, or a time as sbatch takes it: 04:00:00",
      })
      .optional()
      .describe(
        "Longest time of a job: minutes, or HH:MM:SS. A job that needs longer is submitted again and carries on.",
      ),
    memory: schedulerValue("memory as sbatch takes it: 64G").optional().describe("For each job: 64G."),
    options: z
      .array(z.string().regex(/^-[^\n\0]{1,500}$/, { error: "expected a flag of sbatch's: --constraint=a100" }), {
        error: "expected a list of sbatch's flags",
      })
      .optional()
      .describe("Further flags of sbatch's, one each."),
    template: text("a batch script")
      .optional()
      .describe("A batch script of yours: its #SBATCH lines and what makes the environment; askew adds its command."),
  },
  { error: mapOf(SLURM) },
);
const RAY = "how jobs are submitted to Ray: a map with address, gpus, runtime_env, …";
export const rayShape = z.strictObject(
  {
    ...jobsShape,
    address: text("the address of Ray's dashboard")
      .regex(/^https?:\/\//, { error: "expected the address of Ray's dashboard: http://127.0.0.1:8265" })
      .optional()
      .describe("Of its dashboard; default RAY_API_SERVER_ADDRESS, else http://127.0.0.1:8265."),
    memory: whole(1, 2 ** 50)
      .optional()
      .describe("Bytes for each job."),
    resources: z.record(z.string(), number(0, 1e9)).optional().describe("Resources of your own, for each job."),
    runtime_env: z.record(z.string(), z.json()).optional().describe("Ray's runtime environment."),
    askew: listOf(text("a word"), "words").optional().describe("The command on the cluster's machines: [npx, askew]."),
  },
  { error: mapOf(RAY) },
);
