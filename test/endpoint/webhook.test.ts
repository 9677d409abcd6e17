// A web hook that misbehaves in every way, on a real server.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "askew/endpoint";
import { afterEach, describe, expect, it } from "vitest";

interface Hit {
  readonly id: string;
  readonly body: string;
  readonly headers: IncomingMessage["headers"];
}

let server: Server | undefined;
const hits: Hit[] = [];

/** Answers the n-th request with the n-th of `answers`, the last one for ever. */
async function serving(...answers: ((response: ServerResponse) => void)[]): Promise<string> {
  hits.length = 0;
  const made = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      hits.push({ id: String(request.headers["idempotency-key"]), body, headers: request.headers });
      answers[Math.min(hits.length, answers.length) - 1]?.(response);
    });
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}/hook/secret-key?token=secret`;
}

const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(code, headers).end("secret-key");
const FAST = { deadline: 300, totalDeadline: 5000, firstWait: 5 };

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

describe("a web hook", () => {
  it("gets the message as JSON, once", async () => {
    const webhook = new Webhook(await serving(status(204)), { ...FAST, deadline: 5000 });
    expect(await webhook.send("run-12", { event: "alarm", step: 12 })).toEqual({
      delivered: true,
      tries: 1,
      outcome: "HTTP 204",
    });
    await webhook.close();
    expect(hits).toHaveLength(1);
    expect(hits[0]?.body).toBe('{"event":"alarm","step":12}');
    expect(hits[0]?.headers["content-type"]).toBe("application/json");
    expect(hits[0]?.headers["authorization"]).toBeUndefined();
  });

  it("is tried again where it is broken, overloaded or hangs up, under one id", async () => {
    const hangUp = (response: ServerResponse): void => void response.socket?.destroy();
    const webhook = new Webhook(
      await serving(status(500), status(429, { "retry-after": "0" }), hangUp, status(200)),
      FAST,
    );
    const sent = await webhook.send("run-3", {});
    expect(sent).toEqual({ delivered: true, tries: 4, outcome: "HTTP 200" });
    expect(new Set(hits.map(({ id }) => id))).toEqual(new Set(["run-3"]));
    await webhook.close();
  });

  it("is not tried again where it refuses, and is not followed elsewhere", async () => {
    for (const code of [400, 404, 301]) {
      const webhook = new Webhook(await serving(status(code, { location: "http://127.0.0.1:1/" })), FAST);
      expect(await webhook.send("a", {})).toEqual({ delivered: false, tries: 1, outcome: `HTTP ${code}` });
      await webhook.close();
      server?.close();
    }
  });

  it("is given up where it never answers, or answers for ever", async () => {
    const webhook = new Webhook(await serving(() => undefined), { ...FAST, deadline: 60, attempts: 2 });
    expect(await webhook.send("a", {})).toEqual({ delivered: false, tries: 2, outcome: "no reply within 0.06 s" });
    await webhook.close();
    server?.close();
    const endless = (response: ServerResponse): void => {
      response.writeHead(200);
      const timer = setInterval(() => response.write("x".repeat(1000)), 5);
      response.on("close", () => clearInterval(timer));
    };
    const other = new Webhook(await serving(endless), FAST);
    expect((await other.send("a", {})).delivered).toBe(true);
    await other.close();
  });

  it("never waits longer than it is told to, and never rejects", async () => {
    const webhook = new Webhook(await serving(() => undefined), { deadline: 60_000, totalDeadline: 120_000 });
    const sent = webhook.send("a", {});
    await webhook.close(20);
    expect(await sent).toEqual({ delivered: false, tries: 1, outcome: "given up" });
    const nobody = new Webhook("http://127.0.0.1:9/x", { ...FAST, attempts: 1 });
    expect((await nobody.send("a", {})).delivered).toBe(false);
    await nobody.close();
  });

  it("says nothing of its address but the origin", async () => {
    const url = await serving(status(403));
    const webhook = new Webhook(url, FAST);
    expect(webhook.origin).toBe(new URL(url).origin);
    expect(JSON.stringify([await webhook.send("a", {}), webhook])).not.toContain("secret");
    await webhook.close();
    for (const wrong of ["file:///etc/passwd", "secret", "http://user:secret@localhost/", "ftp://localhost/secret"]) {
      let said = "";
      try {
        const made = new Webhook(wrong);
        await made.close();
      } catch (error) {
        said = (error as Error).message;
      }
      expect(said).toContain("expected a web hook's address");
      expect(said).not.toContain("secret");
    }
  });
});
