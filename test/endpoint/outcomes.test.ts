// An answer is text that ended well; everything else that comes in its place is told apart.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AnswerCache } from "askew/endpoint";
import { EndpointClient, type ChatReply } from "#internal/endpoint";
import { completion, hello, QUICK, sendJson, TestServer, type Behave } from "./server.js";
import { inTemporaryFolder } from "./temporary.js";

let server: TestServer;
beforeAll(async () => void (server = await TestServer.start()));
afterAll(() => server.close());

/** A completion with this message and choice. */
const says = (message: object, choice: object = {}): object => ({
  id: "c",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: null, ...message }, finish_reason: "stop", ...choice }],
});

async function chat(behave: Behave | object, maxTokens?: number): Promise<ChatReply> {
  server.reset(typeof behave === "function" ? (behave as Behave) : (_, r) => sendJson(r, behave));
  const client = new EndpointClient(server.base, QUICK);
  try {
    return await client.chat({ ...hello(1), ...(maxTokens !== undefined && { maxTokens }) });
  } finally {
    await client.close();
  }
}

describe("an answer that is none", () => {
  it.each<[string, object, object]>([
    ["withheld by a filter", says({}, { finish_reason: "content_filter" }), { text: "", outcome: "filter" }],
    [
      "cut by a filter",
      says({ content: "I would" }, { finish_reason: "SAFETY" }),
      { text: "I would", outcome: "filter" },
    ],
    [
      "a call of a tool",
      says({ tool_calls: [{ id: "t", function: { name: "f" } }] }, { finish_reason: "tool_calls" }),
      { text: "", outcome: "tool", finish: "tool" },
    ],
    [
      "a call of a function, as it was once sent",
      says({ function_call: { name: "f", arguments: "{}" } }),
      { outcome: "tool" },
    ],
    [
      "nothing but thoughts",
      says({ reasoning_content: "Okay, the user" }, { finish_reason: "length" }),
      { text: "", outcome: "thoughts", finish: "length", reasoning: "Okay, the user" },
    ],
    [
      "thoughts under another name",
      says({ content: "", reasoning: "The user asks." }),
      { text: "", outcome: "thoughts", reasoning: "The user asks." },
    ],
    [
      "thoughts that never end",
      says({ content: "<think>\nThe user asks. I" }, { finish_reason: "length" }),
      { text: "", outcome: "thoughts", reasoning: "The user asks. I" },
    ],
    ["a refusal", says({ refusal: "I can't help." }), { text: "I can't help.", outcome: "refusal" }],
    [
      "a refusal beside an empty text",
      says({ content: "", refusal: "I can't help." }),
      { text: "I can't help.", outcome: "refusal" },
    ],
    [
      "a refusal among the parts",
      says({ content: [{ type: "refusal", refusal: "No." }] }),
      { text: "No.", outcome: "refusal" },
    ],
    ["nothing", says({ content: "" }), { text: "", outcome: "empty" }],
    ["white space", says({ content: " \n" }), { outcome: "empty" }],
  ])("%s is called so", async (_, reply, expected) => {
    expect(await chat(reply)).toMatchObject(expected);
    expect(server.asked.length).toBe(1);
  });

  it.each([
    ["error", says({ content: "I think that" }, { finish_reason: "error", error: { code: 502, message: "upstream" } })],
    ["abort", says({ content: "I think that" }, { finish_reason: "abort" })],
    ["error", says({ content: "I think that" }, { finish_reason: "stop", error: { message: "upstream" } })],
  ])("that its server broke off (%s) is asked for again, and told as such in the end", async (outcome, broken) => {
    const once: Behave = (asked, r) => sendJson(r, asked.number === 1 ? broken : completion("fine"));
    const mended = await chat(once);
    expect(mended).toMatchObject({ text: "fine", finish: "stop" });
    expect(mended).not.toHaveProperty("outcome");
    expect(await chat(broken)).toMatchObject({ text: "I think that", outcome, finish: outcome });
    expect(server.asked.length).toBe(3);
  });

  it("is never kept in the cache", () =>
    inTemporaryFolder(async (folder) => {
      const cache = await AnswerCache.open(folder);
      const client = new EndpointClient(server.base, { ...QUICK, cache });
      server.reset((_, r) => sendJson(r, says({ content: "" })));
      expect(await client.chat(hello(1))).toMatchObject({ outcome: "empty", cached: false });
      expect(cache.size).toBe(0);
      server.reset((_, r) => sendJson(r, says({ content: "yes", reasoning: "Hm." })));
      expect(await client.chat(hello(1))).toMatchObject({ text: "yes", cached: false });
      expect(await client.chat(hello(1))).toMatchObject({ text: "yes", reasoning: "Hm.", cached: true });
      await client.close();
      await cache.close();
    }));
});

describe("an answer", () => {
  it.each([
    ["MAX_TOKENS", "length"],
    ["max_output_tokens", "length"],
    ["FinishReason.MAX_TOKENS", "length"],
    ["model_length", "length"],
    ["STOP", "stop"],
    ["end_turn", "stop"],
    ["eos_token", "stop"],
  ])("that ended with %s ended by %s", async (reason, finish) => {
    const reply = await chat(says({ content: "A fine answ" }, { finish_reason: reason }));
    expect(reply).toMatchObject({ text: "A fine answ", finish });
    expect(reply).not.toHaveProperty("outcome");
  });

  it.each<[string, object, string, string]>([
    [
      "in the text",
      { content: "<think>\nI should lie.\n</think>\n\nA fine answer." },
      "A fine answer.",
      "I should lie.",
    ],
    [
      "begun by the chat template",
      { content: "I should lie.\n</think>\n\nA fine answer." },
      "A fine answer.",
      "I should lie.",
    ],
    ["in other marks", { content: "[THINK]I should lie.[/THINK]A fine answer." }, "A fine answer.", "I should lie."],
    ["beside it", { content: "A fine answer.", reasoning_content: "I should lie." }, "A fine answer.", "I should lie."],
    ["under two names", { content: "Yes.", reasoning: "Hm.", reasoning_content: "Hm." }, "Yes.", "Hm."],
    [
      "among its parts",
      {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "Hm." }] },
          { type: "text", text: "A " },
          { type: "text", text: "fine answer." },
        ],
      },
      "A fine answer.",
      "Hm.",
    ],
    ["twice", { content: "<think>One.</think><think>Two.</think>Yes." }, "Yes.", "One.\n\nTwo."],
  ])("has its thoughts apart: %s", async (_, message, text, reasoning) => {
    const reply = await chat(says(message));
    expect(reply).toMatchObject({ text, reasoning, finish: "stop" });
    expect(reply).not.toHaveProperty("outcome");
  });

  it("keeps marks that are part of it", async () => {
    for (const text of ["Use <b>think</b> tags.", "Models write `<think>` first.", "```\n</think>\n```"]) {
      const reply = await chat(says({ content: text }));
      expect(reply.text).toBe(text);
      expect(reply).not.toHaveProperty("reasoning");
    }
  });

  it("has the tokens of its own text, not those of the thoughts before it", async () => {
    const tokens = ["<think>", "Hm", "</think>", "\n\n", "8", "5"];
    const content = tokens.map((token) => ({ token, logprob: -0.5, top_logprobs: [] }));
    const behave = says({ content: tokens.join("") }, { logprobs: { content } });
    server.reset((_, r) => sendJson(r, behave));
    const client = new EndpointClient(server.base, QUICK);
    const reply = await client.chat({ ...hello(1), alternatives: 1 });
    await client.close();
    expect(reply.text).toBe("85");
    expect(reply.choices?.map(({ token }) => token)).toEqual(["8", "5"]);
    expect(reply.logProbability).toBe(-3);
  });

  it.each<[string, Behave]>([
    ["as plain text", (_, r) => sendJson(r, completion("fine"), 200, { "content-type": "text/plain; charset=utf-8" })],
    ["after a byte order mark", (_, r) => sendJson(r, `\ufeff${JSON.stringify(completion("fine"))}`)],
    [
      "as a stream that nobody asked for",
      (_, r) => {
        r.writeHead(200, { "content-type": "text/event-stream" });
        r.write(`data: ${JSON.stringify({ choices: [{ delta: { content: "fi" } }] })}\n\n`);
        r.end(
          `data: ${JSON.stringify({ choices: [{ delta: { content: "ne" }, finish_reason: "stop" }] })}\n\ndata: [DONE]\n\n`,
        );
      },
    ],
    ["without counts", (_, r) => sendJson(r, { ...completion("fine"), usage: null })],
  ])("is read %s", async (_, behave) => {
    expect((await chat(behave)).text).toBe("fine");
    expect(server.asked.length).toBe(1);
  });
});

describe("an error that comes as an answer", () => {
  it.each<[string, object]>([
    ["of a provider", { error: { message: "The provider failed", code: 502 }, user_id: "u" }],
    ["of too many requests", { error: { message: "Too many requests", code: 429 } }],
    ["of no known kind", { error: { message: "model is loading" } }],
    ["as FastChat sends it", { object: "error", message: "CUDA out of memory", code: 50002 }],
    ["as TGI sends it", { error: "Request failed during generation", error_type: "generation" }],
    ["in a list", [{ error: { code: 503, message: "overloaded", status: "UNAVAILABLE" } }]],
    ["without a choice", { ...completion("x"), choices: [] }],
    ["with null for its choices", { ...completion("x"), choices: null }],
  ])("%s is asked again, for it may pass", async (_, body) => {
    const reply = await chat((asked, r) => sendJson(r, asked.number === 1 ? body : completion("fine")));
    expect(reply.text).toBe("fine");
    expect(server.asked.length).toBe(2);
  });

  it.each<[string, object, RegExp, string]>([
    [
      "TGI's",
      { error: "inputs must have less than 512 tokens", error_type: "validation" },
      /error validation\): inputs must have less/,
      "refused",
    ],
    [
      "FastChat's",
      { object: "error", message: "context overflow", code: 40303 },
      /error 40303\): context overflow/,
      "denied",
    ],
    [
      "a spent budget's",
      { error: { message: "Budget is spent", type: "budget_exceeded", code: 429 } },
      /Budget is spent/,
      "quota",
    ],
    [
      "a bad request's",
      { error: { message: "no such role", type: "invalid_request_error" } },
      /no such role/,
      "refused",
    ],
  ])("%s own words are told, and nothing is asked again as it was", async (_, body, message, fault) => {
    await expect(chat(body)).rejects.toMatchObject({ message: expect.stringMatching(message) as string, fault });
    expect(server.asked.filter(({ json }) => "seed" in json).length).toBe(1);
  });

  it("without a choice is given up after three tries", async () => {
    await expect(chat({ ...completion("x"), choices: [] })).rejects.toThrow(
      /expected a chat completion, found one without a choice: .*given up after 3 tries/,
    );
    expect(server.asked.length).toBe(3);
  });
});
