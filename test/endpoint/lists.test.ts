// Lists of servers that never end: read within bounds of pages, rows and bytes, and then refused in words.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { EndpointClient, EndpointError } from "#internal/endpoint";
import { QUICK, sendJson, TestServer } from "./server.js";

let server: TestServer;
let client: EndpointClient;
beforeAll(async () => void (server = await TestServer.start()));
beforeEach(() => void (client = new EndpointClient(server.base, QUICK)));
afterEach(() => client.close());
afterAll(() => server.close());

const job = { id: "job-1", model: "m", status: "running" };

/** Pages of `rows` fresh items without end, each with `padding` bytes of text. */
function endless(rows: number, padding = 0): void {
  let made = 0;
  const text = "x".repeat(padding);
  server.reset(({ path }, response) => {
    if (path.endsWith("/jobs/job-1")) return sendJson(response, job);
    const data = Array.from({ length: rows }, () => ({
      ...job,
      id: `item-${made++}`,
      message: text,
      step_number: made,
      fine_tuned_model_checkpoint: "m",
    }));
    sendJson(response, { data, has_more: true });
  });
}

async function drained(list: AsyncIterable<unknown>): Promise<{ error: EndpointError; seen: number }> {
  let seen = 0;
  try {
    for await (const _ of list) seen++;
  } catch (error) {
    if (error instanceof EndpointError) return { error, seen };
    throw error;
  }
  throw new Error(`the list ended after ${seen}`);
}

describe("a list that never ends", () => {
  it.each([
    ["checkpoints", (): AsyncIterable<unknown> => client.fineTuning.checkpoints("job-1")],
    ["files", (): AsyncIterable<unknown> => client.files.list()],
    ["events, followed", (): AsyncIterable<unknown> => client.fineTuning.follow("job-1")],
    ["jobs, searched by name", (): AsyncIterable<unknown> => found(client.fineTuning.find("no such name"))],
  ])("of %s is refused after 200,000 rows", async (_, list) => {
    endless(5_000);
    const { error, seen } = await drained(list());
    expect(error.fault).toBe("reply");
    expect(error.message).toMatch(
      /\/v1\/(?:files|fine_tuning\/jobs\S*): expected a list of [a-z -]+ of 2,000 pages, 200,000 rows and 64 MiB at most, found 205,000 rows on 41 pages \(\d+\.\d MiB\), and no end\. Tell whoever runs the server/,
    );
    expect(seen).toBeLessThanOrEqual(200_000);
    expect(server.asked.length).toBeLessThan(50);
  });

  it("of one item a page is refused after 2,000 pages", async () => {
    endless(1);
    const { error, seen } = await drained(client.fineTuning.events("job-1"));
    expect(error.message).toContain("found 2,000 rows on 2,000 pages");
    expect(seen).toBe(2_000);
  });

  it("of large items is refused after 64 MiB", async () => {
    endless(1, 5 * 2 ** 20);
    const { error, seen } = await drained(client.fineTuning.events("job-1"));
    // The page that goes beyond is not read to its end.
    expect(error.message).toMatch(/expected a list of events of at most \d+ bytes, found a larger one/);
    expect(seen).toBe(12);
  });

  it("because it comes back to an earlier page is refused", async () => {
    server.reset(({ query }, response) => {
      const next = query.get("after") === "item-1" ? "item-2" : "item-1";
      sendJson(response, { data: [{ ...job, id: next }], has_more: true });
    });
    const { error, seen } = await drained(client.fineTuning.list());
    expect(error.message).toContain(
      'expected a list of fine-tuning jobs that ends, found one that comes back to "item-1"',
    );
    expect(seen).toBe(3);
  });

  it("because a job goes on telling events is refused, however it is cut into looks", async () => {
    let newest = 0;
    server.reset(({ path, query }, response) => {
      if (path.endsWith("/jobs/job-1")) return sendJson(response, job);
      if (query.get("after") === null) newest += 40_000;
      const data = Array.from({ length: 40_000 }, (_, i) => ({ id: `event-${newest - i}` }));
      sendJson(response, { data, has_more: false });
    });
    const { error, seen } = await drained(client.fineTuning.follow("job-1", { interval: 1 }));
    expect(error.message).toContain("found 240,000 of them, and no end");
    expect(seen).toBe(200_000);
  });
});

async function* found(search: Promise<unknown>): AsyncGenerator {
  yield await search;
}
