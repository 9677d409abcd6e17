// An answer is text that ended well; everything else that comes in its place is told apart.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AnswerCache, EndpointClient, type ChatReply } from "askew/endpoint";
import { completion, hello, QUICK, sendError, sendJson, TestServer, type Behave } from "./server.js";
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
      /error 422\): inputs must have less/,
      "refused",
    ],
    [
      "FastChat's",
      { object: "error", message: "context overflow", code: 40303 },
      /error 403\): context overflow/,
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

describe("401 and 403", () => {
  const prompts = Array.from({ length: 8 }, (_, i) => hello(i));
  async function askAll(behave: Behave): Promise<(string | Error)[]> {
    // One of its own: what it is still being asked when all has failed must not reach another test.
    const own = await TestServer.start(behave);
    const client = new EndpointClient(own.base, QUICK);
    const ends = await Promise.allSettled(prompts.map((one) => client.chat(one)));
    await client.close();
    await own.close();
    return ends.map((end) => (end.status === "fulfilled" ? end.value.text : (end.reason as Error)));
  }
  const third =
    (status: number, message: string): Behave =>
    ({ json }, r) =>
      json["seed"] === 3 || (json["seed"] === undefined && !("x" in json))
        ? sendError(r, status, message)
        : sendJson(r, completion("fine"));

  it.each([
    [403, "This model is moderated, and this input was flagged"],
    [403, "Forbidden"],
    [401, "You have insufficient permissions for this operation. Missing scopes: model.request"],
  ])("%i: %s fails alone", async (status, message) => {
    const ends = await askAll(third(status, message));
    expect(ends.filter((end) => end === "fine").length).toBe(7);
    expect(ends[3]).toMatchObject({ fault: "denied", fatal: false });
  });

  it.each([
    [401, "who are you?"],
    [403, "Invalid API key"],
    [403, "The token has expired"],
    [400, "API key not valid. Please pass a valid API key."],
  ])("%i: %s is the key's, and ends everything", async (status, message) => {
    const ends = await askAll((_, r) => sendError(r, status, message));
    for (const end of ends) expect(end).toMatchObject({ fault: "key", fatal: true });
  });
});

describe("waiting", () => {
  it.each<[string, Record<string, string>, string, number]>([
    ["retry-after-ms", { "retry-after-ms": "300", "retry-after": "60" }, "slow down", 300],
    ["retry-after with a unit", { "retry-after": "1s" }, "slow down", 1000],
    ["the message", {}, "Rate limit reached. Please try again in 400ms.", 400],
  ])("is as long as %s says", async (_, headers, message, least) => {
    const began = performance.now();
    let waited = 0;
    const reply = await chat((asked, r) => {
      if (asked.number === 1) return sendError(r, 429, message, headers);
      waited = performance.now() - began;
      sendJson(r, completion("fine"));
    });
    expect(reply.text).toBe("fine");
    expect(waited).toBeGreaterThanOrEqual(least - 20);
    expect(waited).toBeLessThan(least + 3000);
  });

  it("is as long as Gemini's details say", async () => {
    const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "0.5s" }];
    const error = { code: 429, message: "Quota exceeded", status: "RESOURCE_EXHAUSTED", details };
    const began = performance.now();
    await chat((asked, r) => (asked.number === 1 ? sendJson(r, [{ error }], 429) : sendJson(r, completion("fine"))));
    expect(performance.now() - began).toBeGreaterThanOrEqual(480);
  });

  it("for more than five seconds is told, once for everybody", async () => {
    server.reset((_, r) => sendError(r, 429, "slow down", { "retry-after": "20" }));
    const notices: string[] = [];
    const client = new EndpointClient(server.base, { ...QUICK, onNotice: (notice) => notices.push(notice) });
    const all = Promise.allSettled([1, 2, 3].map((i) => client.chat(hello(i))));
    while (notices.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await client.close();
    await all;
    expect(notices).toEqual([expect.stringMatching(/^waiting 20 s before the next try: .*status 429: slow down/)]);
  });

  it.each([
    { message: "This user's budget is spent", type: "budget_exceeded", code: "429" },
    { message: "Rate limit exceeded: free-models-per-day" },
    { message: "Limit reached on tokens per day (TPD): Limit 100000. Please try again in 7m54s." },
    { message: "Quota exceeded", details: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier" }] },
  ])("is not done for a budget that is spent: $message", async (error) => {
    await expect(chat((_, r) => sendJson(r, { error }, 429))).rejects.toMatchObject({
      fault: "quota",
      fatal: true,
      message: expect.stringContaining(error.message) as string,
    });
    expect(server.asked.length).toBe(1);
  });
});
