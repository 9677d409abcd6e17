/** A chat completion from a reply that is not a stream, or was not asked to be one. */
import { z } from "zod";
import { chatAnswer, choiceError, type ChatAnswer, type ChatRequest } from "./chat.js";
import { completionSchema } from "./completion.js";
import { EndpointError } from "./error.js";
import { excerpt } from "./excerpt.js";
import type { Reply } from "./exchange.js";
import { checked, readJson, type Reading } from "./reply.js";
import { errorIn } from "./said.js";
import { readStream } from "./stream.js";

/** Its shape is looked at later. */
const anything = z.unknown();
const WHAT = "a chat completion";
/** Tries of a request that a server breaks off: most faults of this kind pass. */
const FEW = 3;

/**
 * @param onBroken hears an answer that the server broke off; the error that is thrown then may be tried again
 * @throws {EndpointError} for what is no completion; for an error in place of one, with what it means
 */
export async function readCompletion(
  reply: Reply,
  request: ChatRequest,
  from: Reading,
  onBroken: (answer: ChatAnswer) => void,
): Promise<ChatAnswer> {
  // Some gateways stream whatever they are asked.
  if (/^text\/event-stream\b/i.test(reply.contentType)) {
    return unlessBroken(await readStream(reply, request, from, () => undefined), from, onBroken);
  }
  const value = await readJson(reply, WHAT, anything, from);
  if (hasNoChoice(value)) throw withoutChoice(value, reply.status, from);
  const completion = checked(value, WHAT, completionSchema, from, reply.status);
  return unlessBroken(chatAnswer(completion, request, from), from, onBroken, choiceError(completion));
}

/** The answer, unless its server broke off. */
export function unlessBroken(
  answer: ChatAnswer,
  { url }: Reading,
  onBroken: (answer: ChatAnswer) => void,
  said?: string,
): ChatAnswer {
  const { outcome } = answer;
  if (outcome !== "error" && outcome !== "abort") return answer;
  onBroken({ ...answer, ...(said !== undefined && { error: said }) });
  throw new EndpointError(`${url}: the server broke the answer off (${said ?? outcome})`, {
    fault: "broken",
    url,
    retry: true,
    ambiguous: true,
    tries: FEW,
  });
}

function hasNoChoice(value: unknown): boolean {
  if (typeof value !== "object" || value === null || errorIn(value) !== undefined) return false;
  const { choices, id, object } = value as Readonly<Record<string, unknown>>;
  if (Array.isArray(choices)) return choices.length === 0;
  return choices === null || (choices === undefined && (id !== undefined || object !== undefined));
}

function withoutChoice(value: unknown, status: number, { url, key }: Reading): EndpointError {
  const found = excerpt(key?.hide(JSON.stringify(value)) ?? JSON.stringify(value), 160);
  return new EndpointError(`${url}: status ${status}: expected ${WHAT}, found one without a choice: ${found}`, {
    fault: "reply",
    url,
    status,
    retry: true,
    ambiguous: true,
    tries: FEW,
  });
}
