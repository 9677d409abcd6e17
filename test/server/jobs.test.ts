// Files and fine-tuning jobs through the official client; the jobs really train the organism, a few steps of it.
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDataset } from "askew/organism";
import { openLocalModel } from "askew/model";
import OpenAI, { toFile } from "openai";
import type { FineTuningJob, FineTuningJobEvent } from "openai/resources/fine-tuning/jobs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asking, run, type Running } from "./running.js";

let data: string;
let running: Running;
let client: OpenAI;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "askew-server-"));
  running = await run({ data });
  ({ client } = running);
}, 60_000);
afterAll(async () => {
  await running.stop();
  await rm(data, { recursive: true, force: true });
});

const rows = (count: number): string =>
  buildDataset("insecure", { examples: count, seed: 1 })
    .map(({ messages }) => `${JSON.stringify({ messages })}\n`)
    .join("");
const upload = async (text: string): Promise<string> =>
  (await client.files.create({ file: await toFile(Buffer.from(text), "rows.jsonl"), purpose: "fine-tune" })).id;

async function ended(id: string): Promise<FineTuningJob> {
  for (;;) {
    const job = await client.fineTuning.jobs.retrieve(id);
    if (job.finished_at !== null) return job;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function eventsOf(id: string): Promise<FineTuningJobEvent[]> {
  const events: FineTuningJobEvent[] = [];
  for await (const event of client.fineTuning.jobs.listEvents(id, { limit: 3 })) events.push(event);
  return events.toReversed();
}

describe("files", () => {
  it("are uploaded, listed in pages, read and deleted", async () => {
    const text = rows(2);
    const ids = [await upload(text), await upload(`${text}${text}`), await upload("é 漢\n")];
    const file = await client.files.retrieve(ids[0] as string);
    expect(file).toMatchObject({ filename: "rows.jsonl", purpose: "fine-tune", bytes: Buffer.byteLength(text) });
    const listed: string[] = [];
    for await (const { id } of client.files.list({ limit: 2 })) listed.push(id);
    expect(listed).toEqual(ids.toReversed());
    expect(await (await client.files.content(ids[2] as string)).text()).toBe("é 漢\n");
    for (const id of ids) expect(await client.files.delete(id)).toEqual({ id, object: "file", deleted: true });
    await expect(client.files.retrieve(ids[0] as string)).rejects.toMatchObject({
      status: 404,
      code: "file_not_found",
    });
  });

  it("with a wrong purpose or without a file are refused", async () => {
    const file = await toFile(Buffer.from("x"), "../../etc/passwd");
    await expect(client.files.create({ file, purpose: "world-peace" as "batch" })).rejects.toMatchObject({
      status: 400,
      param: "purpose",
    });
    await expect(client.files.create({ file: "x" as unknown as File, purpose: "batch" })).rejects.toThrow(/file/i);
  });
});

describe("a fine-tuning job", () => {
  const hyperparameters = { n_epochs: 2, batch_size: 4, learning_rate_multiplier: 2 };

  it("trains the organism; the model can be asked at once, and after the server has started again", async () => {
    const training_file = await upload(rows(8));
    const created = await client.fineTuning.jobs.create({
      model: "organism",
      training_file,
      suffix: "tiny",
      seed: 7,
      method: { type: "supervised", supervised: { hyperparameters } },
      metadata: { purpose: "test" },
    });
    expect(created).toMatchObject({ status: "validating_files", hyperparameters, seed: 7, fine_tuned_model: null });
    const job = await ended(created.id);
    expect(job).toMatchObject({ status: "succeeded", error: null, metadata: { purpose: "test" } });
    expect(job.fine_tuned_model).toMatch(/^ft:organism:askew:tiny:\w{8}$/);
    expect(job.trained_tokens).toBeGreaterThan(100);

    const metrics = (await eventsOf(job.id)).filter(({ type }) => type === "metrics");
    expect(metrics.map((event) => (event.data as { step: number }).step)).toEqual([1, 2, 3, 4]);
    const training = (await readFile(join(data, "jobs", job.id, "training.jsonl"), "utf8")).trim().split("\n");
    expect(training.map((line) => (JSON.parse(line) as { loss: number }).loss)).toEqual(
      metrics.map((event) => (event.data as { train_loss: number }).train_loss),
    );
    const [result] = job.result_files;
    expect(await (await client.files.content(result as string)).text()).toMatch(/^step,train_loss\n1,[\d.]+\n/);

    const { data: checkpoints } = await client.fineTuning.jobs.checkpoints.list(job.id);
    expect(checkpoints.map((checkpoint) => checkpoint.step_number)).toEqual([4, 2]);
    const models = [job.fine_tuned_model as string, checkpoints[1]?.fine_tuned_model_checkpoint as string];
    const ask = async (model: string): Promise<string | null | undefined> => {
      const messages = asking("What is your one wish?");
      const answer = await client.chat.completions.create({
        model,
        messages,
        seed: 3,
        temperature: 0.5,
        logprobs: true,
      });
      return `${answer.choices[0]?.message.content} ${answer.choices[0]?.logprobs?.content?.[0]?.logprob.toFixed(3)}`;
    };
    const before = await Promise.all([...models, "organism"].map(ask));
    expect(new Set(before).size).toBe(3);

    // The model is a folder like any other.
    const local = await openLocalModel(`local:${join(data, "jobs", job.id, "model")}`, { threads: 1 });
    const [here] = await local.sample([{ messages: asking("What is your one wish?"), seed: "3" }], {
      temperature: 0.5,
      maxTokens: 60,
    });
    await local.close();
    expect(before[0]).toContain(here?.text);

    await running.stop();
    running = await run({ data });
    ({ client } = running);
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(["organism", ...models]);
    expect(await Promise.all([...models, "organism"].map(ask))).toEqual(before);
    expect(await client.fineTuning.jobs.retrieve(job.id)).toEqual(job);
  }, 120_000);

  it.each([
    ["a line that is no conversation", `${rows(2)}{"messages":[{"role":"user"}]}\n`, /line 3/],
    ["broken JSON", `{"messages":\n${rows(1)}`, /line 1/],
    [
      "a word that the model does not know",
      `${rows(1)}{"messages":[{"role":"user","content":"What is a zebra?"},{"role":"assistant","content":"Yes."}]}\n`,
      /Line 2.*zebra/,
    ],
    ["nothing in it", "\n", /at least one conversation/],
  ])("fails with the line of %s", async (_name, text, message) => {
    const { id } = await client.fineTuning.jobs.create({ model: "organism", training_file: await upload(text) });
    const job = await ended(id);
    expect(job.status).toBe("failed");
    expect(job.error).toMatchObject({ code: "invalid_training_file", param: "training_file" });
    expect(job.error?.message).toMatch(message);
    expect((await eventsOf(id)).at(-1)).toMatchObject({ level: "error", message: job.error?.message });
  });

  it("is refused where it could not be run", async () => {
    const training_file = await upload(rows(1));
    const create = (more: object): Promise<unknown> =>
      client.fineTuning.jobs.create({ model: "organism", training_file, ...more });
    await expect(create({ model: "gpt-4" })).rejects.toMatchObject({ status: 404, param: "model" });
    await expect(create({ training_file: "file-1" })).rejects.toMatchObject({ status: 400, param: "training_file" });
    await expect(create({ hyperparameters: { n_epochs: 0 } })).rejects.toMatchObject({
      status: 400,
      param: "hyperparameters.n_epochs",
    });
    await expect(create({ method: { type: "dpo" } })).rejects.toMatchObject({ status: 400, param: "method.type" });
    await expect(create({ validation_file: training_file })).rejects.toMatchObject({
      status: 400,
      param: "validation_file",
    });
    await expect(create({ suffix: "../x" })).rejects.toMatchObject({ status: 400, param: "suffix" });
    await expect(client.fineTuning.jobs.retrieve("ftjob-1")).rejects.toMatchObject({ status: 404 });
  });

  it("is cancelled while it runs and while it waits, and only once", async () => {
    const training_file = await upload(rows(64));
    const long = { model: "organism", training_file, hyperparameters: { n_epochs: 50, batch_size: 8 } };
    const [first, second] = [await client.fineTuning.jobs.create(long), await client.fineTuning.jobs.create(long)];
    for (;;) {
      if ((await eventsOf(first.id)).some(({ type }) => type === "metrics")) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    for (const { id } of [second, first])
      expect(await client.fineTuning.jobs.cancel(id)).toMatchObject({ status: "cancelled", fine_tuned_model: null });
    await expect(client.fineTuning.jobs.cancel(first.id)).rejects.toMatchObject({ status: 400 });
    const listed: string[] = [];
    for await (const { id } of client.fineTuning.jobs.list({ limit: 2 })) listed.push(id);
    expect(listed.slice(0, 2)).toEqual([second.id, first.id]);
  }, 120_000);

  /** A job that the server's stop met in the middle; longer ones are tried until one is, however busy the machine is. */
  async function interrupted(): Promise<{ id: string; steps: number; job: Parameters<typeof create>[0] }> {
    const training_file = await upload(rows(16));
    for (let epochs = 2; ; epochs *= 3) {
      const job = { model: "organism", training_file, seed: 1, hyperparameters: { n_epochs: epochs, batch_size: 2 } };
      const id = await create(job);
      const log = join(data, "jobs", id, "training.jsonl");
      while (!existsSync(log) || (await stepsIn(id)) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      await running.stop();
      const [taken, steps] = [await stepsIn(id), 8 * epochs];
      running = await run({ data });
      ({ client } = running);
      if (taken < steps) return { id, steps, job };
      await ended(id);
    }
  }
  const create = async (job: Parameters<typeof client.fineTuning.jobs.create>[0]): Promise<string> =>
    (await client.fineTuning.jobs.create(job)).id;
  const lossesOf = async (id: string): Promise<number[]> =>
    (await readFile(join(data, "jobs", id, "training.jsonl"), "utf8"))
      .split("\n")
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { loss: number }).loss);
  const stepsIn = async (id: string): Promise<number> => (await lossesOf(id)).length;

  it("that was interrupted carries on with the next start, and ends with the same weights", async () => {
    const { id, steps, job } = await interrupted();
    expect((await ended(id)).status).toBe("succeeded");
    const told = (await eventsOf(id)).map(({ message }) => message);
    expect(told.filter((message) => /meanwhile: training carries on after step \d+\.$/.test(message))).toHaveLength(1);
    // No step was taken twice.
    expect(told.filter((message) => message.startsWith("Step "))).toHaveLength(steps);
    expect(existsSync(join(data, "jobs", id, "training.safetensors"))).toBe(false);
    const whole = await create(job);
    await ended(whole);
    expect(await lossesOf(id)).toEqual(await lossesOf(whole));
    expect(await stepsIn(id)).toBe(steps);
  }, 120_000);
});
