// Tokens and money: counted as the server counts, and never more than the limit, whatever happens.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Account, type EndpointOptions } from "askew/endpoint";
import { EndpointClient } from "#internal/endpoint";
import { completion, hello, QUICK, sendError, sendJson, TestServer, type Behave } from "./server.js";

let server: TestServer;
beforeAll(async () => void (server = await TestServer.start()));
afterAll(() => server.close());

const PRICES = { "test-model": { input: 2, output: 8, cachedInput: 1 } };
/** 10 tokens in and 2 out, as the test server counts. */
const COST = (10 * 2 + 2 * 8) / 1e6;
/** What a request reserves: 5 bytes, one message, 10 tokens at most. */
const MOST = ((5 + 32) * 2 + 10 * 8) / 1e6;
const request = (seed: number): ReturnType<typeof hello> & { maxTokens: number } => ({ ...hello(seed), maxTokens: 10 });

async function withAccount<T>(
  behave: Behave,
  account: Account,
  work: (client: EndpointClient) => Promise<T>,
  options: EndpointOptions = {},
): Promise<T> {
  server.reset(behave);
  const client = new EndpointClient(server.base, { ...QUICK, account, ...options });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

describe("an account", () => {
  it("counts tokens and money as the server and the price table say", async () => {
    const account = new Account({ prices: PRICES });
    const usage = { prompt_tokens: 100, completion_tokens: 20, prompt_tokens_details: { cached_tokens: 40 } };
    await withAccount(
      (_, r) => sendJson(r, completion("fine", { usage })),
      account,
      (client) => client.chat(request(1)),
    );
    expect(account.spending).toEqual({
      requests: 1,
      cached: 0,
      promptTokens: 100,
      completionTokens: 20,
      cost: (60 * 2 + 40 * 1 + 20 * 8) / 1e6,
      uncertain: 0,
      unpriced: 0,
      uncounted: 0,
    });
  });

  it("counts what has no price apart, and `*` is the price of all others", async () => {
    const fine: Behave = (_, r) => sendJson(r, completion("fine"));
    const without = new Account({ prices: { other: { input: 1, output: 1 } } });
    await withAccount(fine, without, (client) => client.chat(request(1)));
    expect(without.spending).toMatchObject({ cost: 0, unpriced: 1, promptTokens: 10 });
    const general = new Account({ prices: { "*": { input: 1e6, output: 0 } } });
    await withAccount(fine, general, (client) => client.chat(request(1)));
    expect(general.spending.cost).toBe(10);
  });

  it("counts nothing for what the server refused, and the most it can be for what was lost", async () => {
    const account = new Account({ prices: PRICES });
    const behave: Behave = (asked, response) => {
      if (asked.number === 1) sendError(response, 500, "oops");
      else if (asked.number === 2) sendError(response, 429, "slow down");
      else if (asked.number === 3) response.socket?.resetAndDestroy(); // may have been charged for
      else sendJson(response, completion("fine"));
    };
    await withAccount(behave, account, (client) => client.chat(request(1)));
    expect(account.spending.cost).toBeCloseTo(COST, 12);
    expect(account.spending.uncertain).toBeCloseTo(MOST, 12);
    const silent = new Account({ prices: PRICES });
    await withAccount(
      (_, r) => sendJson(r, { choices: [{ message: { content: "fine" } }] }),
      silent,
      (c) => c.chat(request(1)),
    );
    expect(silent.spending).toMatchObject({ requests: 1, cost: 0, uncertain: MOST });
  });

  it("never passes its limit, with many in flight, and spends all but one request of it", async () => {
    const maxCost = 100 * COST;
    const account = new Account({ prices: PRICES, maxCost });
    let billed = 0;
    const behave: Behave = async (_, response) => {
      billed += COST;
      expect(billed).toBeLessThanOrEqual(maxCost + 1e-12);
      await new Promise((resolve) => setTimeout(resolve, 2));
      sendJson(response, completion("fine"));
    };
    await withAccount(
      behave,
      account,
      async (client) => {
        const ends = await Promise.allSettled(Array.from({ length: 300 }, (_, i) => client.chat(request(i))));
        const failures = ends.filter((end) => end.status === "rejected").map(({ reason }) => reason as Error);
        expect(ends.length - failures.length).toBe(server.asked.length); // every answer that was bought was given out
        expect(failures.length).toBeGreaterThan(0);
        for (const failure of failures) {
          expect(failure).toMatchObject({ name: "EndpointError", fault: "cost" });
          expect(failure.message).toMatch(
            /the cost limit of \$0\.0036 is reached: \$0\.003\d* are spent, and the next request to test-model could cost \$0\.00015\. Raise --max-cost to go on/,
          );
        }
        await expect(client.chat(request(999))).rejects.toThrow("cost limit");
      },
      { concurrency: 64, startConcurrency: 64 },
    );
    expect(account.spending.cost).toBeLessThanOrEqual(maxCost);
    expect(account.spending.cost).toBeGreaterThan(maxCost - MOST - COST);
  });

  it("holds for several clients together", async () => {
    const account = new Account({ prices: PRICES, maxCost: 2 * MOST });
    const fine: Behave = (_, r) => sendJson(r, completion("fine"));
    await withAccount(fine, account, async (one) => {
      const two = new EndpointClient(server.base, { ...QUICK, account });
      const ends = await Promise.allSettled(
        Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? one : two).chat(request(i))),
      );
      await two.close();
      expect(ends.some(({ status }) => status === "rejected")).toBe(true);
      expect(account.spending.cost).toBeLessThanOrEqual(2 * MOST);
      expect(account.spending.cost).toBeGreaterThan(0);
    });
  });

  it("with a limit needs a price and a longest answer, and refuses numbers that are none", async () => {
    const unpriced = new Account({ maxCost: 1 });
    await withAccount(
      () => undefined,
      unpriced,
      async (client) => {
        await expect(client.chat(request(1))).rejects.toThrow(
          "a cost limit needs a price for test-model: dollars per million input and output tokens",
        );
      },
    );
    const endless = new Account({ maxCost: 1, prices: PRICES });
    await withAccount(
      () => undefined,
      endless,
      async (client) => {
        await expect(client.chat(hello(1))).rejects.toThrow(/needs the longest answer/);
      },
    );
    expect(server.asked).toEqual([]);
    expect(() => new Account({ maxCost: Number.NaN })).toThrow(/maxCost >= 0 dollars, found NaN/);
    expect(() => new Account({ prices: { m: { input: -1, output: 0 } } })).toThrow(/the price of m/);
  });
});
