// Everything a server can do wrong, done by a real one.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EndpointOptions } from "askew/endpoint";
import { EndpointClient, EndpointError } from "#internal/endpoint";
import { completion, hello, QUICK, sendError, sendJson, TestServer, type Behave } from "./server.js";

let server: TestServer;
beforeAll(async () => void (server = await TestServer.start()));
afterAll(() => server.close());

/** Does as it is told on the first requests, and well on all others. */
const first =
  (times: number, behave: Behave): Behave =>
  (asked, response) =>
    asked.number <= times ? behave(asked, response) : sendJson(response, completion("fine"));

async function withClient<T>(
  behave: Behave,
  work: (client: EndpointClient) => Promise<T>,
  options: EndpointOptions = {},
): Promise<T> {
  server.reset(behave);
  const client = new EndpointClient(server.base, { ...QUICK, ...options });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** The error of a request that fails. */
async function failure(behave: Behave, options: EndpointOptions = {}): Promise<EndpointError> {
  return withClient(
    behave,
    async (client) => {
      const error: unknown = await client.chat(hello(1)).then(
        () => "it succeeded",
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(EndpointError);
      return error as EndpointError;
    },
    options,
  );
}

describe("a server that is overloaded", () => {
  it("is asked again", async () => {
    for (const status of [429, 503, 529]) {
      const reply = await withClient(
        first(2, (_, r) => sendError(r, status, "slow down")),
        (c) => c.chat(hello(1)),
      );
      expect(reply.text).toBe("fine");
      expect(server.asked.length).toBe(3);
    }
  });

  it.each([
    ["seconds", () => "1"],
    ["a date", () => new Date(Date.now() + 2000).toUTCString()],
  ])("is left alone as long as Retry-After says, in %s", async (_, header) => {
    let refusedAt = 0;
    let againAt = 0;
    const behave: Behave = (asked, response) => {
      if (asked.number === 1) {
        refusedAt = performance.now();
        sendError(response, 429, "slow down", { "retry-after": header() });
      } else {
        againAt ||= performance.now();
        sendJson(response, completion("fine"));
      }
    };
    await withClient(behave, async (client) => {
      const refused = client.chat(hello(1));
      while (client.limit === 16) await new Promise((resolve) => setTimeout(resolve, 5));
      const replies = await Promise.all([refused, client.chat(hello(2))]);
      expect(replies.map(({ text }) => text)).toEqual(["fine", "fine"]);
    });
    expect(againAt - refusedAt).toBeGreaterThanOrEqual(950); // a date has whole seconds, and timers round
    expect(server.asked.length).toBe(3);
  });

  it("is given fewer requests at a time", async () => {
    const bears = 6;
    const behave: Behave = async (_, response) => {
      if (server.inFlight > bears) return sendError(response, 429, "slow down");
      await new Promise((resolve) => setTimeout(resolve, 5));
      sendJson(response, completion("fine"));
    };
    await withClient(
      behave,
      async (client) => {
        const replies = await Promise.all(Array.from({ length: 200 }, (_, i) => client.chat(hello(i))));
        expect(replies.every(({ text }) => text === "fine")).toBe(true);
        expect(client.limit).toBeLessThan(32);
      },
      { startConcurrency: 64, concurrency: 64 },
    );
  });

  it("that asks for longer than there is time is given up with what it said", async () => {
    const error = await failure((_, r) => sendError(r, 429, "come back tomorrow", { "retry-after": "86400" }));
    expect(error.fault).toBe("overloaded");
    expect(error.message).toMatch(
      /status 429: come back tomorrow \(given up after 1 try in .* s; it asks to wait 86400 s\)/,
    );
  });

  it("because the account has nothing left ends everything at once", async () => {
    const error = await failure((_, r) =>
      sendJson(r, { error: { message: "You exceeded your quota", code: "insufficient_quota" } }, 429),
    );
    expect([error.fault, error.fatal, server.asked.length]).toEqual(["quota", true, 1]);
  });
});

describe("a server that breaks", () => {
  it.each<[string, Behave]>([
    ["500", (_, r) => sendError(r, 500, "oops")],
    ["a reset connection", (_, r) => void r.socket?.resetAndDestroy()],
    ["a connection closed without a word", (_, r) => void r.destroy()],
    [
      "half a body under its announced length",
      (_, r) => {
        const text = JSON.stringify(completion("fine"));
        r.writeHead(200, { "content-type": "application/json", "content-length": String(text.length) });
        r.write(text.slice(0, text.length / 2));
        setTimeout(() => r.destroy(), 5);
      },
    ],
    ["half a body as if it were whole", (_, r) => sendJson(r, JSON.stringify(completion("fine")).slice(0, 60))],
    ["an empty body", (_, r) => sendJson(r, "")],
  ])("with %s is asked again", async (what, behave) => {
    const reply = await withClient(first(2, behave), (client) => client.chat(hello(1)));
    expect(reply).toMatchObject({ text: "fine" });
    expect(reply).not.toHaveProperty("without");
    // Two replies of 500 could mean that the seed is refused: once without it, once more with it, and it is not.
    expect(server.asked.length).toBe(what === "500" ? 4 : 3);
  });

  it("again and again is given up with status, tries and what it said", async () => {
    const error = await failure((_, r) => sendError(r, 500, "oops"), { attempts: 4 });
    // Two tries, one more without the seed, in case that is what it fails at, then as many as there may be.
    expect(server.asked.map(({ json }) => "seed" in json)).toEqual([true, true, false, true, true, true, true]);
    expect(error.message).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions: status 500: oops \(given up after 4 tries in /,
    );
    expect(error.status).toBe(500);
  });

  it("hangs is called off at the deadline and asked again", async () => {
    const reply = await withClient(
      first(1, () => undefined),
      (client) => client.chat(hello(1)),
      { deadline: 100 },
    );
    expect(reply.text).toBe("fine");
    const error = await failure(() => undefined, { deadline: 40, attempts: 2 });
    expect(error.fault).toBe("deadline");
    expect(error.message).toMatch(/no complete reply within 0 s|no complete reply within 0\.\d s/);
  });

  it("hangs in the middle of a body is called off too, and the total deadline holds", async () => {
    const error = await failure(
      (_, r) => {
        r.writeHead(200, { "content-type": "application/json" });
        r.write('{"choices": [');
      },
      { deadline: 60, totalDeadline: 150, attempts: 100 },
    );
    expect(error.fault).toBe("deadline");
    expect(server.asked.length).toBeLessThanOrEqual(4);
  });

  it("is not there is told apart, after three tries", async () => {
    const client = new EndpointClient("http://127.0.0.1:1/v1", QUICK);
    await expect(client.chat(hello(1))).rejects.toThrow(
      /127\.0\.0\.1:1\/.*nothing listens there \(ECONNREFUSED\) \(given up after 3 tries/,
    );
    // Nobody was ever there, so the next request is told at once.
    await expect(client.chat(hello(2))).rejects.toThrow(/nothing listens there/);
    await client.close();
    const nowhere = new EndpointClient("http://no-such-host.invalid/v1", QUICK);
    await expect(nowhere.chat(hello(1))).rejects.toThrow(/no-such-host\.invalid.*(there is no such host|EAI_AGAIN)/);
    await nowhere.close();
  });
});

describe("a reply that is not one", () => {
  it.each<[string, Behave, RegExp]>([
    [
      "a web page",
      (_, r) => void r.writeHead(200, { "content-type": "text/html" }).end("<h1>Hello</h1>"),
      /expected a chat completion, found text\/html: <h1>Hello/,
    ],
    [
      "no content type",
      (_, r) => void r.writeHead(200).end("fine"),
      /expected a chat completion, found no content type: fine/,
    ],
    ["an object of nothing", (_, r) => void r.writeHead(200).end("{}"), /expected a chat completion, found \{\}/],
    [
      "another shape",
      (_, r) => sendJson(r, { choices: "none" }),
      /status 200: expected a chat completion, found \{"choices":"none"\} \(.*expected array.* at choices\)/,
    ],
    ["a list", (_, r) => sendJson(r, [1, 2]), /expected a chat completion, found \[1,2\]/],
    [
      "a number for a text",
      (_, r) => sendJson(r, { choices: [{ message: { content: 7 } }] }),
      /at choices\.0\.message\.content/,
    ],
    [
      "a redirect",
      (_, r) => void r.writeHead(302, { location: "http://elsewhere.example/v1" }).end(),
      /status 302: moved to http:\/\/elsewhere\.example\/v1\. Redirects are not followed/,
    ],
  ])("%s is refused with what was expected and found, and not asked for again", async (_, behave, message) => {
    const error = await failure(behave);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(server.base);
    expect(server.asked.length).toBe(1);
  });

  it("too large is not read, whether it is announced or not", async () => {
    const big = JSON.stringify(completion("x".repeat(100_000)));
    const announced: Record<string, string>[] = [{ "content-length": String(big.length) }, {}];
    for (const headers of announced) {
      const error = await failure((_, r) => sendJson(r, big, 200, headers), {
        mostBytes: 10_000,
      });
      expect(error.message).toMatch(/expected a chat completion of at most 10000 bytes, found a larger one/);
      expect(server.asked.length).toBe(1);
    }
  });

  it("never brings control characters into a message", async () => {
    const error = await failure((_, r) => sendError(r, 400, "a\u001b[31mred\nline\u0000"));
    expect(error.message).toMatch(/status 400: a \[31mred line$/);
  });
});

describe("a signal", () => {
  it("ends requests in flight, waiting and backing off, with its reason", async () => {
    const behave: Behave = (asked, response) => {
      if (asked.number % 2 === 0) sendError(response, 503, "later");
    };
    await withClient(
      behave,
      async (client) => {
        const controller = new AbortController();
        const { signal } = controller;
        const all = Promise.allSettled(Array.from({ length: 12 }, (_, i) => client.chat(hello(i), { signal })));
        while (server.asked.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
        controller.abort(new Error("enough"));
        for (const end of await all) expect((end as PromiseRejectedResult).reason).toMatchObject({ message: "enough" });
        await expect(client.chat(hello(1), { signal })).rejects.toThrow("enough");
      },
      { concurrency: 4, startConcurrency: 4, random: () => 1 },
    );
  });
});
