// Requests that a server refuses, and what that means for the others.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EndpointOptions } from "askew/endpoint";
import { EndpointClient, EndpointError } from "#internal/endpoint";
import { completion, hello, QUICK, sendError, sendJson, TestServer, type Behave } from "./server.js";

let server: TestServer;
beforeAll(async () => void (server = await TestServer.start()));
afterAll(() => server.close());

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

describe("a request that the server refuses", () => {
  it.each([400, 404, 405, 413, 422])("with %i is not sent again as it was, and others go on", async (status) => {
    const isRefused: Behave = (asked, response) =>
      asked.json["messages"] !== undefined && asked.body.includes("not this")
        ? sendError(response, status, "not like this")
        : sendJson(response, completion("fine"));
    await withClient(isRefused, async (client) => {
      const refused = { ...hello(1), messages: [{ role: "user", content: "not this" }] } as const;
      await expect(client.chat(refused)).rejects.toThrow(new RegExp(`status ${status}: not like this`));
      // Once more without the seed, where that could be what is refused.
      expect(server.asked.filter(({ json }) => "seed" in json).length).toBe(1);
      expect(server.asked.length).toBeLessThanOrEqual(2);
      expect((await client.chat(hello(2))).text).toBe("fine");
      const asked = server.asked.length;
      await expect(client.chat(refused)).rejects.toThrow("not like this");
      // The seed has been taken by now, so it is not suspected any more.
      expect(server.asked.length).toBe(asked + 1);
    });
  });

  it.each([401, 403])("with %i ends everything at once, with the reason", async (status) => {
    // The first request finds out; the others are in flight, or wait for their turn.
    const behave: Behave = (asked, response) => {
      if (asked.json["seed"] === 3) sendError(response, status, "expired");
    };
    await withClient(
      behave,
      async (client) => {
        const all = Array.from({ length: 40 }, (_, i) => client.chat(hello(i)));
        const ends = await Promise.allSettled(all);
        for (const end of ends) {
          expect(end.status).toBe("rejected");
          expect((end as PromiseRejectedResult).reason).toMatchObject({ fault: "key", status, fatal: true });
        }
        expect(server.asked.length).toBeLessThanOrEqual(8);
        await expect(client.chat(hello(99))).rejects.toThrow(/expired.*does not accept the key/);
        expect(server.asked.length).toBeLessThanOrEqual(8);
      },
      { concurrency: 8, startConcurrency: 8 },
    );
  });

  it("for want of a key names the variables that could hold one", async () => {
    const error = await failure((_, r) => sendError(r, 401, "who are you?"), { keySources: ["SOME_KEY", "ANOTHER"] });
    expect(error.message).toMatch(/The server does not accept the key: none is set \(SOME_KEY or ANOTHER\)/);
  });
});
