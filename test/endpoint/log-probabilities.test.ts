// Log-probabilities as servers really send them: whole, in part, as NaN, or not at all.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EndpointClient, type ChatReply } from "#internal/endpoint";
import { completion, hello, QUICK, sendJson, TestServer } from "./server.js";

let server: TestServer;
beforeAll(async () => void (server = await TestServer.start()));
afterAll(() => server.close());

const PLACEHOLDER = 0.123456;
const entry = (token: string, logprob: unknown, top: unknown[] = []): object => ({
  token,
  logprob,
  bytes: null,
  top_logprobs: top,
});

/** Asks a server that sends these log-probabilities; `raw` stands for PLACEHOLDER in the text of its reply. */
async function ask(logprobs: unknown, raw?: string): Promise<ChatReply> {
  const text = JSON.stringify(completion('80 "NaN" \\" -Infinity', { logprobs }));
  server.reset((_, r) => sendJson(r, raw === undefined ? text : text.replaceAll(String(PLACEHOLDER), raw)));
  const client = new EndpointClient(server.base, QUICK);
  try {
    return await client.chat({ ...hello(1), alternatives: 5 });
  } finally {
    await client.close();
  }
}

describe("log-probabilities", () => {
  it("are asked for, and come back token by token, likeliest first", async () => {
    const top = [entry("20", -2), entry("80", -0.25), entry("x", -9999)];
    const reply = await ask({ content: [entry("80", -0.25, top), entry("!", -1)] });
    expect(server.asked[0]?.json).toMatchObject({ logprobs: true, top_logprobs: 5 });
    expect(reply.choices).toEqual([
      {
        token: "80",
        logProbability: -0.25,
        alternatives: [
          { token: "80", logProbability: -0.25 },
          { token: "20", logProbability: -2 },
          { token: "x", logProbability: -9999 },
        ],
      },
      { token: "!", logProbability: -1, alternatives: [] },
    ]);
    expect(reply.logProbability).toBe(-1.25);
  });

  it.each(["NaN", "-Infinity", "Infinity", "null", "-NaN"])(
    "that are %s leave an alternative out, and nothing else",
    async (raw) => {
      const top = [entry("80", -0.25), entry("20", PLACEHOLDER)];
      const reply = await ask({ content: [entry("80", -0.25, top)] }, raw);
      expect(reply.text).toBe('80 "NaN" \\" -Infinity'); // only numbers were touched
      expect(reply.choices).toEqual([
        { token: "80", logProbability: -0.25, alternatives: [{ token: "80", logProbability: -0.25 }] },
      ]);
    },
  );

  it("of the sampled token are taken from the alternatives where its own is missing", async () => {
    const reply = await ask({ content: [entry("80", null, [entry("80", -0.5)])] });
    expect(reply.choices?.[0]?.logProbability).toBe(-0.5);
  });

  it.each<[string, unknown]>([
    ["null", null],
    ["missing", undefined],
    ["empty", { content: [] }],
    ["null inside", { content: null }],
    ["of the older form", { tokens: ["80"], token_logprobs: [-0.5] }],
    ["without the sampled token's", { content: [entry("80", null, [entry("20", -0.5)])] }],
    ["impossible", { content: [entry("80", 7)] }],
    ["a text", "none"],
    ["texts", { content: [entry("80", "-0.5")] }],
  ])("that are %s are told as not there; the answer stays", async (_, logprobs) => {
    const reply = await ask(logprobs);
    expect(reply.text).toContain("80");
    expect(reply).not.toHaveProperty("choices");
    expect(reply).not.toHaveProperty("logProbability");
  });

  it("that rounding put a little above 0 are 0", async () => {
    expect((await ask({ content: [entry("80", 1e-7)] })).logProbability).toBe(0);
  });
});

describe("what else an answer tells", () => {
  it.each<[string | null, number, string]>([
    ["stop", 2, "stop"],
    ["length", 2, "length"],
    ["max_tokens", 2, "length"],
    ["content_filter", 0, "filter"],
    ["something new", 2, "stop"],
    [null, 2, "stop"],
    [null, 8, "length"],
  ])("finish %s with %i of 8 tokens is %s", async (finish, tokens, expected) => {
    server.reset((_, r) =>
      sendJson(r, completion("fine", { finish, usage: { prompt_tokens: 1, completion_tokens: tokens } })),
    );
    const client = new EndpointClient(server.base, QUICK);
    expect((await client.chat({ ...hello(1), maxTokens: 8 })).finish).toBe(expected);
    await client.close();
  });

  it("is no text, a refusal's text, and counts that make no sense are no counts", async () => {
    const client = new EndpointClient(server.base, QUICK);
    server.reset((_, r) => sendJson(r, completion(null, { usage: { prompt_tokens: -3, completion_tokens: "many" } })));
    const empty = await client.chat(hello(1));
    expect(empty.text).toBe("");
    expect(empty).not.toHaveProperty("usage");
    server.reset((_, r) => sendJson(r, { choices: [{ message: { content: null, refusal: "I will not." } }] }));
    expect((await client.chat(hello(2))).text).toBe("I will not.");
    await client.close();
  });
});
