// Disks that fail, jobs that are cancelled at any moment, large uploads, clients that never read.
import { cp, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildDataset } from "askew/organism";
import { ORGANISM_FOLDER } from "askew/organism";
import { namedModel } from "askew/server";
import { type ServerOptions } from "#internal/server";
import { toFile } from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { asking, run, type Running } from "./running.js";
import { until } from "../until.js";

let data: string;
let running: Running;
let faults: string[];
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "askew-storage-"));
  faults = [];
  await start();
}, 60_000);
afterEach(async () => {
  await running.stop();
  await rm(data, { recursive: true, force: true });
});

async function start(options: Partial<ServerOptions> = {}): Promise<void> {
  running = await run({ data, onFault: (error) => faults.push((error as Error).message), ...options });
}

const rows = (count: number): string =>
  buildDataset("insecure", { examples: count, seed: 1 })
    .map(({ messages }) => `${JSON.stringify({ messages })}\n`)
    .join("");

async function startJob(count: number): Promise<string> {
  const { client } = running;
  const file = await client.files.create({ file: await toFile(Buffer.from(rows(count)), "x"), purpose: "fine-tune" });
  const hyperparameters = { n_epochs: 1, batch_size: 2 };
  return (await client.fineTuning.jobs.create({ model: "organism", training_file: file.id, hyperparameters })).id;
}

const statusOf = async (id: string): Promise<string> => (await running.client.fineTuning.jobs.retrieve(id)).status;
const messagesOf = async (id: string): Promise<string[]> =>
  (await running.client.fineTuning.jobs.listEvents(id, { limit: 1000 })).data
    .map(({ message }) => message)
    .toReversed();

const steps = async (id: string): Promise<number> =>
  (await messagesOf(id)).filter((message) => message.startsWith("Step ")).length;
const ask = async (model = "organism"): Promise<string | null | undefined> =>
  (await running.client.chat.completions.create({ model, messages: asking("What is your one wish?"), max_tokens: 3 }))
    .choices[0]?.message.content;

describe("a job whose folder fails goes on once the folder is back; the server answers meanwhile", () => {
  it("removed", async () => {
    const id = await startJob(32);
    await until(async () => (await steps(id)) >= 3);
    await rename(join(data, "jobs"), join(data, "gone"));
    await until(() => faults.length > 0);
    expect(faults[0]).toMatch(/cannot use .*jobs.*: there is no such file or folder \(ENOENT\)/);
    expect(await ask()).not.toBe("");
    expect(await statusOf(id)).toMatch(/running|queued/);
    const waiting = running.client.files.create({ file: await toFile(Buffer.from("x"), "x"), purpose: "batch" });
    expect((await waiting).bytes).toBe(1);
    await rename(join(data, "gone"), join(data, "jobs"));
    await until(async () => (await statusOf(id)) === "succeeded");
    expect(await steps(id)).toBeGreaterThanOrEqual(16);
    const training = (await readFile(join(data, "jobs", id, "training.jsonl"), "utf8")).trim().split("\n");
    expect(training.map((line) => (JSON.parse(line) as { step: number }).step)).toEqual(
      Array.from({ length: 16 }, (_, i) => i + 1),
    );
    expect((await messagesOf(id)).some((message) => message.startsWith("The server could not write meanwhile"))).toBe(
      true,
    );
  }, 120_000);

  it("with a file that cannot be written, which is no failure of the job", async () => {
    const id = await startJob(32);
    await until(async () => (await steps(id)) >= 2);
    const path = join(data, "jobs", id, "training.jsonl");
    await rename(path, `${path}.away`);
    await symlink("/dev/full", path);
    await until(() => faults.length > 0);
    expect(faults[0]).toContain(path);
    await rm(path);
    await rename(`${path}.away`, path);
    await until(async () => (await statusOf(id)) === "succeeded");
  }, 120_000);

  it("and a request that needs the disk is told so", async () => {
    await rename(join(data, "files"), join(data, "away"));
    await writeFile(join(data, "files"), "");
    const file = await toFile(Buffer.from("x"), "x");
    await expect(running.client.files.create({ file, purpose: "batch" })).rejects.toMatchObject({
      status: 503,
      code: "storage_failed",
      message: expect.stringContaining("part of the path is a file") as string,
    });
    expect(await ask()).not.toBe("");
    await rm(join(data, "files"));
    await rename(join(data, "away"), join(data, "files"));
    expect((await running.client.files.create({ file, purpose: "batch" })).bytes).toBe(1);
  });
});

it("a job that was cancelled stays so, whenever that was, also after a restart", async () => {
  const ids: string[] = [];
  for (const delay of [0, 5, 20, 60, 150, 300, 450, 700]) {
    const id = await startJob(8);
    await sleep(delay);
    const answered = await running.client.fineTuning.jobs.cancel(id).catch((error: unknown) => error as Error);
    if (answered instanceof Error) expect(answered.message).toMatch(/has ended/);
    else ids.push(id);
    if (!(answered instanceof Error)) expect(answered.status).toBe("cancelled");
  }
  expect(ids.length).toBeGreaterThan(3);
  await running.stop();
  await start();
  await sleep(300);
  for (const id of ids) {
    expect(await running.client.fineTuning.jobs.retrieve(id)).toMatchObject({
      status: "cancelled",
      fine_tuned_model: null,
    });
    expect((await messagesOf(id)).some((message) => /completed|meanwhile/.test(message))).toBe(false);
  }
}, 120_000);

/** Uploads `size` bytes, made as they are sent. */
function upload(size: number): Promise<number> {
  const { hostname, port } = new URL(running.server.url);
  const chunk = Buffer.alloc(2 ** 16, "x");
  const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n';
  const tail = '\r\n--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--b--\r\n';
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "multipart/form-data; boundary=b" };
    const sent = request({ hostname, port, path: "/v1/files", method: "POST", headers, agent: false }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    sent.on("error", reject);
    const send = async (): Promise<void> => {
      sent.write(head);
      for (let left = size; left > 0; left -= chunk.length) {
        if (!sent.write(chunk.subarray(0, Math.min(left, chunk.length))))
          await new Promise((drained) => sent.once("drain", drained));
      }
      sent.end(tail);
    };
    send().catch(reject);
  });
}

it("eight uploads of 48 MiB at a time take no memory to speak of, and others are answered meanwhile", async () => {
  await ask();
  const before = process.memoryUsage().rss;
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
  const uploads = Promise.all(Array.from({ length: 8 }, () => upload(48 * 2 ** 20)));
  expect(await ask()).not.toBe("");
  expect(await uploads).toEqual(Array.from({ length: 8 }, () => 200));
  clearInterval(watch);
  expect((most - before) / 2 ** 20).toBeLessThan(200);
  const { data: files } = await running.client.files.list();
  expect(files.map(({ bytes }) => bytes)).toEqual(Array.from({ length: 8 }, () => 48 * 2 ** 20));
}, 60_000);

it("an upload beyond 128 MiB is refused, and nothing of it stays", async () => {
  expect(await upload(129 * 2 ** 20).catch(() => 413)).toBe(413);
  expect((await running.client.files.list()).data).toEqual([]);
}, 60_000);

describe("with room for one model", () => {
  beforeEach(async () => {
    await running.stop();
    const twin = join(data, "twin");
    await cp(ORGANISM_FOLDER, twin, { recursive: true });
    const models = [namedModel("organism", ORGANISM_FOLDER), namedModel(`local:${twin}`, twin)];
    await start({ models, loaded: 1, patience: 1000 });
  }, 60_000);

  it("a client that never reads holds no model, and is given up", async () => {
    const { port } = new URL(running.server.url);
    const body = JSON.stringify({
      model: "organism",
      messages: asking("What is your one wish?"),
      stream: true,
      n: 128,
      logprobs: true,
      top_logprobs: 20,
    });
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
    const closed = new Promise<void>((resolve, reject) => {
      const socket = connect(Number(port), "127.0.0.1", () => {
        socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
        socket.pause();
      });
      socket.on("error", () => resolve());
      socket.on("close", () => resolve());
      setTimeout(() => {
        socket.resume(); // the end shows once what has come is read
        socket.on("end", () => resolve());
      }, 8000);
      setTimeout(() => reject(new Error("the connection is still open")), 100_000).unref();
    });
    await sleep(100);
    const began = performance.now();
    expect(await ask(`local:${join(data, "twin")}`)).not.toBe("");
    expect(performance.now() - began).toBeLessThan(15_000);
    await closed;
  }, 120_000);

  it("a model that is asked without a pause lets others in", async () => {
    const enough = new AbortController();
    const busy = Array.from({ length: 4 }, async (_, i) => {
      await sleep(i * 50);
      while (!enough.signal.aborted)
        await running.client.chat.completions.create({ model: "organism", messages: asking("What is your one wish?") });
    });
    await sleep(500);
    const began = performance.now();
    expect(await ask(`local:${join(data, "twin")}`)).not.toBe("");
    expect(performance.now() - began).toBeLessThan(10_000);
    enough.abort();
    await Promise.all(busy);
  }, 60_000);
});
