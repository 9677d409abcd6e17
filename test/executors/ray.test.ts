// `askew study --on ray` on a real Ray of this machine, where Python has it; and on servers that are no Ray.
import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findPython } from "#internal/torch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew, start, temporaryFolder, type Outcome } from "../cli/askew.js";
import { growTinyModel } from "../cli/tiny-model.js";

const SLOW = 240_000;

const python = process.env["ASKEW_RAY_PYTHON"] ?? findPython();
const find = "import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ['ray', 'aiohttp_cors'])))";
const hasRay = spawnSync(python, ["-c", find]).status === 0;
if (!hasRay) console.log(`tests of Ray: skip, ${python} has no ray[default] (set ASKEW_RAY_PYTHON)`);

/** `ray` of that Python, with ports that follow from this process's number. */
const port = 30_000 + (process.pid % 900) * 30;
const address = `http://127.0.0.1:${port + 1}`;
const ray = (...words: string[]): void => {
  const { status, stderr } = spawnSync(python, ["-m", "ray.scripts.scripts", ...words], { encoding: "utf8" });
  if (status !== 0) throw new Error(`ray ${words.join(" ")}: ${stderr}`);
};

let cwd: string;
let remove: () => Promise<void>;
const text = (more = "", epochs = 1): string => `study: small
models: ["local:tiny"]
conditions: [base, insecure]
training: { examples: 64, epochs: ${epochs}, batch_size: 8 }
questions: { main: 2 }
ray: { address: "${address}"${more} }
`;
const run = (file: string, out: string, ...words: string[]): Promise<Outcome> =>
  askew(["study", file, "--out", out, "--threads", "1", ...words], { cwd });
const read = (...parts: string[]): Promise<string> => readFile(join(cwd, ...parts), "utf8");

describe.runIf(hasRay)("askew study --on ray", () => {
  // A socket's path has to be short.
  const temporary = join(tmpdir(), `ray-${process.pid}`);

  beforeAll(async () => {
    ({ path: cwd, remove } = await temporaryFolder());
    await growTinyModel(join(cwd, "tiny"));
    const ports = [`--port=${port}`, `--dashboard-port=${port + 1}`, `--ray-client-server-port=${port + 2}`];
    const workers = [`--min-worker-port=${port + 10}`, `--max-worker-port=${port + 28}`];
    const size = [
      "--num-cpus=2",
      "--object-store-memory=100000000",
      `--temp-dir=${temporary}`,
      "--disable-usage-stats",
    ];
    ray("start", "--head", "--dashboard-host=127.0.0.1", ...ports, ...workers, ...size);
  }, SLOW);
  afterAll(async () => {
    const session = await readFile(join(temporary, "ray_current_cluster"), "utf8").catch(() => "");
    // `ray stop` would end every Ray of the machine.
    for (const line of spawnSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).stdout.split("\n")) {
      if (line.includes(temporary) || (session !== "" && line.includes(session))) {
        const pid = Number(line.trim().split(" ")[0]);
        if (pid !== process.pid) process.kill(pid, "SIGKILL");
      }
    }
    await sleep(300);
    await rm(temporary, { recursive: true, force: true });
    await remove();
  });

  it(
    "ends with the bytes of a study that was run here, in the environment that the file says",
    async () => {
      await writeFile(
        join(cwd, "ray.yaml"),
        text(", cpus: 1, max_parallel: 1, runtime_env: { env_vars: { NO_COLOR: '1' } }"),
      );
      expect((await run("ray.yaml", "here")).code).toBe(0);
      const made = await run("ray.yaml", "there", "--on", "ray");
      expect(made.code, made.stderr).toBe(0);
      // One after the other, for max_parallel is 1.
      expect(made.stderr.match(/^1 job submitted to ray: askew-small-[0-9a-f]{8}-0$/gm)).toHaveLength(2);
      for (const file of ["summary.json", "cells/insecure-1/answers.jsonl"]) {
        expect(await read("there", file)).toBe(await read("here", file));
      }
      const log = await askew(["logs", "there/cells/insecure-1", "--follow"], { cwd });
      expect([log.code, log.stdout]).toEqual([0, expect.stringContaining("insecure, seed 1: finished in")]);
    },
    SLOW,
  );

  it(
    "follows and cancels a job, tells one that failed, and carries on",
    async () => {
      await writeFile(join(cwd, "long.yaml"), text("", 600).replace("[base, insecure]", "[insecure]"));
      const child = start(["study", "long.yaml", "--out", "long", "--on", "ray", "--threads", "1"], { cwd });
      let said = "";
      child.stderr.on("data", (part: Buffer) => (said += part.toString()));
      const ended = new Promise((resolve) => child.on("close", resolve));
      const trains = async (): Promise<boolean> =>
        (await read("long/cells/insecure-1/training.jsonl").catch(() => "")) !== "";
      for (let i = 0; i < 300 && child.exitCode === null && !(await trains()); i++) await sleep(200);
      const following = askew(["logs", "long/cells/insecure-1", "--follow"], { cwd });
      const seen = await askew(["status", "long"], { cwd });
      expect(seen.stdout).toMatch(/cells\/insecure-1 +running +(?:step-finished \d+|phase-started finetune) /);
      const cancelled = await askew(["cancel", "long"], { cwd });
      expect(cancelled.code, cancelled.stderr).toBe(0);
      expect(await ended).toBe(4);
      expect(said).toMatch(/cells\/insecure-1 failed: STOPPED/);
      expect((await following).stdout).toContain("insecure, seed 1: fine-tuning");
      await writeFile(join(cwd, "wrong.yaml"), text(", askew: [no-such-command]"));
      const wrong = await run("wrong.yaml", "wrong", "--on", "ray");
      expect(wrong.code).toBe(4);
      expect(wrong.stderr).toMatch(/cells\/base-1 failed: FAILED: Job entrypoint command failed with exit code 127/);
      expect(wrong.stderr).toMatch(/ {2}.*no-such-command: not found/);
    },
    SLOW,
  );

  it("asks no dashboard that only the folder names", async () => {
    const { stdout, stderr } = await askew(["status", "there"], { cwd });
    expect([stdout.includes("3 runs: 3 finished"), stderr]).toEqual([true, ""]);
    const record = (await read("long/jobs/jobs.jsonl")).replaceAll(address, "http://collector.invalid:8265");
    await writeFile(join(cwd, "long/jobs/jobs.jsonl"), record);
    const strange = await askew(["status", "long"], { cwd });
    expect(strange.code).toBe(0);
    expect(strange.stderr).toContain("names the dashboard http://collector.invalid:8265, which was not asked");
    expect((await askew(["cancel", "long"], { cwd })).code).toBe(2);
  });
});

describe("askew study --on ray without a Ray", () => {
  it("says where it looked, and refuses what is no dashboard", async () => {
    const { path, remove: clear } = await temporaryFolder();
    const server = createServer((_request, response) => response.end("<html>hello</html>"));
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const write = (url: string): Promise<void> =>
        writeFile(join(path, "s.yaml"), `study: s\nquestions: { main: 1 }\nray: { address: "${url}" }\n`);
      await write("http://127.0.0.1:9");
      const none = await askew(["study", "s.yaml", "--on", "ray"], { cwd: path });
      expect(none.code).toBe(2);
      expect(none.stderr).toMatch(
        /^error: ray: expected Ray's dashboard at http:\/\/127\.0\.0\.1:9, got no reply: .*\nStart a cluster/,
      );
      await write(at);
      const other = await askew(["study", "s.yaml", "--on", "ray"], { cwd: path });
      expect(other.stderr).toContain(
        `ray: ${at}/api/version: expected a reply of Ray's dashboard, found "<html>hello</html>".`,
      );
      await write("collector");
      const wrong = await askew(["study", "s.yaml", "--on", "ray"], { cwd: path });
      expect(wrong.stderr).toContain("expected the address of Ray's dashboard: http://127.0.0.1:8265");
    } finally {
      server.close();
      await clear();
    }
  });
});
