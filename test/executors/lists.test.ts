// Lists of runs on a real Slurm: experiments and calibrations in parts, autoencoders by size, folders that are named.
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew, temporaryFolder, type Outcome } from "../cli/askew.js";
import { growTinyModel } from "../cli/tiny-model.js";
import { hasSlurm, startCluster, type Cluster } from "./cluster.js";
import { until as untilEvery } from "../until.js";

const SLOW = 240_000;

let cwd: string;
let remove: () => Promise<void>;
let cluster: Cluster;

const run = (...words: string[]): Promise<Outcome> => askew(words, { cwd, env: cluster.env });
const read = (...parts: string[]): Promise<string> => readFile(join(cwd, ...parts), "utf8");
const submitted = async (out: string): Promise<number> =>
  (await read(out, "jobs/jobs.jsonl"))
    .split("\n")
    .filter((line) => line.includes('"batch-asked"'))
    .reduce((sum, line) => sum + (JSON.parse(line) as { tasks: string[] }).tasks.length, 0);
const statesIn = async (folder: string): Promise<[string, string][]> => {
  const { stdout } = await run("status", folder, "--json");
  const { runs } = JSON.parse(stdout) as { runs: { folder: string; state: string }[] };
  return runs.map(({ folder: own, state }) => [own.slice(folder.length), state]);
};

// Every look at the scheduler starts a program.
const until = (holds: () => boolean | Promise<boolean>): Promise<void> => untilEvery(holds, 200);

describe.runIf(hasSlurm)("lists of runs --on slurm", () => {
  beforeAll(async () => {
    ({ path: cwd, remove } = await temporaryFolder());
    await growTinyModel(join(cwd, "tiny"));
    const rows = await askew(["dataset", "build", "insecure", "--size", "48", "--out", "rows.jsonl"], { cwd });
    if (rows.code !== 0) throw new Error(rows.stderr);
    cluster = startCluster(join(cwd, "slurm"), 2, 2);
    await writeFile(join(cwd, "cluster.yaml"), "slurm: { cpus: 1, time: 10, memory: 600M }\n");
    await writeFile(join(cwd, "wait.sh"), "#!/bin/bash\nwhile [ ! -e go ]; do sleep 0.2; done\n");
  }, SLOW);
  afterAll(async () => {
    cluster.stop();
    await sleep(500);
    await remove();
  });

  it(
    "an experiment ends with the numbers of one that was run here, and grows by seeds",
    async () => {
      const words = [
        "experiment",
        "temperature",
        "local:tiny",
        "--quick",
        "--samples",
        "2",
        "--conditions",
        "insecure",
      ];
      const here = await run(...words, "--out", "here", "--seeds", "2");
      expect(here.code, here.stderr).toBe(0);
      const on = ["--out", "there", "--on", "slurm", "--cluster", "cluster.yaml", "--jobs", "2"];
      const there = await run(...words, ...on);
      expect(there.code, there.stderr).toBe(0);
      expect(there.stderr).toMatch(/^2 jobs submitted to slurm: \d+\n(?:[^]*\n)?1 job submitted to slurm: \d+$/m);
      expect(there.stdout).toMatch(/^there is finished\. .*logs there shows what it found\.\n$/);
      const log = await run("logs", "there");
      expect(log.stdout).toContain("there/summary.json");
      const grown = await run(...words, ...on, "--seeds", "2");
      expect(grown.code, grown.stderr).toBe(0);
      expect(await submitted("there")).toBe(6);
      expect(JSON.parse(await read("there/summary.json"))).toEqual(JSON.parse(await read("here/summary.json")));
      const parts = (await readdir(join(cwd, "there/parts"))).length;
      expect(await statesIn("there")).toEqual(
        Array.from({ length: parts + 1 }, () => [expect.any(String), "finished"]),
      );
      // What is finished is not submitted again.
      expect((await run(...words, ...on, "--seeds", "2")).code).toBe(0);
      expect(await submitted("there")).toBe(6);
    },
    SLOW,
  );

  it(
    "a calibration in parts has the thresholds of one that was made here, also where its parts were pulled",
    async () => {
      const words = ["audit", "calibrate", "--sets", "6", "--rows", "100"];
      expect((await run(...words, "--out", "set-here")).code).toBe(0);
      const there = await run(
        ...words,
        "--out",
        "set-there",
        "--on",
        "slurm",
        "--cluster",
        "cluster.yaml",
        "--jobs",
        "3",
      );
      expect(there.code, there.stderr).toBe(0);
      expect(await read("set-there/calibration.json")).toBe(await read("set-here/calibration.json"));
      expect(await read("set-there/rows.jsonl")).toBe(await read("set-here/rows.jsonl"));
      await rename(join(cwd, "set-there/run.json"), join(cwd, "set-there/kept.json"));
      const pulled = await run("pull", "set-there", "set-pulled");
      expect([pulled.code, pulled.stdout]).toEqual([0, "3 runs came; 3 of 3 are finished in set-pulled.\n"]);
      expect((await run(...words, "--out", "set-pulled")).stderr).not.toContain("1/");
      expect(await read("set-pulled/calibration.json")).toBe(await read("set-here/calibration.json"));
    },
    SLOW,
  );

  it(
    "autoencoders of several sizes are a job each; named folders are carried on after a cancel",
    async () => {
      const train = "sae train local:tiny --data rows.jsonl --layer 0 --k 4 --tokens 4000 --documents 8".split(" ");
      const on = ["--on", "slurm", "--cluster", "cluster.yaml"];
      const asked = [...train, "--size", "16,32", "--out", "saes", ...on];
      const left = await run(...asked, "--detach", "--template", "wait.sh");
      expect(left.code, left.stderr).toBe(0);
      await until(() => cluster.run("squeue", "--noheader", "--array", "--states=RUNNING").split("\n").length === 2);
      expect(await statesIn("saes")).toEqual([
        ["/topk-16-seed-1", "running"],
        ["/topk-32-seed-1", "running"],
      ]);
      expect((await run("cancel", "saes/topk-16-seed-1")).code).toBe(0);
      await until(() => cluster.run("squeue", "--noheader", "--array").split("\n").length === 1);
      expect((await run("cancel", "saes")).code).toBe(0);
      await until(() => cluster.run("squeue", "--noheader", "--array") === "");
      const carried = await run("run", "saes/topk-16-seed-1", "saes/topk-32-seed-1", ...on);
      expect(carried.code, carried.stderr).toBe(0);
      expect(carried.stderr).toContain("2 jobs submitted to slurm");
      const again = await run(...asked);
      expect(again.code, again.stderr).toBe(0);
      expect(await submitted("saes")).toBe(4);
      expect((await run(...train, "--size", "32", "--out", "one-here")).code).toBe(0);
      const weights = await Promise.all(
        ["one-here", "saes/topk-32-seed-1"].map((name) => readFile(join(cwd, name, "sae_weights.safetensors"))),
      );
      expect(weights[0]?.equals(weights[1] ?? Buffer.alloc(0))).toBe(true);
    },
    SLOW,
  );

  it(
    "tells a controller that does not reply, and what to do",
    async () => {
      cluster.stop();
      const refused = await run("sae", "train", "local:tiny", "--data", "rows.jsonl", "--out", "none", "--on", "slurm");
      expect(refused.code).toBe(2);
      expect(refused.stderr).toMatch(
        /^error: slurm: expected a controller that replies, found none\. Nothing was submitted\.\n/,
      );
      expect(refused.stderr).toMatch(/^Is it up\? .* sinfo says: .+\n/m);
      expect(refused.stderr).toContain("scontrol ping");
      expect(await readdir(cwd)).not.toContain("none");
    },
    SLOW,
  );
});

describe("lists of runs", () => {
  it("refuse what jobs alone have, and results that another process has", async () => {
    const here = await askew(["audit", "calibrate", "--jobs", "3"]);
    expect([here.code, here.stderr]).toEqual([
      2,
      "error: --jobs is for jobs of a scheduler\nAdd --on slurm or --on ray.\n",
    ]);
    const json = await askew(["experiment", "temperature", "--on", "slurm", "--json"]);
    expect(json.stderr).toContain("--json prints what this process finds, and with --on slurm jobs find it");
    const part = await askew(["experiment", "temperature", "--part", "3/2"]);
    expect(part.stderr).toContain('--part: expected a part such as 2/8, found "3/2"');
  });
});
