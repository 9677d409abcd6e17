// The table of docs/endpoint.md, row by row: how often a request is tried that meets each status, and whom it stops.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EndpointClient, EndpointError } from "#internal/endpoint";
import { completion, QUICK, sendJson, TestServer, type Behave } from "./server.js";

let server: TestServer;
beforeAll(async () => void (server = await TestServer.start()));
afterAll(() => server.close());

/** Without parameters that could be refused. */
const plain = (content: string): { model: string; messages: { role: "user"; content: string }[] } => ({
  model: "m",
  messages: [{ role: "user", content }],
});

interface Met {
  readonly tries: number;
  readonly error: EndpointError;
  /** What another question gets afterwards. */
  readonly next: string;
}

async function meet(behave: Behave): Promise<Met> {
  server.reset((asked, r) => (asked.body.includes("first") ? behave(asked, r) : sendJson(r, completion("fine"))));
  const client = new EndpointClient(server.base, QUICK);
  const error: unknown = await client.chat(plain("first")).catch((failure: unknown) => failure);
  if (!(error instanceof EndpointError)) throw new Error("expected a failure");
  const tries = server.asked.length;
  const next = await client.chat(plain("next")).then(
    ({ text }) => text,
    () => "stopped",
  );
  await client.close();
  return { tries, error, next };
}

const says = (status: number, error: unknown = { message: "no" }) => [status, { error }] as const;

describe("a request that meets", () => {
  it.each<[string, number, readonly [number, unknown], string]>([
    ["a bad key", 1, says(401), "stopped"],
    ["a missing scope", 1, says(401, { message: "Missing scopes: model.request" }), "fine"],
    ["a denial", 1, says(403), "fine"],
    ["a spent account", 1, says(402), "stopped"],
    ["a spent budget", 1, says(400, { message: "spent", code: "budget_exceeded" }), "stopped"],
    ["a daily quota", 1, says(429, { message: "1000 requests per day" }), "stopped"],
    ["no such model", 1, says(404), "fine"],
    ["a wrong method", 1, says(405), "fine"],
    ["too large a body", 1, says(413), "fine"],
    ["a refusal", 1, says(422), "fine"],
    ["what is not implemented", 1, says(501), "fine"],
    ["a failed dependency", 3, says(424), "fine"],
    ["an error in place of an answer", 3, says(200), "fine"],
    ["an error in place of an answer with a status", 1, says(200, { message: "no", code: 404 }), "fine"],
    ["no choices", 3, [200, { id: "c", object: "chat.completion", choices: [] }], "fine"],
    ["another shape", 1, [200, { answer: 42 }], "fine"],
    ["a failing server", 8, says(500), "fine"],
    ["a bad gateway", 8, says(502), "fine"],
    ["a timeout of the server", 8, says(408), "fine"],
    ["a conflict", 8, says(409), "fine"],
    ["a request that came too early", 8, says(425), "fine"],
  ])("%s is tried %i times", async (_, tries, [status, body], next) => {
    const met = await meet((_asked, r) => sendJson(r, body, status));
    expect({ tries: met.tries, next: met.next }).toEqual({ tries, next });
  });

  it("a redirect is tried once", async () => {
    const met = await meet((_, r) => void r.writeHead(302, { location: "/elsewhere" }).end());
    expect(met).toMatchObject({ tries: 1, next: "fine" });
    expect(met.error.message).toContain("Redirects are not followed");
  });

  it.each([429, 498, 503, 529])("overload (%i) is tried until it passes", async (status) => {
    server.reset(({ number }, r) => (number < 12 ? sendJson(r, {}, status) : sendJson(r, completion("fine"))));
    const client = new EndpointClient(server.base, QUICK);
    expect((await client.chat(plain("first"))).text).toBe("fine");
    expect(server.asked).toHaveLength(12);
    await client.close();
  });

  it("half a body is tried 8 times, and nobody at all 3 times", async () => {
    const met = await meet(
      (_, r) => void r.writeHead(200, { "content-type": "application/json" }).end('{"choices":[{"mess'),
    );
    expect(met).toMatchObject({ tries: 8, next: "fine" });
    const gone = await TestServer.start();
    const { base } = gone;
    await gone.close();
    const client = new EndpointClient(base, QUICK);
    await expect(client.chat(plain("first"))).rejects.toThrow("given up after 3 tries");
    await client.close();
  });
});
