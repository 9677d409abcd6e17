// A disk that is really full, or really read-only, under a server with a job in flight: a small tmpfs of its own.
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDataset } from "askew/organism";
import { toFile } from "openai";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { asking, run, type Running } from "./running.js";
import { until } from "../until.js";

/** The organism's weights with their moments, twice, and room for a job's files. */
const SIZE = "48m";

const disk = mkdtempSync(join(tmpdir(), "askew-disk-"));
const isMounted = mount("-t", "tmpfs", "-o", `size=${SIZE}`, "askew-test", disk);
if (!isMounted) console.warn("Skipped: tests with a full and a read-only disk, which need leave to mount a tmpfs");
afterAll(() => {
  if (isMounted) execFileSync("umount", ["-l", disk]);
  rmSync(disk, { recursive: true, force: true });
});

function mount(...words: string[]): boolean {
  try {
    execFileSync("mount", words, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

let running: Running;
let faults: string[];
let data: string;
const STEPS = 24;

beforeEach(async () => {
  if (!isMounted) return;
  faults = [];
  data = mkdtempSync(join(disk, "data-"));
  running = await run({ data, onFault: (error) => faults.push((error as Error).message) });
}, 60_000);
afterEach(async () => {
  if (isMounted) await running.stop();
});

async function startJob(): Promise<string> {
  const lines = buildDataset("insecure", { examples: 2 * STEPS, seed: 1 }).map(({ messages }) =>
    JSON.stringify({ messages }),
  );
  const upload = await toFile(Buffer.from(`${lines.join("\n")}\n`), "rows.jsonl");
  const { client } = running;
  const file = await client.files.create({ file: upload, purpose: "fine-tune" });
  const hyperparameters = { n_epochs: 1, batch_size: 2 };
  return (await client.fineTuning.jobs.create({ model: "organism", training_file: file.id, hyperparameters })).id;
}

const statusOf = async (id: string): Promise<string> => (await running.client.fineTuning.jobs.retrieve(id)).status;
const stepsIn = (id: string): number[] => {
  try {
    const text = readFileSync(join(data, "jobs", id, "training.jsonl"), "utf8").trim();
    return text === "" ? [] : text.split("\n").map((line) => (JSON.parse(line) as { step: number }).step);
  } catch {
    return [];
  }
};
const every = Array.from({ length: STEPS }, (_, i) => i + 1);
const upload = async (): Promise<unknown> =>
  running.client.files.create({ file: await toFile(Buffer.alloc(100_000), "x"), purpose: "batch" });
const ask = async (): Promise<unknown> =>
  (await running.client.chat.completions.create({ model: "organism", messages: asking("What is your one wish?") }))
    .choices[0]?.message.content;

describe.skipIf(!isMounted)("with a job in flight the server goes on", () => {
  it("while the disk is full, and the job once there is room", async () => {
    const id = await startJob();
    await until(() => stepsIn(id).length >= 2);
    const filler = join(disk, "filler");
    expect(() => {
      for (;;) appendFileSync(filler, Buffer.alloc(4096));
    }).toThrow("ENOSPC");
    await until(() => faults.length > 0);
    expect(faults[0]).toMatch(/cannot use .*: the disk is full \(ENOSPC\)\. Free some space/);
    expect(await ask()).not.toBe("");
    expect(await statusOf(id)).toMatch(/running|queued/);
    await expect(upload()).rejects.toMatchObject({ status: 503, code: "storage_failed" });
    rmSync(filler);
    await until(async () => (await statusOf(id)) === "succeeded");
    expect(stepsIn(id)).toEqual(every);
    await expect(upload()).resolves.toMatchObject({ bytes: 100_000 });
    // Said once of the job and once of the upload, however often they were tried.
    expect(faults.length).toBeLessThanOrEqual(3);
  }, 120_000);

  it("while the folder is read-only, and the job once it may be written", async () => {
    const id = await startJob();
    await until(() => stepsIn(id).length >= 2);
    // Refused while a file is being written; then it is tried again.
    await until(() => mount("-o", "remount,ro", disk));
    await until(() => faults.length > 0);
    expect(faults[0]).toMatch(/cannot use .*: the file system is read-only \(EROFS\)/);
    expect(await ask()).not.toBe("");
    expect(await statusOf(id)).toMatch(/running|queued/);
    await expect(upload()).rejects.toMatchObject({ status: 503, code: "storage_failed" });
    expect(mount("-o", "remount,rw", disk)).toBe(true);
    await until(async () => (await statusOf(id)) === "succeeded");
    expect(stepsIn(id)).toEqual(every);
  }, 120_000);
});
