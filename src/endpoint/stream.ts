/** Chat completions as a stream of server-sent events. */
import { createParser } from "eventsource-parser";
import { z } from "zod";
import { assemble, type ChatAnswer, type ChatRequest } from "./chat.js";
import { messageSchema, readUsage, spoken, usageSchema } from "./completion.js";
import { EndpointError } from "./error.js";
import { excerpt } from "./excerpt.js";
import { serverError, type Reply } from "./exchange.js";
import { readLogProbabilities, type TokenChoice } from "./log-probabilities.js";
import { checked, parse, type Reading } from "./reply.js";
import { excessOf } from "./json-bounds.js";
import { errorIn } from "./said.js";

const chunkSchema = z.object({
  model: z.string().nullish().catch(undefined),
  choices: z
    .array(
      z.object({
        delta: messageSchema.nullish(),
        finish_reason: z.string().nullish(),
        logprobs: z.unknown().optional(),
        error: z.unknown().optional(),
      }),
    )
    .nullish(),
  usage: usageSchema,
  error: z.unknown().optional(),
});

/**
 * Reads a stream to its end. `onText` hears the answer piece by piece; what could be the beginning of an echoed key is
 * held back until it is certain.
 * @throws {EndpointError} when the stream stops before the answer is finished, or sends something else
 */
export async function readStream(
  reply: Reply,
  request: ChatRequest,
  from: Reading,
  onText: (text: string) => void,
): Promise<ChatAnswer> {
  const { url, key, mostBytes } = from;
  if (!/^text\/event-stream\b/i.test(reply.contentType)) {
    throw failure(
      from,
      reply.status,
      `a stream of events, found ${excerpt(reply.contentType, 60) || "no content type"}`,
    );
  }
  let text = "";
  let [thoughts, refusal, hasToolCalls] = ["", "", false];
  let told = 0;
  let reason: string | undefined;
  let model: string | undefined;
  let usage: ChatAnswer["usage"];
  let choices: TokenChoice[] | undefined = request.alternatives === undefined ? undefined : [];
  let done = false;
  let problem: EndpointError | undefined;

  const tell = (all: boolean): void => {
    text = key?.hide(text) ?? text;
    const safe = text.length - (all ? 0 : (key?.beginsAtEndOf(text) ?? 0));
    if (safe > told) onText(text.slice(told, safe));
    told = Math.max(told, safe);
  };
  const hear = (data: string): void => {
    if (data.trim() === "[DONE]") return void (done = true);
    const excess = excessOf(data);
    if (excess !== undefined) {
      problem = failure(from, reply.status, `a piece of a chat completion, found ${excess}`);
      return;
    }
    const value = parse(key?.hide(data) ?? data);
    if (value === undefined) {
      problem = failure(from, reply.status, `JSON in every event, found ${excerpt(key?.hide(data) ?? data, 120)}`);
      return;
    }
    const failed = errorIn(value);
    if (failed !== undefined) {
      problem = serverError(url, reply.status, failed, from);
      return;
    }
    const chunk = checked(value, "a piece of a chat completion", chunkSchema, from, reply.status);
    model ??= chunk.model ?? undefined;
    usage = readUsage(chunk.usage) ?? usage;
    const choice = chunk.choices?.[0];
    if (choice === undefined) return;
    const said = choice.delta == null ? undefined : spoken(choice.delta);
    const piece = said?.text ?? "";
    text += piece;
    thoughts += said?.thoughts ?? "";
    refusal += said?.refusal ?? "";
    hasToolCalls ||= said?.hasToolCalls ?? false;
    if (choice.error !== undefined && choice.error !== null) reason = "error";
    reason = choice.finish_reason ?? reason;
    if (choices !== undefined && choice.logprobs != null) {
      const more = readLogProbabilities(choice.logprobs, key);
      // A last piece often has an empty list; a token without its log-probability makes them worth nothing.
      if (more !== undefined) choices.push(...more);
      else if (piece !== "") choices = undefined;
    } else if (piece !== "") choices = undefined;
    tell(false);
  };

  const parser = createParser({
    maxBufferSize: mostBytes,
    onEvent: ({ data }) => {
      if (problem === undefined && !done) hear(data);
    },
    onError: ({ type, message }) => {
      if (type === "max-buffer-size-exceeded") {
        problem ??= failure(from, reply.status, `events of at most ${mostBytes} bytes, found a larger one`);
      } else problem ??= failure(from, reply.status, `server-sent events, found ${excerpt(message, 120)}`);
    },
  });
  const decoder = new TextDecoder();
  let size = 0;
  for await (const chunk of reply.body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes)
      throw failure(from, reply.status, `a stream of at most ${mostBytes} bytes, found a larger one`);
    parser.feed(decoder.decode(chunk, { stream: true }));
    if (problem !== undefined) throw problem;
    if (done) break;
  }
  if (!done && reason === undefined) {
    throw new EndpointError(`${url}: the stream stopped in the middle of the answer`, {
      fault: "reply",
      url,
      status: reply.status,
      retry: true,
      ambiguous: true,
    });
  }
  tell(true);
  const known = choices !== undefined && choices.length > 0 ? choices : undefined;
  const all = { text, thoughts, refusal, hasToolCalls };
  return assemble({ spoken: all, reason, choices: known, usage, model, maxTokens: request.maxTokens, key });
}

function failure({ url }: Reading, status: number, expected: string): EndpointError {
  return new EndpointError(`${url}: status ${status}: expected ${expected}`, {
    fault: "reply",
    url,
    status,
    ambiguous: true,
  });
}
