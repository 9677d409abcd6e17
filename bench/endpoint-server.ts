/** A server that answers every chat completion after a while, in a process of its own: endpoint-server DELAY. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const delay = Number(process.argv[2]);
const top = Array.from({ length: 20 }, (_, i) => ({ token: String(i * 5), logprob: -0.5 - i, bytes: null }));

function answer(judging: boolean): string {
  const content = judging ? "85" : "A short answer to the question, as a model would give it. ".repeat(6);
  return JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "bench",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content },
        finish_reason: "stop",
        logprobs: judging ? { content: [{ token: "85", logprob: -0.5, bytes: null, top_logprobs: top }] } : null,
      },
    ],
    usage: { prompt_tokens: 40, completion_tokens: judging ? 1 : 70, total_tokens: judging ? 41 : 110 },
  });
}
const [answered, judged] = [answer(false), answer(true)];

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (text: string) => (body += text));
  request.on("end", () => {
    setTimeout(() => {
      response.setHeader("content-type", "application/json");
      response.end(body.includes('"model":"judge"') ? judged : answered);
    }, delay);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`));
