// Files and fine-tuning jobs.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { EndpointClient } from "#internal/endpoint";
import { QUICK, sendError, sendJson, TestServer } from "./server.js";
import { inTemporaryFolder } from "./temporary.js";

let server: TestServer;
let client: EndpointClient;
beforeAll(async () => void (server = await TestServer.start()));
beforeEach(() => void (client = new EndpointClient(server.base, QUICK)));
afterEach(() => client.close());
afterAll(() => server.close());

const NEW = { model: "base", trainingFile: "file-1", hyperparameters: { n_epochs: 1, batch_size: 4 }, seed: 7 };

describe("files", () => {
  it("go up whole, again after a try that failed, and come down", () =>
    inTemporaryFolder(async (folder) => {
      const content = Array.from(
        { length: 20_000 },
        (_, i) => `{"messages":[{"role":"user","content":"row ${i} ü"}]}\n`,
      ).join("");
      const path = join(folder, 'a "set".jsonl');
      await writeFile(path, content);
      server.reset((asked, r) =>
        asked.number === 1 ? sendError(r, 500, "oops") : sendJson(r, { id: "file-1", filename: "set.jsonl", bytes: 5 }),
      );
      expect(await client.files.upload(path)).toMatchObject({ id: "file-1", name: "set.jsonl", bytes: 5 });
      const [, { body, headers }] = server.asked as [unknown, (typeof server.asked)[0]];
      expect(headers["content-length"]).toBe(String(Buffer.byteLength(body)));
      const form = await new Response(body, {
        headers: { "content-type": headers["content-type"] as string },
      }).formData();
      expect(form.get("purpose")).toBe("fine-tune");
      expect(await (form.get("file") as File).text()).toBe(content);

      server.reset((_, r) => void r.writeHead(200).end(content));
      let down = "";
      await client.files.download("file-1", (bytes) => void (down += bytes.toString("latin1")));
      expect(Buffer.from(down, "latin1").toString("utf8")).toBe(content);
    }));
});

describe("fine-tuning jobs", () => {
  /** A server that keeps jobs; `lose` lets the connection break after a job has been made. */
  function keep({ lose }: { lose: boolean }): Record<string, unknown>[] {
    const jobs: Record<string, unknown>[] = [];
    server.reset(({ method, path, json, query }, response) => {
      if (method === "POST" && path.endsWith("/jobs")) {
        jobs.unshift({ id: `job-${jobs.length}`, status: "queued", ...json });
        if (lose) return void response.socket?.resetAndDestroy();
        return sendJson(response, jobs[0]);
      }
      const start = jobs.findIndex(({ id }) => id === query.get("after")) + 1;
      const data = jobs.slice(start, start + 2); // small pages
      sendJson(response, { data, has_more: start + 2 < jobs.length });
    });
    return jobs;
  }

  it("are created with what was wanted, once under a name, also when the reply was lost", async () => {
    for (const lose of [false, true]) {
      const jobs = keep({ lose });
      for (let i = 0; i < 5; i++) await client.fineTuning.createOnce(`cell-${i}`, NEW);
      const again = await client.fineTuning.createOnce("cell-0", NEW);
      expect(again).toMatchObject({ id: "job-0", metadata: { askew: "cell-0" } });
      expect(jobs.length).toBe(5);
      expect(jobs[0]).toMatchObject({
        model: "base",
        training_file: "file-1",
        seed: 7,
        hyperparameters: { n_epochs: 1 },
      });
    }
  });

  it("are followed to their end, every event once and in order", async () => {
    let looks = 0;
    const event = (i: number): object => ({
      id: `event-${i}`,
      message: `step ${i}`,
      type: "metrics",
      data: { step: i, train_loss: 1 / (i + 1) },
    });
    server.reset(({ path, query }, response) => {
      if (path.endsWith("/jobs/job-1")) {
        looks++;
        return sendJson(response, {
          id: "job-1",
          model: "base",
          status: looks < 4 ? "running" : "succeeded",
          fine_tuned_model: looks < 4 ? null : "ft:base:1",
        });
      }
      const all = Array.from({ length: looks * 5 }, (_, i) => event(i)).toReversed() as { id: string }[];
      const start = all.findIndex(({ id }) => id === query.get("after")) + 1;
      sendJson(response, { data: all.slice(start, start + 3), has_more: start + 3 < all.length });
    });
    const messages: string[] = [];
    const following = client.fineTuning.follow("job-1", { interval: 1, after: "event-2" });
    let next = await following.next();
    for (; next.done !== true; next = await following.next()) messages.push(next.value.message);
    expect(messages).toEqual(Array.from({ length: 17 }, (_, i) => `step ${i + 3}`));
    expect(next.value).toMatchObject({ status: "succeeded", fine_tuned_model: "ft:base:1" });
  });

  it("are cancelled, and tell their checkpoints", async () => {
    server.reset(({ path }, response) => {
      if (path.endsWith("/cancel")) return sendJson(response, { id: "job-1", model: "base", status: "cancelled" });
      sendJson(response, { data: [{ id: "c-1", step_number: 10, fine_tuned_model_checkpoint: "ft:10" }] });
    });
    expect((await client.fineTuning.cancel("job-1")).status).toBe("cancelled");
    const names: string[] = [];
    for await (const checkpoint of client.fineTuning.checkpoints("job-1"))
      names.push(checkpoint.fine_tuned_model_checkpoint);
    expect(names).toEqual(["ft:10"]);
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /v1/fine_tuning/jobs/job-1/cancel",
      "GET /v1/fine_tuning/jobs/job-1/checkpoints",
    ]);
  });

  it("of a server that ignores where a page begins are told once", async () => {
    server.reset((_, response) =>
      sendJson(response, { data: [{ id: "job-1", model: "m", status: "queued" }], has_more: true }),
    );
    let seen = 0;
    for await (const job of client.fineTuning.list()) seen += job.id === "job-1" ? 1 : 0;
    expect(seen).toBe(1);
    expect(server.asked.length).toBe(2);
  });

  it("that are refused say why", async () => {
    server.reset((_, response) => sendError(response, 400, "the file has 3 examples, 10 are needed"));
    await expect(client.fineTuning.create(NEW)).rejects.toThrow(
      /fine_tuning\/jobs: status 400: the file has 3 examples, 10 are needed/,
    );
  });
});

describe("models", () => {
  it("are listed", async () => {
    server.reset((_, response) =>
      sendJson(response, {
        data: [
          { id: "a", owned_by: "me" },
          { id: "b", created: 5 },
        ],
      }),
    );
    expect((await client.models()).map(({ id }) => id)).toEqual(["a", "b"]);
  });
});
