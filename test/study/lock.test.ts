// Two runs in one folder: the second is refused, and a run that was killed holds nothing.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { StoreError } from "#internal/store";
import { runStudy } from "askew/study";
import { openTiny, SLOW, temporaryFolder, tinyPlan, writeTinyModel } from "./tiny.js";

let work: { path: string; remove: () => Promise<void> };
const at = (...parts: string[]): string => join(work.path, ...parts);
const children: ChildProcess[] = [];
const run = (folder: string): Promise<unknown> => {
  const plan = tinyPlan(at("model"), { conditions: ["base"], questions: [{ set: "main", samples: 1 }] });
  return runStudy(plan, folder, { openModel: openTiny });
};

beforeAll(async () => {
  work = await temporaryFolder();
  await writeTinyModel(at("model"));
  await writeFile(at("plan.json"), JSON.stringify(tinyPlan(at("model"))));
}, SLOW);
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});
afterAll(() => work.remove());

/** Starts a process that takes the folder; its first line says whether it could. */
async function holder(folder: string): Promise<{ child: ChildProcess; said: string }> {
  const script = fileURLToPath(new URL("./lock-holder.mjs", import.meta.url));
  const child = spawn(process.execPath, [script, folder, at("plan.json")], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [data] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  return { child, said: data.toString().trim() };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

describe("a folder in use", () => {
  it("is refused with who holds it, and free again at once when that one is killed", async () => {
    const { child, said } = await holder(at("held"));
    expect(said).toBe("taken");
    const attempt = run(at("held"));
    await expect(attempt).rejects.toThrow(
      new RegExp(`is in use by process ${child.pid} on ${hostname()} since 20.*--out`, "s"),
    );
    await expect(attempt).rejects.toBeInstanceOf(StoreError);
    await end(child);
    await run(at("held"));
    expect(await readdir(at("held"))).toEqual(["cells", "events.jsonl", "run.json", "study.json", "summary.json"]);
  });

  it("is refused within one process, too", async () => {
    const plan = tinyPlan(at("model"), { conditions: ["base"], questions: [{ set: "main", samples: 1 }] });
    let refused: unknown;
    await runStudy(plan, at("one process"), {
      openModel: async (name) => {
        refused = await run(at("one process")).catch((error: unknown) => error);
        return openTiny(name);
      },
    });
    expect(refused).toBeInstanceOf(StoreError);
    expect(String(refused)).toContain(`in use by process ${process.pid}`);
  });

  it(
    "goes to one at most of many that come at once, also over a dead one's claim",
    async () => {
      for (let round = 0; round < 2; round++) {
        const folder = at(`rush-${round}`);
        if (round > 0) await claim(folder, { pid: 2 ** 22 + 1 });
        const said = await Promise.all(Array.from({ length: 4 }, async () => (await holder(folder)).said));
        expect(said.filter((line) => line === "taken").length).toBeLessThanOrEqual(1);
        for (const line of said) expect(line).toMatch(/^taken$|^StoreError: .* is in use by process \d+/);
        await Promise.all(children.splice(0).map(end));
      }
    },
    SLOW,
  );
});

async function claim(folder: string, fields: object): Promise<void> {
  await mkdir(join(folder, "lock"), { recursive: true });
  const text = JSON.stringify({ pid: process.pid, host: hostname(), since: "2025-01-01T00:00:00.000Z", ...fields });
  await writeFile(join(folder, "lock", "1-000000000000.json"), text);
}

describe("a claim that was left behind", () => {
  it("does not hold: a process that is gone", async () => {
    await claim(at("gone"), { pid: 2 ** 22 + 1 });
    await expect(run(at("gone"))).resolves.toBeDefined();
  });

  it.runIf(process.platform === "linux")("does not hold: another process now has its number", async () => {
    await claim(at("reused"), { ticks: "1" });
    await expect(run(at("reused"))).resolves.toBeDefined();
  });

  it.runIf(process.platform === "linux")("does not hold: the system was started again", async () => {
    await claim(at("restarted"), { boot: "another" });
    await expect(run(at("restarted"))).resolves.toBeDefined();
  });

  it("does not hold: its writer died before it wrote", async () => {
    await mkdir(at("empty/lock"), { recursive: true });
    await writeFile(at("empty/lock/1-000000000000.json"), "");
    await expect(run(at("empty"))).resolves.toBeDefined();
  });

  it("holds when its process runs on another host, and says how to let go of it", async () => {
    await claim(at("elsewhere"), { host: "elsewhere.example" });
    await expect(run(at("elsewhere"))).rejects.toThrow(
      /in use by process \d+ on elsewhere\.example since 2025-01-01.*delete .*elsewhere\/lock/s,
    );
  });
});
