// A real HTTP server on loopback that does as each test says, well or badly, and keeps count of what it was asked.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** The body as JSON, where it is. */
  readonly json: Record<string, unknown>;
  /** Which request this is, from 1. */
  readonly number: number;
}

export type Behave = (asked: Asked, response: ServerResponse) => void | Promise<void>;

export class TestServer {
  readonly asked: Asked[] = [];
  /** Requests that are being answered now, and the most there were. */
  inFlight = 0;
  mostInFlight = 0;
  behave: Behave;
  readonly #server: Server;

  private constructor(behave: Behave) {
    this.behave = behave;
    this.#server = createServer((request, response) => void this.#hear(request, response));
  }

  static async start(behave: Behave = (_, response) => sendJson(response, completion("fine"))): Promise<TestServer> {
    const server = new TestServer(behave);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  /** Forgets what it was asked. */
  reset(behave: Behave): void {
    this.behave = behave;
    this.asked.length = 0;
    this.mostInFlight = 0;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    response.on("close", () => this.inFlight--);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // the client has gone
    }
    const body = Buffer.concat(chunks).toString("utf8");
    const url = new URL(request.url ?? "/", this.base);
    const asked = {
      method: request.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body,
      json: asJson(body),
      number: this.asked.length + 1,
    };
    this.asked.push(asked);
    await this.behave(asked, response);
  }
}

function asJson(body: string): Record<string, unknown> {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return {};
  }
}

export function sendJson(
  response: ServerResponse,
  value: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof value === "string" ? value : JSON.stringify(value));
}

export const sendError = (response: ServerResponse, status: number, message: string, headers = {}): void =>
  sendJson(response, { error: { message, type: "test" } }, status, headers);

/** A chat completion as servers send it. */
export function completion(
  text: string | null,
  changes: { logprobs?: unknown; finish?: string | null; usage?: unknown } = {},
): object {
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    model: "test-model",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: text },
        finish_reason: changes.finish === undefined ? "stop" : changes.finish,
        logprobs: changes.logprobs ?? null,
      },
    ],
    usage: changes.usage ?? { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 },
  };
}

/** What keeps tests short: no jitter, so only `Retry-After` makes anybody wait. */
export const QUICK = { random: () => 0, key: null } as const;

export const hello = (
  seed: number,
): { model: string; messages: { role: "user"; content: string }[]; seed: number } => ({
  model: "test-model",
  messages: [{ role: "user", content: "hello" }],
  seed,
});
