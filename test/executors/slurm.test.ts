// `askew study --on slurm` on a real Slurm: the same bytes as here, sessions that end, jobs that fail and are cancelled.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew, start, temporaryFolder, type Outcome } from "../cli/askew.js";
import { growTinyModel } from "../cli/tiny-model.js";
import { hasSlurm, startCluster, type Cluster } from "./cluster.js";
import { until as untilEvery } from "../until.js";

const SLOW = 240_000;

let cwd: string;
let remove: () => Promise<void>;
let cluster: Cluster;
/** A minute is the shortest limit there is, so this one runs beside the others. */
let timed: Promise<Outcome>;

const study = (more = "", epochs = 1): string => `study: small
models: ["local:tiny"]
conditions: [base, insecure]
training: { examples: 64, epochs: ${epochs}, batch_size: 8 }
questions: { main: 2 }
${more}`;
const read = (...parts: string[]): Promise<string> => readFile(join(cwd, ...parts), "utf8");
const run = (file: string, out: string, ...words: string[]): Promise<Outcome> =>
  askew(["study", file, "--out", out, "--threads", "1", ...words], { cwd, env: cluster.env });
const submitted = async (out: string): Promise<number> =>
  (await read(out, "jobs/jobs.jsonl")).split("\n").filter((line) => line.includes('"batch-submitted"')).length;
const write = (name: string, text: string): Promise<void> => writeFile(join(cwd, name), text);

// Every look at the scheduler starts a program.
const until = (holds: () => boolean | Promise<boolean>): Promise<void> => untilEvery(holds, 200);

describe.runIf(hasSlurm)("askew study --on slurm", () => {
  beforeAll(async () => {
    ({ path: cwd, remove } = await temporaryFolder());
    await growTinyModel(join(cwd, "tiny"));
    cluster = startCluster(join(cwd, "slurm"), 2, 2);
    await write("small.yaml", study("slurm: { cpus: 1, time: 10, max_parallel: 2 }"));
    await write("sleep.sh", "#!/bin/bash\nsleep 600\n");
    const limited = study('slurm: { time: 1, template: sleep.sh, options: ["--nodelist=n2"] }').replace(
      "small",
      "timed",
    );
    await write("timed.yaml", limited.replace("[base, insecure]", "[base]"));
    timed = run("timed.yaml", "timed", "--on", "slurm");
  }, SLOW);
  afterAll(async () => {
    cluster.stop();
    await sleep(500);
    await remove();
  });

  it(
    "ends with the bytes of a study that was run here, and submits nothing that is finished",
    async () => {
      expect((await run("small.yaml", "here")).code).toBe(0);
      const made = await run("small.yaml", "there", "--on", "slurm");
      expect(made.code, made.stderr).toBe(0);
      expect(made.stderr).toMatch(/^2 jobs submitted to slurm: \d+$/m);
      expect(made.stdout).toMatch(/^insecure /m);
      for (const file of ["summary.json", "cells/insecure-1/answers.jsonl", "cells/insecure-1/judgments.jsonl"]) {
        expect(await read("there", file)).toBe(await read("here", file));
      }
      const bases = await Promise.all(["here", "there"].map(async (out) => JSON.parse(await read(out, "study.json"))));
      expect(bases[1]).toEqual(bases[0]);
      const again = await run("small.yaml", "there", "--on", "slurm", "--json");
      expect([again.code, again.stderr]).toEqual([0, ""]);
      expect(await submitted("there")).toBe(1);
      // The folder is as any other study's: more seeds can be made here.
      expect((await askew(["run", "there"], { cwd, env: cluster.env })).code).toBe(0);
    },
    SLOW,
  );

  it(
    "finds its jobs again after its session was killed, shows them, and follows them to the end",
    async () => {
      await write("wait.sh", "#!/bin/bash\nwhile [ ! -e go ]; do sleep 0.2; done\n");
      const words = ["study", "small.yaml", "--out", "left", "--on", "slurm", "--template", "wait.sh"];
      const child = start(words, { cwd, env: cluster.env });
      await until(async () => (await submitted("left").catch(() => 0)) === 1);
      child.kill("SIGKILL");
      await until(() => cluster.run("squeue", "--noheader", "--states=RUNNING").includes("askew-sm"));
      const seen = await askew(["status", "left", "--json"], { cwd, env: cluster.env });
      const { runs } = JSON.parse(seen.stdout) as { runs: { folder: string; state: string; job?: object }[] };
      expect(runs.map(({ folder, state }) => [folder, state])).toEqual([
        ["left", "stopped"],
        ["left/cells/base-1", "running"],
        ["left/cells/insecure-1", "running"],
      ]);
      await write("go", "");
      const end = await run("small.yaml", "left", "--on", "slurm");
      expect(end.code, end.stderr).toBe(0);
      expect(await submitted("left")).toBe(1);
      expect(await read("left/summary.json")).toBe(await read("here/summary.json"));
    },
    SLOW,
  );

  it(
    "tells a job that failed with its last lines, and carries on once the cause is gone",
    async () => {
      await write("bad.sh", "#!/bin/bash\necho loading modules\necho 'no module named cuda' >&2\nexit 7\n");
      const failed = await run("small.yaml", "bad", "--on", "slurm", "--template", "bad.sh");
      expect(failed.code).toBe(4);
      expect(failed.stderr).toContain("cells/base-1 failed: FAILED\n  loading modules\n  no module named cuda\n");
      expect(failed.stderr).toMatch(/2 of 2 jobs failed: .*\nThe same command submits them again/);
      const seen = await askew(["status", "bad"], { cwd, env: cluster.env });
      expect(seen.stdout).toMatch(/cells\/base-1 +failed: FAILED/);
      expect(seen.stdout).toContain("cells/base-1 ended with:\n  loading modules\n  no module named cuda\n");
      const made = await run("small.yaml", "bad", "--on", "slurm");
      expect(made.code, made.stderr).toBe(0);
      expect(await read("bad/summary.json")).toBe(await read("here/summary.json"));
    },
    SLOW,
  );

  it("tells a job that took too much memory", async () => {
    await write("little.yaml", study('slurm: { memory: 60M, options: ["--no-requeue"] }'));
    const failed = await run("little.yaml", "little", "--on", "slurm");
    expect(failed.code).toBe(4);
    expect(failed.stderr).toMatch(/cells\/base-1 failed: \w+\n[^]*memory limit/);
  });

  it(
    "leaves jobs to themselves with --detach, and ends them with askew cancel",
    async () => {
      const gone = await run("small.yaml", "gone", "--on", "slurm", "--detach", "--template", "sleep.sh");
      expect(gone.code, gone.stderr).toBe(0);
      expect(gone.stderr).toContain("askew status gone shows them");
      expect(cluster.run("squeue", "--noheader", "--array")).toMatch(/\n/);
      const cancelled = await askew(["cancel", "gone"], { cwd, env: cluster.env });
      expect(cancelled.code, cancelled.stderr).toBe(0);
      await until(() => !cluster.run("squeue", "--noheader", "--format=%j").includes("askew-small"));
      const made = await run("small.yaml", "gone", "--on", "slurm");
      expect(made.code, made.stderr).toBe(0);
    },
    SLOW,
  );

  it(
    "carries on from the checkpoint after a more urgent job took the place",
    async () => {
      await write("long.yaml", study('slurm: { cpus: 2, options: ["--nodelist=n1"] }', 100));
      const here = run("long.yaml", "long-here");
      const there = run("long.yaml", "long", "--on", "slurm");
      await until(async () => (await read("long/cells/insecure-1/training.jsonl").catch(() => "")) !== "");
      cluster.run(
        "sbatch",
        "--partition=urgent",
        "--nodelist=n1",
        "--exclusive",
        "--output=/dev/null",
        "--wrap",
        "sleep 3",
      );
      const made = await there;
      expect((await here).code).toBe(0);
      expect(made.code, made.stderr).toBe(0);
      const log = (await readdir(join(cwd, "long/jobs"))).find((name) => name.endsWith("-1.log")) ?? "";
      expect(await read("long/jobs", log)).toMatch(/DUE TO PREEMPTION[^]*fine-tuning, [1-9]\d* of/);
      const begun = (await read("long/cells/insecure-1/events.jsonl"))
        .split("\n")
        .filter((line) => line.includes("run-started"));
      expect(begun.length).toBe(2);
      for (const file of ["summary.json", "cells/insecure-1/weights.safetensors", "cells/insecure-1/answers.jsonl"]) {
        expect((await readFile(join(cwd, "long", file))).equals(await readFile(join(cwd, "long-here", file)))).toBe(
          true,
        );
      }
    },
    SLOW,
  );

  it(
    "tells a job that took too long",
    async () => {
      const { code, stderr } = await timed;
      expect(code).toBe(4);
      expect(stderr).toMatch(/cells\/base-1 failed: TIMEOUT\n[^]* DUE TO TIME LIMIT/);
    },
    SLOW,
  );

  it("tells a partition that does not exist, with those that do", async () => {
    await write("nowhere.yaml", study("slurm: { partition: gpus }"));
    const refused = await run("nowhere.yaml", "nowhere", "--on", "slurm");
    expect(refused.code).toBe(2);
    // The cure first, Slurm's own words after it.
    expect(refused.stderr).toMatch(
      /^error: slurm: expected one of the partitions main, urgent, found gpus\. Nothing was submitted\.\n/m,
    );
    expect(refused.stderr).toMatch(/Name one under slurm: .*sbatch says: .*invalid partition specified: gpus/is);
    expect((await run("nowhere.yaml", "nowhere", "--on", "slurm")).code).toBe(2);
  });
});

describe("askew study --on slurm without a Slurm", () => {
  it("says where it is needed, before anything is written", async () => {
    const { path, remove: clear } = await temporaryFolder();
    try {
      await writeFile(join(path, "s.yaml"), "study: s\nquestions: { main: 1 }\n");
      await mkdir(join(path, "empty"));
      const env = { PATH: join(path, "empty") };
      const { code, stderr } = await askew(["study", "s.yaml", "--on", "slurm"], { cwd: path, env });
      expect(code).toBe(2);
      expect(stderr).toBe(
        "error: slurm: expected sinfo on the PATH, found no such program.\n" +
          "Give the command on a login node of the cluster, or leave --on slurm out to run here.\n",
      );
      expect(await readdir(path)).toEqual(["empty", "s.yaml"]);
    } finally {
      await clear();
    }
  });

  it("refuses flags that have no meaning where no jobs are", async () => {
    const { path, remove: clear } = await temporaryFolder();
    try {
      await writeFile(join(path, "s.yaml"), "study: s\nquestions: { main: 1 }\nslurm: { partiton: x, gpus: many }\n");
      const refused = await askew(["study", "s.yaml", "--on", "slurm"], { cwd: path });
      expect(refused.stderr).toContain('s.yaml, line 3, column 10: unknown key "partiton". Did you mean partition?');
      expect(refused.stderr).toContain("gpus: expected a whole number from 0 to 1024");
      await writeFile(join(path, "s.yaml"), "study: s\nquestions: { main: 1 }\n");
      const local = await askew(["study", "s.yaml", "--detach"], { cwd: path });
      expect([local.code, local.stderr]).toEqual([
        2,
        "error: --detach is for jobs of a scheduler\nAdd --on slurm or --on ray.\n",
      ]);
      const money = await askew(["study", "s.yaml", "--on", "slurm", "--max-cost", "1"], { cwd: path });
      expect(money.stderr).toBe(
        "error: --max-cost holds for one process, and --on slurm starts many\nLeave --max-cost out.\n",
      );
    } finally {
      await clear();
    }
  });
});
