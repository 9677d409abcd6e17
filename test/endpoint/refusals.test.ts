// Refusals that are the key's, and those that are not; how long to wait, and when not to.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EndpointClient, type ChatReply } from "#internal/endpoint";
import { completion, hello, QUICK, sendError, sendJson, TestServer, type Behave } from "./server.js";

let server: TestServer;
beforeAll(async () => void (server = await TestServer.start()));
afterAll(() => server.close());

async function chat(behave: Behave | object, maxTokens?: number): Promise<ChatReply> {
  server.reset(typeof behave === "function" ? (behave as Behave) : (_, r) => sendJson(r, behave));
  const client = new EndpointClient(server.base, QUICK);
  try {
    return await client.chat({ ...hello(1), ...(maxTokens !== undefined && { maxTokens }) });
  } finally {
    await client.close();
  }
}

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
