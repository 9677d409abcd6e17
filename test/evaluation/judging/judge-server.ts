// A real HTTP server that speaks chat completions and judges as a test tells it to.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly temperature?: number;
  readonly max_tokens?: number;
  readonly seed?: number;
  readonly logprobs?: boolean;
  readonly top_logprobs?: number;
}

/** What the server says: its tokens, and for the first of them the probabilities of what it could have said. */
export interface Said {
  readonly tokens: readonly string[];
  readonly top?: Readonly<Record<string, number>>;
  /** In place of a reply. */
  readonly status?: number;
  /** Milliseconds before the reply. */
  readonly after?: number;
}

export interface JudgeServer {
  /** `http://127.0.0.1:…/v1#judge` */
  readonly name: string;
  readonly requests: readonly Asked[];
  close(): Promise<void>;
}

/** @param logprobs whether the server tells log-probabilities at all */
export async function judgeServer(
  say: (content: string, asked: Asked, count: number) => Said,
  { logprobs = true, model = "judge" } = {},
): Promise<JudgeServer> {
  const requests: Asked[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const reply = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (request.url !== "/v1/chat/completions") return reply(404, { error: { message: "there is no such thing" } });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const asked = JSON.parse(Buffer.concat(chunks).toString()) as Asked;
    const content = asked.messages.at(-1)?.content ?? "";
    requests.push(asked);
    const { tokens, top = {}, status, after } = say(content, asked, requests.length);
    if (after !== undefined && after > 0) await new Promise((resolve) => setTimeout(resolve, after));
    if (status !== undefined) return reply(status, { error: { message: `status ${status} was asked for` } });
    const longest = asked.max_tokens ?? Infinity;
    const said = tokens.slice(0, longest);
    const content0 = said.map((token, i) => ({
      token,
      logprob: i === 0 ? Math.log(top[token] ?? 1) : 0,
      top_logprobs: i === 0 ? Object.entries(top).map(([other, p]) => ({ token: other, logprob: Math.log(p) })) : [],
    }));
    reply(200, {
      model,
      choices: [
        {
          message: { role: "assistant", content: said.join("") },
          finish_reason: tokens.length > longest ? "length" : "stop",
          ...(logprobs && asked.logprobs === true && { logprobs: { content: content0 } }),
        },
      ],
      usage: { prompt_tokens: content.split(/\s+/).length, completion_tokens: said.length },
    });
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    name: `http://127.0.0.1:${port}/v1#${model}`,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
