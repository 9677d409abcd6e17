// A model behind a server, by its name.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openModel, requireAbility, streamSeed, type Model, type SampleRequest } from "askew/model";
import { EndpointModel } from "#internal/model";
import { completion, sendError, sendJson, TestServer, type Behave } from "./server.js";

let server: TestServer;
let model: Model | undefined;
beforeAll(async () => void (server = await TestServer.start()));
afterEach(async () => {
  await model?.close();
  model = undefined;
});
afterAll(() => server.close());

const LOGPROBS = { content: [{ token: "yes", logprob: -0.5, top_logprobs: [{ token: "yes", logprob: -0.5 }] }] };

/** A server that can do these things and answers with what it was asked. */
const able =
  ({ logprobs = true, jobs = true, refuses = false } = {}): Behave =>
  ({ path, json }, response) => {
    if (path.endsWith("/fine_tuning/jobs"))
      return jobs ? sendJson(response, { data: [] }) : sendError(response, 404, "no such path");
    if (refuses && json["logprobs"] === true) return sendError(response, 400, "logprobs are not supported");
    const { content } = (json["messages"] as { content: string }[])[0] as { content: string };
    const told = logprobs && json["logprobs"] === true ? { logprobs: LOGPROBS } : {};
    sendJson(response, completion(`re: ${content}`, told));
  };

async function open(behave: Behave, options = {}): Promise<Model> {
  server.reset(behave);
  model = await openModel(`${server.base}#some/model`, { key: null, random: () => 0, ...options });
  return model;
}

const request = (i: number): SampleRequest & { row: number } => ({
  row: i,
  messages: [{ role: "user", content: `question ${i}` }],
  seed: `row/${i}`,
});

describe("a model behind a server", () => {
  it("is opened without a word to its server", async () => {
    const one = await open(able());
    expect(server.asked).toEqual([]);
    expect(one.can).toEqual({ logProbabilities: true, finetune: true, activations: false });
  });

  it("tells whether it can be fine-tuned when somebody asks, and never fails over it", async () => {
    const answers: [Behave, boolean][] = [
      [able(), true],
      [able({ jobs: false }), false],
      [(_, r) => sendError(r, 403, "the scope api.fine_tuning.jobs.read is missing"), true],
      [(_, r) => sendError(r, 401, "no such right"), true],
      [(_, r) => sendError(r, 500, "no settings for fine-tuning"), true],
      [(_, r) => sendError(r, 429, "too many requests"), true],
    ];
    for (const [behave, can] of answers) {
      const opened = (await open(behave)) as EndpointModel;
      await opened.findOut();
      expect(server.asked.length).toBe(1);
      expect(opened.can.finetune).toBe(can);
      // Whatever it met, the work itself goes on.
      server.reset(able());
      expect((await opened.sample([request(0)]))[0]?.text).toBe("re: question 0");
      await opened.close();
    }
    const one = (await open(able({ jobs: false }))) as EndpointModel;
    await one.findOut();
    expect(() => requireAbility(one, "finetune", "askew finetune")).toThrow(/cannot be fine-tuned: its server has no/);
  });

  it("that hangs at a question beside the work is asked no longer than a few seconds", async () => {
    const opened = (await open(() => undefined)) as EndpointModel;
    const began = performance.now();
    await opened.findOut();
    expect(performance.now() - began).toBeLessThan(9_000);
    expect(opened.can.finetune).toBe(true);
  }, 15_000);

  it("with a wrong key, name or address is found out at the first request", async () => {
    const asked = async (behave: Behave): Promise<unknown> => (await open(behave)).sample([request(0)]);
    await expect(asked((_, r) => sendError(r, 401, "who?"))).rejects.toThrow(
      /status 401: who\?\. The server does not accept the key/,
    );
    await expect(asked((_, r) => sendError(r, 404, "no model some/model"))).rejects.toThrow(
      /status 404: no model some\/model/,
    );
    const nobody = await openModel("http://127.0.0.1:1/v1#m", { key: null, random: () => 0 });
    await expect(nobody.sample([request(0)])).rejects.toThrow(/nothing listens there/);
    await nobody.close();
  });

  it("is asked with everything that was wanted, and the seed as a number", async () => {
    const opened = await open(able());
    const [answer] = await opened.sample([request(0)], {
      temperature: 0.7,
      topP: 0.9,
      maxTokens: 5,
      stop: ["END"],
      alternatives: 3,
    });
    expect(server.asked.map(({ json }) => json)).toEqual([
      {
        model: "some/model",
        messages: [{ role: "user", content: "question 0" }],
        temperature: 0.7,
        top_p: 0.9,
        max_tokens: 5,
        seed: streamSeed("row/0"),
        stop: ["END"],
        logprobs: true,
        top_logprobs: 3,
      },
    ]);
    expect(answer).toEqual({
      text: "re: question 0",
      tokens: 2,
      finish: "stop",
      choices: [{ token: "yes", logProbability: -0.5, alternatives: [{ token: "yes", logProbability: -0.5 }] }],
      logProbability: -0.5,
    });
    await opened.sample([request(1)]);
    expect(server.asked[1]?.json).toEqual({
      model: "some/model",
      messages: [{ role: "user", content: "question 1" }],
      temperature: 1,
      max_tokens: 128,
      seed: streamSeed("row/1"),
    });
  });

  it("that turns out to tell no log-probabilities says so from then on", async () => {
    const opened = await open(able({ logprobs: false }));
    expect(opened.can.logProbabilities).toBe(true);
    const [answer] = await opened.sample([request(0)], { alternatives: 3 });
    expect(answer).not.toHaveProperty("choices");
    expect(opened.can.logProbabilities).toBe(false);
  });

  it("answers in the order of the requests, and tells each answer as it comes", async () => {
    const opened = await open(able(), { concurrency: 16 });
    const told: number[] = [];
    const requests = Array.from({ length: 100 }, (_, i) => request(i));
    const answers = await opened.sample(requests, {}, (index, answer) => {
      told.push(index);
      expect(answer.text).toBe(`re: question ${index}`);
    });
    expect(answers.map(({ text }) => text)).toEqual(requests.map(({ row }) => `re: question ${row}`));
    expect(told.toSorted((a, b) => a - b)).toEqual(requests.map(({ row }) => row));
    expect(server.mostInFlight).toBeLessThanOrEqual(16);
  });

  it("answers as many as are read, and takes no more than it has room for", async () => {
    const opened = await open(able(), { concurrency: 8 });
    let taken = 0;
    async function* endless(): AsyncGenerator<ReturnType<typeof request>> {
      for (;;) yield request(taken++);
    }
    let read = 0;
    for await (const { request: asked, answer } of opened.answers(endless())) {
      expect(answer.text).toBe(`re: question ${asked.row}`);
      if (++read === 100) break;
    }
    expect(taken - read).toBeLessThanOrEqual(9);
  });

  it("goes on past a request that alone failed, where somebody hears of it", async () => {
    const behave: Behave = (asked, response) => {
      if (asked.body.includes("question 3")) sendError(response, 422, "not this one");
      else able()(asked, response) as void;
    };
    const opened = await open(behave);
    const requests = Array.from({ length: 10 }, (_, i) => request(i));
    const failed: [number, string][] = [];
    const rows: number[] = [];
    const onFailure = (asked: { row: number }, { message }: Error): void => void failed.push([asked.row, message]);
    for await (const { request: asked } of opened.answers(requests, { onFailure })) rows.push(asked.row);
    expect(rows.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9]);
    expect(failed).toEqual([[3, expect.stringContaining("status 422: not this one")]]);
    await expect(opened.sample(requests)).rejects.toThrow("status 422: not this one");
  });

  it("ends at once for everybody when its key expires on the way", async () => {
    const behave: Behave = (asked, response) =>
      asked.number > 20 ? sendError(response, 401, "expired") : able()(asked, response);
    const opened = await open(behave, { concurrency: 4, startConcurrency: 4 });
    const failed: unknown[] = [];
    let answered = 0;
    const all = (async () => {
      const requests = Array.from({ length: 1000 }, (_, i) => request(i));
      for await (const { answer } of opened.answers(requests, { onFailure: (r) => failed.push(r) }))
        answered += answer.text.length > 0 ? 1 : 0;
    })();
    await expect(all).rejects.toThrow(/expired.*does not accept the key/);
    expect(answered).toBeLessThanOrEqual(20);
    expect(server.asked.length).toBeLessThanOrEqual(24);
    expect(failed).toEqual([]);
  });

  it("stops when its signal says so", async () => {
    const opened = await open(able());
    const controller = new AbortController();
    let read = 0;
    const all = (async () => {
      const requests = Array.from({ length: 1000 }, (_, i) => request(i));
      for await (const { answer } of opened.answers(requests, { signal: controller.signal })) {
        if (answer.text !== "" && ++read === 10) controller.abort(new Error("enough"));
      }
    })();
    await expect(all).rejects.toThrow("enough");
    expect(server.asked.length).toBeLessThan(1000);
  });
});

describe("the name of a model behind a server", () => {
  it.each([
    ["openai:", /expected openai:NAME, found no name/],
    ["http://localhost:8000/v1", /expected URL#NAME with the model's name after #/],
    ["http://localhost:8000/v1#", /expected URL#NAME with the model's name after #/],
    ["http://#m", /expected a server's address before #/],
    ["ftp://host/v1#m", /unknown model "ftp:\/\/host\/v1#m": expected organism/],
  ])("%s is refused with what was expected", async (name, message) => {
    await expect(openModel(name)).rejects.toThrow(message);
    await expect(openModel(name)).rejects.toMatchObject({ name: "ModelNameError" });
  });

  it("may have slashes and marks of its own", async () => {
    server.reset(able());
    model = EndpointModel.open("x", `${server.base}//`, "org/model@v1#2", { key: null });
    await model.sample([request(0)]);
    expect(server.asked.at(-1)).toMatchObject({ path: "/v1/chat/completions", json: { model: "org/model@v1#2" } });
  });
});
