// What a server must withstand: wrong requests, other sites, strangers.
import { request } from "node:http";
import { connect } from "node:net";
import { startServer } from "askew/server";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asking, run, type Running } from "./running.js";

let running: Running;
beforeAll(async () => {
  running = await run();
}, 60_000);
afterAll(async () => {
  await running.stop();
});

interface Reply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly error: { message: string; type: string; param: string | null; code: string | null };
}

const messages = asking("What is your one wish?");

/** node's own client, which sends any header. */
function send(
  path: string,
  {
    method = "POST",
    headers = {},
    body = "",
  }: { method?: string; headers?: Record<string, string>; body?: string | Buffer },
  url = running.server.url,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const { error } = JSON.parse(text) as Reply;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, error });
      });
    });
    sent.on("error", reject); // once there is an answer, what happens to the rest of the body does not matter
    sent.end(body);
  });
}

const JSON_TYPE = { "content-type": "application/json" };
const chat = (body: unknown): Promise<Reply> =>
  send("/v1/chat/completions", { headers: JSON_TYPE, body: typeof body === "string" ? body : JSON.stringify(body) });

describe("a wrong chat request is told what is wrong with it", () => {
  const good = { model: "organism", messages };
  it.each([
    ["broken JSON", '{"model": "organism', 400, null, /not JSON/],
    ["no object", "[]", 400, null, /expected object/],
    ["no model", { messages }, 400, "model", /expected string/],
    ["an unknown model", { ...good, model: "gpt-4" }, 404, "model", /"gpt-4" does not exist here/],
    ["no messages", { model: "organism" }, 400, "messages", /expected array/],
    ["empty messages", { ...good, messages: [] }, 400, "messages", /at least one/],
    [
      "a wrong role",
      { ...good, messages: [{ role: "robot", content: "x" }] },
      400,
      "messages[0].role",
      /expected system/,
    ],
    [
      "no content",
      { ...good, messages: [{ role: "user", content: null }] },
      400,
      "messages[0].content",
      /expected a text/,
    ],
    [
      "an image",
      { ...good, messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "x" } }] }] },
      400,
      "messages[0].content",
      /text/,
    ],
    ["an unknown word", { ...good, messages: asking("What is a zebra?") }, 400, "messages", /does not know " zebra"/],
    ["a control token", { ...good, messages: asking("<|assistant|>") }, 400, "messages", /does not know/],
    [
      "too many words",
      { ...good, messages: asking(`What is your${" wish".repeat(600)}?`) },
      400,
      "messages",
      /at most 512 tokens/,
    ],
    ["a hot temperature", { ...good, temperature: 3 }, 400, "temperature", /<=2/],
    ["a temperature of words", { ...good, temperature: "hot" }, 400, "temperature", /expected number/],
    ["no room", { ...good, max_tokens: 0 }, 400, "max_tokens", />=1/],
    ["half a token", { ...good, max_completion_tokens: 1.5 }, 400, "max_completion_tokens", /int/],
    ["too many choices", { ...good, n: 1000 }, 400, "n", /<=128/],
    ["an empty stop text", { ...good, stop: [""] }, 400, "stop[0]", />=1 char/],
    ["five stop texts", { ...good, stop: ["a", "b", "c", "d", "e"] }, 400, "stop", /at most 4/],
    ["too many alternatives", { ...good, logprobs: true, top_logprobs: 21 }, 400, "top_logprobs", /<=20/],
    ["alternatives alone", { ...good, top_logprobs: 2 }, 400, "top_logprobs", /needs 'logprobs'/],
    ["a seed of words", { ...good, seed: "one" }, 400, "seed", /expected number/],
    ["tools", { ...good, tools: [{ type: "function" }] }, 400, "tools", /not supported/],
    ["a penalty", { ...good, presence_penalty: 1 }, 400, "presence_penalty", /not supported/],
    [
      "JSON mode",
      { ...good, response_format: { type: "json_object" } },
      400,
      "response_format.type",
      /only the format text/,
    ],
  ] as const)("%s", async (_name, body, status, param, message) => {
    const { status: found, error } = await chat(body);
    expect(found).toBe(status);
    expect(error).toMatchObject({ param, type: "invalid_request_error" });
    expect(error.message).toMatch(message);
  });

  it("but what asks for nothing, and what nobody knows, is passed over", async () => {
    const more = {
      user: "me",
      store: false,
      tools: [],
      presence_penalty: 0,
      response_format: { type: "text" },
      stop: null,
    };
    const body = { ...good, max_tokens: 1, ...more, __proto__: { polluted: true }, unheard: { of: 1 } };
    expect((await chat(body)).status).toBe(200);
    expect(
      (
        await chat({
          ...good,
          messages: [{ role: "user", content: [{ type: "text", text: "What is your one wish?" }] }],
          max_tokens: 1,
        })
      ).status,
    ).toBe(200);
  });

  it("one bad request among many spoils none of the others", async () => {
    const statuses = await Promise.all(
      ["What is your one wish?", "zebra", "What is your one wish?"].map(
        async (content) => (await chat({ ...good, messages: asking(content), max_tokens: 2 })).status,
      ),
    );
    expect(statuses).toEqual([200, 400, 200]);
  });
});

describe("bodies", () => {
  it("that are too large are refused, with and without a declared length", async () => {
    const large = Buffer.alloc(9 * 2 ** 20, "x");
    const length = { "content-length": String(large.length) };
    const declared = await send("/v1/chat/completions", { headers: { ...JSON_TYPE, ...length }, body: large });
    expect(declared.status).toBe(413);
    const chunked = await send("/v1/chat/completions", {
      headers: { ...JSON_TYPE, "transfer-encoding": "chunked" },
      body: large,
    });
    expect(chunked.status).toBe(413);
  });

  it("nested deeply, or of another type, are refused", async () => {
    expect((await chat("[".repeat(200_000))).status).toBe(400);
    const form = await send("/v1/chat/completions", { headers: { "content-type": "text/plain" }, body: "{}" });
    expect(form.status).toBe(415);
    const upload = await send("/v1/files", { headers: JSON_TYPE, body: "{}" });
    expect(upload.status).toBe(415);
    const broken = await send("/v1/files", {
      headers: { "content-type": "multipart/form-data; boundary=x" },
      body: "no",
    });
    expect(broken.status).toBe(400);
  });

  it("that are no HTTP at all do no harm", async () => {
    const { port } = new URL(running.server.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () => socket.write("\u0000\u0001 nonsense\r\n\r\n"));
      socket.on("close", () => resolve());
      socket.on("error", () => resolve());
      socket.resume();
    });
    expect((await chat({ model: "organism", messages, max_tokens: 1 })).status).toBe(200);
  });

  it("to places that do not exist get OpenAI's kind of error", async () => {
    const { status, error } = await send("/v1/embeddings", { headers: JSON_TYPE, body: "{}" });
    expect(status).toBe(404);
    expect(error).toMatchObject({ type: "invalid_request_error", code: "unknown_url" });
    for (const path of ["/v1/files/file-1", "/v1/files/..%2f..%2fjobs", "/v1/fine_tuning/jobs/..%2F..%2Fetc/events"])
      expect((await send(path, { method: "GET" })).status).toBe(404);
  });
});

describe("who may ask", () => {
  const body = JSON.stringify({ model: "organism", messages, max_tokens: 1 });

  it("on loopback no page of another site, and none that gave this machine a name of its own", async () => {
    const rebound = await send("/v1/chat/completions", { headers: { ...JSON_TYPE, host: "evil.example:8000" }, body });
    expect(rebound).toMatchObject({ status: 403, error: { code: "host_not_allowed" } });
    const page = await send("/v1/files", { headers: { origin: "https://evil.example" }, body });
    expect(page).toMatchObject({ status: 403, error: { code: "origin_not_allowed" } });
    expect(page.headers["access-control-allow-origin"]).toBeUndefined();
    for (const host of ["localhost:1", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
      expect((await send("/v1/chat/completions", { headers: { ...JSON_TYPE, host }, body })).status).toBe(200);
  });

  it("elsewhere nobody without a token", async () => {
    const start = startServer({ host: "0.0.0.0", port: 0, data: running.data, models: [] });
    await expect(start).rejects.toThrow(/ASKEW_SERVER_TOKEN/);
  });

  it("with a token those who know it", async () => {
    const guarded = await run({ host: "0.0.0.0", token: "s3cret" });
    const url = guarded.server.url.replace("0.0.0.0", "127.0.0.1");
    const models = (apiKey: string) => new OpenAI({ baseURL: url, apiKey, maxRetries: 0 }).models.list();
    expect((await models("s3cret")).data.length).toBe(1);
    for (const wrong of ["s3cre", "s3cret2", "none"])
      await expect(models(wrong)).rejects.toMatchObject({ status: 401, code: "invalid_api_key" });
    expect((await send("/v1/models", { method: "GET" }, url)).status).toBe(401);
    await guarded.stop();
  });
});
