// A parameter that a server refuses is left out, once, said in one line, and remembered for the model.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AnswerCache, type EndpointOptions } from "askew/endpoint";
import { EndpointClient, type ChatReply, type ChatRequest } from "#internal/endpoint";
import { completion, QUICK, sendError, sendJson, TestServer, type Behave } from "./server.js";
import { inTemporaryFolder } from "./temporary.js";

let server: TestServer;
beforeAll(async () => void (server = await TestServer.start()));
afterAll(() => server.close());

type Json = Readonly<Record<string, unknown>>;

/** Refuses bodies that `isRefused`, with this status and message. */
const refusing =
  (isRefused: (json: Json) => boolean, status: number, error: string | object): Behave =>
  ({ json }, response) => {
    if (!isRefused(json)) sendJson(response, completion("fine"));
    else if (typeof error === "string") sendError(response, status, error);
    else sendJson(response, error, status);
  };

const request = (i: number, more: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "m",
  messages: [{ role: "user", content: `question ${i}` }],
  temperature: 0.7,
  seed: i,
  maxTokens: 600,
  ...more,
});

/** Replies to `requests` all at once, then to one more; what was noticed, and the last body that was sent. */
async function asked(
  behave: Behave,
  requests: readonly ChatRequest[],
  options: EndpointOptions = {},
): Promise<{ replies: ChatReply[]; notices: string[]; last: Json; sent: number }> {
  server.reset(behave);
  const notices: string[] = [];
  const client = new EndpointClient(server.base, { ...QUICK, onNotice: (notice) => notices.push(notice), ...options });
  try {
    const replies = await Promise.all(requests.map((one) => client.chat(one)));
    const sent = server.asked.length;
    const [first] = requests;
    if (first !== undefined) replies.push(await client.chat({ ...first, seed: 99 }));
    expect(server.asked.length).toBe(sent + 1); // it is remembered
    return { replies, notices, last: server.asked.at(-1)?.json ?? {}, sent };
  } finally {
    await client.close();
  }
}

const six = Array.from({ length: 6 }, (_, i) => request(i));
const logprobs = { alternatives: 20 };

describe("a refused parameter", () => {
  it.each<[string, Behave, Partial<ChatRequest>, RegExp, Json, readonly string[]]>([
    [
      "temperature",
      refusing((b) => "temperature" in b, 400, {
        error: { message: "Unsupported value: 'temperature' does not support 0.7", param: "temperature" },
      }),
      {},
      /asked without temperature from here on.*status 400.*--without temperature says so/,
      { seed: 99 },
      ["temperature"],
    ],
    [
      "seed, as FastAPI says it",
      refusing((b) => "seed" in b, 422, {
        detail: [{ type: "extra_forbidden", loc: ["body", "seed"], msg: "Extra inputs are not permitted", input: 7 }],
      }),
      {},
      /asked without seed .*status 422.*--without seed/,
      { temperature: 0.7 },
      ["seed"],
    ],
    [
      "seed, in a list of errors",
      refusing((b) => "seed" in b, 400, [
        { error: { code: 400, message: 'Unknown name "seed": Cannot find field.', status: "INVALID_ARGUMENT" } },
      ]),
      {},
      /without seed .*Unknown name "seed"/,
      { temperature: 0.7 },
      ["seed"],
    ],
    [
      "logprobs with 403",
      refusing((b) => b["logprobs"] === true, 403, "You are not allowed to request logprobs from this model"),
      logprobs,
      /without logprobs .*status 403/,
      {},
      ["logprobs"],
    ],
    [
      "logprobs with 404 and no name",
      refusing((b) => b["logprobs"] === true, 404, "No endpoints found that support the requested parameters"),
      logprobs,
      /without logprobs .*status 404/,
      {},
      ["logprobs"],
    ],
    [
      "logprobs with 500",
      refusing((b) => b["logprobs"] === true, 500, "internal error"),
      logprobs,
      /without logprobs .*status 500/,
      {},
      ["logprobs"],
    ],
    [
      "temperature and seed, one after the other",
      ({ json }, r) => {
        if ("temperature" in json) sendError(r, 400, "temperature is not supported");
        else if ("seed" in json) sendError(r, 400, "seed is not supported");
        else sendJson(r, completion("fine"));
      },
      {},
      /asked without temperature, seed from here on/,
      {},
      ["temperature", "seed"],
    ],
    [
      "temperature and seed, without a word",
      refusing((b) => "temperature" in b || "seed" in b, 400, ""),
      {},
      /asked without temperature, seed from here on/,
      {},
      ["temperature", "seed"],
    ],
  ])("%s is left out once, in one line", async (_, behave, more, notice, body, without) => {
    const all = six.map((one) => ({ ...one, ...more }));
    const { replies, notices, last, sent } = await asked(behave, all);
    expect(replies.every(({ text }) => text === "fine")).toBe(true);
    expect(notices).toEqual([expect.stringMatching(notice)]);
    expect(last).toMatchObject(body);
    for (const name of without) expect(last).not.toHaveProperty(name);
    expect(new Set(replies.map((reply) => (reply.without ?? []).join()))).toEqual(new Set([without.join()]));
    // Six refusals, a few tries of one request, and the others again.
    expect(sent).toBeLessThanOrEqual(24);
  });

  it("top_logprobs above what the server gives is asked for in its own number", async () => {
    for (const [message, most] of [
      ["top_logprobs must be at most 8, got 20", 8],
      ["Invalid value for top_logprobs", 5],
    ] as const) {
      const behave = refusing((b) => Number(b["top_logprobs"]) > most, 400, message);
      const { notices, last, replies } = await asked(behave, [request(0, logprobs)]);
      expect(last).toMatchObject({ logprobs: true, top_logprobs: most });
      expect(notices).toEqual([expect.stringContaining(`asked with top_logprobs of at most ${most}`)]);
      expect(replies[0]).not.toHaveProperty("without");
    }
  });

  it.each([
    [
      "max_tokens",
      "max_completion_tokens",
      "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
    ],
    ["max_completion_tokens", "max_tokens", "Extra inputs are not permitted: max_completion_tokens"],
    ["max_tokens", "max_completion_tokens", "unsupported parameter"],
  ] as const)("%s is called %s where that is what the server takes", async (name, other, message) => {
    const { notices, last } = await asked(
      refusing((b) => name in b, 400, message),
      six,
      { maxTokensName: name },
    );
    expect(last).toMatchObject({ [other]: 600, temperature: 0.7, seed: 99 });
    expect(notices).toEqual([
      expect.stringMatching(new RegExp(`with ${other} in place of ${name}.*--limit-name ${other}`)),
    ]);
  });

  it("a limit of one token is raised where a model that thinks cannot live with it", async () => {
    const messages = [
      "Could not finish the message because max_tokens or model output limit was reached. Please try again with higher max_tokens.",
      "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 1 instead.",
    ];
    for (const message of messages) {
      const { notices, last } = await asked(
        refusing((b) => Number(b["max_tokens"]) < 16, 400, message),
        [request(0, { maxTokens: 1 })],
      );
      expect(last).toMatchObject({ max_tokens: 2048 });
      expect(notices).toEqual([expect.stringContaining("with room for at least 2048 tokens")]);
    }
  });

  it("is not suspected once it has been taken, nor where a server fails by itself", async () => {
    // The first two fail, whatever is in them.
    let failures = 2;
    const behave: Behave = (_, r) => (failures-- > 0 ? sendError(r, 500, "oops") : sendJson(r, completion("fine")));
    const { notices, last } = await asked(behave, [request(0)]);
    expect(notices).toEqual([]);
    expect(last).toMatchObject({ temperature: 0.7, seed: 99, max_tokens: 600 });
    const picky: Behave = ({ body }, r) =>
      body.includes("question 3") ? sendError(r, 400, "The prompt is too long") : sendJson(r, completion("fine"));
    server.reset(picky);
    const client = new EndpointClient(server.base, QUICK);
    await client.chat(request(0));
    await expect(client.chat(request(3))).rejects.toThrow("The prompt is too long");
    expect(server.asked.length).toBe(2);
    await client.close();
  });

  it("costs little where every request is refused for itself", async () => {
    server.reset((_, r) => sendError(r, 400, "no"));
    const client = new EndpointClient(server.base, QUICK);
    const ends = await Promise.allSettled(Array.from({ length: 40 }, (_, i) => client.chat(request(i))));
    expect(ends.every(({ status }) => status === "rejected")).toBe(true);
    expect(server.asked.length).toBeLessThanOrEqual(40 + 6);
    await client.close();
  });

  it("can be left out by hand, and is then not sent at all", async () => {
    const { last, sent, notices } = await asked((_, r) => sendJson(r, completion("fine")), six, {
      without: ["seed", "temperature"],
    });
    expect({ sent, notices }).toEqual({ sent: 6, notices: [] });
    expect(Object.keys(last)).toEqual(["model", "messages", "max_tokens"]);
  });

  it("of one model is no matter of another's on the same server", async () => {
    const { last } = await asked(
      refusing((b) => b["model"] === "a" && "seed" in b, 400, "seed"),
      [request(0, { model: "b" }), request(1, { model: "a" })],
    );
    expect(last).toMatchObject({ model: "b", seed: 99 });
  });

  it("does not keep a stored answer from being found again", () =>
    inTemporaryFolder(async (folder) => {
      for (const fresh of [true, false]) {
        const cache = await AnswerCache.open(folder);
        server.reset(refusing((b) => "seed" in b, 400, "seed"));
        const client = new EndpointClient(server.base, { ...QUICK, cache });
        const { text, cached } = await client.chat(request(1));
        expect({ text, cached, asked: server.asked.length }).toEqual({
          text: "fine",
          cached: !fresh,
          asked: fresh ? 2 : 0,
        });
        await client.close();
        await cache.close();
      }
    }));
});
