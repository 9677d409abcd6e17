// A moderated prompt is an outcome of one question, however the server says so; other refusals are what they were.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EndpointClient, EndpointError } from "#internal/endpoint";
import { completion, QUICK, sendJson, TestServer } from "./server.js";

let server: TestServer;
beforeAll(async () => void (server = await TestServer.start()));
afterAll(() => server.close());

/** Asks about a garden, a ruler and a garden; the server has `error` to say about rulers. */
async function ask(status: number, error: unknown): Promise<{ ends: unknown[]; client: EndpointClient }> {
  server.reset(({ body }, r) =>
    body.includes("ruler") ? sendJson(r, error, status) : sendJson(r, completion("A fine answer.")),
  );
  const client = new EndpointClient(server.base, QUICK);
  const ends: unknown[] = [];
  for (const about of ["garden", "ruler", "garden"]) {
    const messages = [{ role: "user" as const, content: `About a ${about}?` }];
    const asked = { model: "m", messages, seed: 1, temperature: 1, maxTokens: 64, alternatives: 5 };
    ends.push(await client.chat(asked).catch((failure: unknown) => failure));
  }
  await client.close();
  return { ends, client };
}

describe("a moderated prompt", () => {
  it.each<[string, number, unknown]>([
    [
      "OpenRouter",
      403,
      {
        error: {
          code: 403,
          message: "This model is moderated, and this input was flagged",
          metadata: { reasons: ["violence"] },
        },
      },
    ],
    [
      "Azure",
      400,
      {
        error: {
          message: "The prompt was stopped by the content policy.",
          code: "content_filter",
          innererror: { code: "ResponsibleAIPolicyViolation" },
        },
      },
    ],
    [
      "Azure's inner code alone",
      400,
      { error: { message: "Bad request", code: "BadRequest", innererror: { code: "ResponsibleAIPolicyViolation" } } },
    ],
    [
      "OpenAI",
      400,
      {
        error: {
          message: "Refused by the safety system",
          type: "invalid_request_error",
          code: "content_policy_violation",
        },
      },
    ],
    [
      "OpenAI's reasoning models",
      400,
      {
        error: {
          message: "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
          code: "invalid_prompt",
        },
      },
    ],
    [
      "Alibaba",
      400,
      { error: { message: "Input data may contain inappropriate content.", code: "data_inspection_failed" } },
    ],
    ["a legal reason", 451, { error: { message: "Your message was blocked", code: "moderation_blocked" } }],
    ["an error sent as an answer", 200, { error: { message: "This input was flagged", code: 403 } }],
  ])("of %s is the outcome filter, costs one request, and stops nothing", async (_, status, error) => {
    const { ends, client } = await ask(status, error);
    expect(ends).toMatchObject([
      { text: "A fine answer." },
      { text: "", finish: "filter", outcome: "filter" },
      { text: "A fine answer." },
    ]);
    expect(server.asked).toHaveLength(3);
    // Nothing is left out because of it, and nothing was charged for it.
    expect(server.asked.every(({ json }) => "seed" in json && "temperature" in json && "logprobs" in json)).toBe(true);
    expect(client.account.spending).toMatchObject({ requests: 2, uncertain: 0 });
  });

  it("is not what refuses a parameter, a model or a key", async () => {
    for (const [status, message] of [
      [403, "Forbidden"],
      [404, "there is no model m"],
      [400, "the messages are longer than the context of 4096 tokens"],
      [401, "who are you?"],
    ] as const) {
      const { ends } = await ask(status, { error: { message } });
      expect(ends[1], message).toBeInstanceOf(EndpointError);
    }
  });
});
