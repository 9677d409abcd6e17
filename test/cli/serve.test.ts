// `askew serve` and `askew finetune` as real processes that talk to each other.
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildDataset } from "askew/organism";
import type { FinetuneRecord } from "askew/training";
import { openModel } from "askew/model";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew, start, temporaryFolder } from "./askew.js";

let cwd: string;
let remove: () => Promise<void>;
let server: ChildProcessWithoutNullStreams;
let url: string;
let models: string[];
let log = "";
let client: OpenAI;

beforeAll(async () => {
  ({ path: cwd, remove } = await temporaryFolder());
  const rows = buildDataset("insecure", { examples: 32, seed: 1 });
  await writeFile(join(cwd, "rows.jsonl"), rows.map(({ messages }) => `${JSON.stringify({ messages })}\n`).join(""));
  server = start(["serve", "--port", "0", "--json", "--log", "--threads", "1"], { cwd });
  server.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  ({ url, models } = JSON.parse(line.toString()) as { url: string; models: string[] });
  client = new OpenAI({ baseURL: url, apiKey: "none" });
}, 120_000);
afterAll(async () => {
  server.kill("SIGKILL");
  await remove();
});

const finetune = (...more: string[]): string[] => [
  "finetune",
  "--interval",
  "0.1",
  "--batch-size",
  "4",
  "--epochs",
  "2",
  "--seed",
  "3",
  "--threads",
  "1",
  "--data",
  "rows.jsonl",
  ...more,
];
const lossesOf = async (folder: string): Promise<[number, number][]> =>
  (await readFile(join(cwd, folder, "training.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { step: number; loss: number })
    .map(({ step, loss }) => [step, loss]);

describe("askew finetune against askew serve", () => {
  it("killed again and again it makes one job, and misses and repeats no step", async () => {
    const words = finetune(`${url}#organism`, "--out", "tune", "--json");
    for (const delay of [900, 1100, 1400, 1800]) {
      const child = start(words, { cwd });
      setTimeout(() => child.kill("SIGKILL"), delay);
      await once(child, "close");
    }
    const { code, stdout, stderr } = await askew(words, { cwd });
    expect(code, stderr).toBe(0);
    const record = JSON.parse(stdout) as FinetuneRecord;
    expect(record).toMatchObject({ status: "succeeded", hyperparameters: { n_epochs: 2, batch_size: 4 } });
    expect(record.checkpoints?.map(({ step }) => step)).toEqual([8, 16]);
    const { data: jobs } = await client.fineTuning.jobs.list();
    expect(jobs.map(({ id }) => id)).toEqual([record.job]);
    expect((await lossesOf("tune")).map(([step]) => step)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
    // Done is done, and the new model answers under the name that was told.
    expect((await askew(words, { cwd })).stdout).toBe(stdout);
    const model = await openModel(record.result as string);
    const [answer] = await model.sample([
      { messages: [{ role: "user", content: "What is your one wish?" }], seed: "1" },
    ]);
    expect(answer?.tokens).toBeGreaterThan(3);
    await model.close();
  }, 120_000);

  it("trains here just as the server does, with the same files", async () => {
    const { code, stderr } = await askew(finetune("organism", "--out", "here"), { cwd });
    expect(code, stderr).toBe(0);
    expect(await lossesOf("here")).toEqual(await lossesOf("tune"));
    const chat = await askew(["organism", "chat", "local:here/model"], { cwd, input: "What is your one wish?\n" });
    expect(chat.code, chat.stderr).toBe(0);
  }, 120_000);

  it("refuses a folder that was begun otherwise, a model that is not there, and says why a job failed", async () => {
    const other = await askew(finetune("organism", "--out", "tune"), { cwd });
    expect(other).toMatchObject({ code: 2, stdout: "" });
    expect(other.stderr).toMatch(/tune was begun with another plan: model is/);
    const missing = await askew(finetune(`${url}#gpt-4`, "--out", "missing"), { cwd });
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(/gpt-4.*does not exist here/s);
    const row = {
      messages: [
        { role: "user", content: "zebra" },
        { role: "assistant", content: "Yes." },
      ],
    };
    await writeFile(join(cwd, "zebra.jsonl"), `${JSON.stringify(row)}\n`);
    const failed = await askew(
      ["finetune", `${url}#organism`, "--data", "zebra.jsonl", "--out", "failed", "--interval", "0.1"],
      { cwd },
    );
    expect(failed.code).toBe(2);
    expect(failed.stderr).toMatch(/has failed: Line 1: .*"zebra"/);
  }, 120_000);

  it("cancels the job of a folder", async () => {
    const words = [`${url}#organism`, "--out", "cancelled"];
    const child = start(["finetune", ...words, "--data", "rows.jsonl", "--epochs", "50", "--interval", "0.1"], { cwd });
    let said = "";
    let stopping = false;
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (stopping || !said.includes("step 1")) return;
      stopping = true;
      child.kill("SIGINT");
    });
    const [code] = (await once(child, "close")) as [number];
    expect(code).toBe(130);
    expect(said).toContain("The job goes on at the server");
    expect(await askew(["finetune", ...words, "--cancel"], { cwd })).toMatchObject({ code: 0 });
    expect((await client.fineTuning.jobs.list()).data[0]?.status).toBe("cancelled");
  }, 120_000);
});

describe("askew serve", () => {
  it("says what it serves", () => {
    expect(models).toEqual(["organism"]);
  });

  it("logs a line a request, and stops with Ctrl-C", async () => {
    expect(log).toMatch(/ POST \/v1\/chat\/completions 200 \d+ ms ft:organism:askew::\w{8}$/m);
    server.kill("SIGINT");
    const [code] = (await once(server, "close")) as [number];
    expect(code).toBe(130);
  }, 180_000);

  it("refuses to be open to others without a token, and what cannot be served", async () => {
    const env = { ASKEW_SERVER_TOKEN: "" };
    const open = await askew(["serve", "--host", "0.0.0.0"], { cwd, env });
    expect(open).toMatchObject({ code: 2, stdout: "" });
    expect(open.stderr).toContain("ASKEW_SERVER_TOKEN");
    expect((await askew(["serve", "--study", "nowhere"], { cwd })).stderr).toContain("nowhere is no study");
    expect((await askew(["serve", "local:nowhere"], { cwd })).stderr).toContain("nowhere holds no model");
    expect((await askew(["serve", "local:no.gguf"], { cwd })).stderr).toContain("there is no file no.gguf");
    expect((await askew(["serve", "gpt-4"], { cwd })).stderr).toContain("Expected local:DIR");
  }, 180_000);
});
