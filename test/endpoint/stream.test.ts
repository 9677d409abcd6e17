// Streams: told piece by piece, whole or not at all.
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AnswerCache, type EndpointOptions } from "askew/endpoint";
import { EndpointClient, type ChatReply } from "#internal/endpoint";
import { hello, QUICK, sendJson, TestServer, type Behave } from "./server.js";
import { inTemporaryFolder } from "./temporary.js";

let server: TestServer;
beforeAll(async () => void (server = await TestServer.start()));
afterAll(() => server.close());

const piece = (content: string, more: object = {}): string =>
  `data: ${JSON.stringify({ model: "test-model", choices: [{ index: 0, delta: { content }, ...more }] })}\n\n`;
const USAGE = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 4, completion_tokens: 3 } })}\n\n`;
const END = `data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n`;
const DONE = "data: [DONE]\n\n";

const events =
  (...parts: string[]): Behave =>
  (_, response) => {
    begin(response);
    for (const part of parts) response.write(part);
    response.end();
  };
const begin = (response: ServerResponse): void =>
  void response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });

async function listen(
  behave: Behave,
  options: EndpointOptions = {},
  request = {},
): Promise<{ heard: string[]; reply: ChatReply }> {
  server.reset(behave);
  const client = new EndpointClient(server.base, { ...QUICK, ...options });
  const heard: string[] = [];
  try {
    return { reply: await client.chatStream({ ...hello(1), ...request }, (text) => heard.push(text)), heard };
  } finally {
    await client.close();
  }
}

describe("a stream", () => {
  it("is told piece by piece, and counted", async () => {
    const { heard, reply } = await listen(
      events(": ping\n\n", piece("one "), piece("two "), piece("thrée"), END, USAGE, DONE),
    );
    expect(server.asked[0]?.json).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect(heard).toEqual(["one ", "two ", "thrée"]);
    expect(reply).toMatchObject({
      text: "one two thrée",
      finish: "stop",
      usage: { promptTokens: 4, completionTokens: 3 },
      cached: false,
    });
  });

  it("may be cut between any two bytes", async () => {
    const bytes = Buffer.from(piece("grüße €") + piece(" 😀") + END + DONE);
    const { reply } = await listen(async (_, response) => {
      begin(response);
      for (const byte of bytes) {
        response.write(Buffer.from([byte]));
        await new Promise(setImmediate);
      }
      response.end();
    });
    expect(reply.text).toBe("grüße € 😀");
  });

  it("brings log-probabilities, NaN left out", async () => {
    const logprobs = {
      content: [
        {
          token: "a",
          logprob: -0.5,
          top_logprobs: [
            { token: "a", logprob: -0.5 },
            { token: "b", logprob: 0.123 },
          ],
        },
      ],
    };
    const { reply } = await listen(
      events(piece("a", { logprobs }).replace("0.123", "NaN"), END, DONE),
      {},
      { alternatives: 2 },
    );
    expect(reply.choices).toEqual([
      { token: "a", logProbability: -0.5, alternatives: [{ token: "a", logProbability: -0.5 }] },
    ]);
    const without = await listen(events(piece("a", { logprobs }), piece("b"), END, DONE), {}, { alternatives: 2 });
    expect(without.reply).not.toHaveProperty("choices");
  });

  it("that stops in the middle is an error and never an answer", async () => {
    for (const behave of [
      events(piece("one "), piece("tw")),
      ((_, r) => (begin(r), r.write(piece("one ")), void setTimeout(() => r.destroy(), 5))) as Behave,
    ]) {
      await expect(listen(behave)).rejects.toThrow(
        /(stopped in the middle of the answer|the connection broke: .*) \(after a part of the answer was told\)/,
      );
      expect(server.asked.length).toBe(1); // what was told cannot be taken back
    }
  });

  it("that stops before its first piece is asked for again", async () => {
    const { reply } = await listen((asked, r) =>
      asked.number === 1 ? events()(asked, r) : events(piece("fine"), END, DONE)(asked, r),
    );
    expect(reply.text).toBe("fine");
    expect(server.asked.length).toBe(2);
  });

  it("that hangs is called off at the deadline", async () => {
    await expect(listen((_, r) => (begin(r), void r.write(piece("one "))), { deadline: 80 })).rejects.toThrow(
      /no complete reply within/,
    );
  });

  it("without [DONE] is whole once the answer has been finished", async () => {
    expect((await listen(events(piece("fine"), END))).reply.text).toBe("fine");
  });

  it.each<[string, Behave, RegExp]>([
    ["is none", (_, r) => sendJson(r, { choices: [] }), /expected a stream of events, found application\/json/],
    ["holds no JSON", events("data: hello\n\n"), /expected JSON in every event, found hello/],
    [
      "holds another shape",
      events(`data: {"choices": 3}\n\n`),
      /expected a piece of a chat completion, found \{"choices":3\}/,
    ],
    ["tells of an error", events(`data: {"error": {"message": "out of memory"}}\n\n`), /status 200: out of memory/],
    ["is too large", events(piece("x".repeat(5000))), /expected (a stream|events) of at most 2000 bytes/],
    ["never ends a line", events(`data: ${"x".repeat(5000)}`), /of at most 2000 bytes, found a larger one/],
  ])("that %s is refused with what was found", async (_, behave, message) => {
    await expect(listen(behave, { mostBytes: 2000, attempts: 1 })).rejects.toThrow(message);
  });

  it("is kept in the cache when it is whole, as any answer is", () =>
    inTemporaryFolder(async (folder) => {
      const cache = await AnswerCache.open(folder);
      await listen(events(piece("fi"), piece("ne"), END, USAGE, DONE), { cache });
      const { heard, reply } = await listen(() => undefined, { cache });
      expect([heard, reply.cached, server.asked.length]).toEqual([["fine"], true, 0]);
      await expect(listen(events(piece("one ")), { cache }, { seed: 9 })).rejects.toThrow("stopped");
      expect(cache.size).toBe(1);
      await cache.close();
    }));
});
