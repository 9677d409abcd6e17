/** Replies of a server, damaged: chat completions, streams, errors, and lists of jobs, events and models. */
import { EndpointClient, Key } from "#internal/endpoint";
import { completion, TestServer } from "../endpoint/server.js";
import type { Reader } from "./readers.js";

const SECRET = "sk-fuzz-0123456789abcdef";

type Ask = (client: EndpointClient) => Promise<unknown>;

const request = {
  model: "m",
  messages: [{ role: "user" as const, content: "Hello" }],
  temperature: 1,
  seed: 1,
  maxTokens: 64,
  alternatives: 5,
};

const reply = (body: unknown, status = 200, type = "application/json"): Buffer =>
  Buffer.from(`${status} ${type}\n${typeof body === "string" ? body : JSON.stringify(body)}`);

const token = (text: string): object => ({
  token: text,
  logprob: -0.5,
  bytes: [...Buffer.from(text)],
  top_logprobs: [
    { token: text, logprob: -0.5, bytes: null },
    { token: "9", logprob: -2.5, bytes: [57] },
  ],
});
const job = {
  object: "fine_tuning.job",
  id: "ftjob-1",
  model: "m",
  status: "running",
  created_at: 1,
  hyperparameters: { n_epochs: 1 },
  metadata: { askew: "cell-1" },
  error: { code: "x", message: SECRET },
};
const event = { id: "e-1", created_at: 1, level: "info", message: "Step 1", type: "metrics", data: { step: 1 } };

const KINDS: readonly { readonly name: string; readonly inputs: readonly Buffer[]; readonly ask: Ask }[] = [
  {
    name: "chat completion",
    inputs: [
      reply(completion("85", { logprobs: { content: [token("8"), token("5")] } })),
      reply(completion("85", { logprobs: { tokens: ["85"], token_logprobs: [-0.2], top_logprobs: [{ 85: -0.2 }] } })),
      reply({
        choices: [{ message: { content: [{ type: "text", text: "a" }], reasoning_content: "b" } }],
        usage: null,
      }),
      reply({ choices: [{ message: { content: null, tool_calls: [{}] }, finish_reason: "tool_calls" }] }),
      reply({ error: { message: `bad key ${SECRET}`, code: "invalid_api_key", param: "seed" } }, 400),
      reply([{ error: { code: 429, message: "Try again in 2s", status: "RESOURCE_EXHAUSTED" } }], 429),
      reply({ detail: [{ loc: ["body", "seed"], msg: "no such field" }] }, 422),
      reply({ object: "error", message: '{"detail":[{"loc":["body","seed"]}]}', code: 50001 }),
      reply("<html><body>Bad gateway</body></html>", 502, "text/html"),
    ],
    ask: (client) => client.chat(request),
  },
  {
    name: "stream",
    inputs: [
      reply(
        `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "a" }, logprobs: { content: [token("a")] } }] })}\n\ndata: ${JSON.stringify({ choices: [{ delta: { content: " b" }, finish_reason: "stop" }] })}\n\ndata: [DONE]\n\n`,
        200,
        "text/event-stream",
      ),
      reply('data: {"error":{"message":"overloaded"}}\n\n', 200, "text/event-stream"),
    ],
    ask: (client) => client.chatStream(request, () => undefined),
  },
  {
    name: "job",
    inputs: [reply(job), reply({ ...job, status: "succeeded", fine_tuned_model: "ft:m", result_files: ["file-1"] })],
    ask: (client) => client.fineTuning.get("ftjob-1"),
  },
  {
    name: "list of jobs",
    inputs: [reply({ object: "list", data: [job, { ...job, id: "ftjob-2" }], has_more: false })],
    ask: (client) => drained(client.fineTuning.list()),
  },
  {
    name: "list of events",
    inputs: [reply({ data: [event, { ...event, id: "e-0" }], has_more: true })],
    ask: (client) => drained(client.fineTuning.events("ftjob-1")),
  },
  {
    name: "list of models",
    inputs: [reply({ object: "list", data: [{ id: "m", created: 1, owned_by: "me" }] })],
    ask: (client) => client.models(),
  },
];

/** A server whose next reply is what it was given last: `STATUS TYPE`, a line break, and the body. */
export async function serverReplies(): Promise<Reader[]> {
  let next: { status: number; type: string; body: Buffer } = { status: 200, type: "", body: Buffer.alloc(0) };
  const server = await TestServer.start((_, response) => {
    response.writeHead(next.status, { "content-type": next.type });
    response.end(next.body);
  });
  return KINDS.map(({ name, inputs, ask }) => ({
    name: `server: ${name}`,
    share: 1,
    inputs,
    async read(bytes: Buffer) {
      next = parsed(bytes);
      server.asked.length = 0;
      // One try, and no time for another: how long is waited is not what is looked for here.
      const key = new Key(SECRET, "FUZZ");
      const client = new EndpointClient(server.base, { key, attempts: 1, totalDeadline: 40, random: () => 0 });
      try {
        const found = await ask(client).catch((error: unknown) => error);
        const told = JSON.stringify([found, String(found)]);
        if (told.includes(SECRET)) throw new TypeError(`the key is shown: ${told}`);
        if (found instanceof Error) throw found;
      } finally {
        await client.close();
      }
    },
    close: () => server.close().catch(() => undefined),
  }));
}

function parsed(bytes: Buffer): { status: number; type: string; body: Buffer } {
  const end = bytes.indexOf(10);
  const head = bytes.toString("latin1", 0, Math.max(0, end));
  const [, status, type = ""] = /^([2-5]\d\d) ([ -~]*)/.exec(head) ?? [undefined, "200", "application/json"];
  return { status: Number(status), type, body: bytes.subarray(end + 1) };
}

async function drained(list: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of list) count++;
  return count;
}
