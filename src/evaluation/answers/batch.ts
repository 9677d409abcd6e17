/**
 * Answers of a batch, as OpenAI's batch API and its kin write them: the output has no questions in it, so each answer is
 * put beside the request of its `custom_id` in the file that the batch was made of.
 */
import { readRowsOf } from "../../dataset/index.js";
import { answersOfCompletion, saysModerated } from "../../endpoint/index.js";
import type { Message } from "../../model/index.js";
import { AnswerFileError } from "./error.js";

type Values = Readonly<Record<string, unknown>>;
export type BatchRequests = ReadonlyMap<string, readonly Message[]>;

/** What the batch API itself takes is a quarter of it. */
const MOST_REQUESTS = 200_000;

const ROLES: Readonly<Record<string, Message["role"]>> = {
  system: "system",
  developer: "system",
  user: "user",
  assistant: "assistant",
};

/** Whether a row is of a batch's output. */
export const isBatchAnswer = ({ custom_id: id, response, error }: Values): boolean =>
  id !== undefined && (isObject(response) || isObject(error)) && (response !== undefined || error !== undefined);

/** @throws {AnswerFileError} what is no request of a chat completion, with its line */
export async function readBatchRequests(path: string): Promise<BatchRequests> {
  const requests = new Map<string, readonly Message[]>();
  for await (const rows of readRowsOf(path)) {
    for (const { values, line } of rows) {
      const { custom_id: id, body } = values;
      const messages = isObject(body) ? messagesOf(body["messages"]) : undefined;
      if (typeof id !== "string" || messages === undefined) {
        throw new AnswerFileError(
          `${path}, line ${line}: expected a request of a batch: {"custom_id": …, "body": {"messages": […]}} with texts as contents, found ${namesIn(values)}.`,
        );
      }
      if (requests.has(id)) {
        throw new AnswerFileError(`${path}, line ${line}: a second request with the custom_id ${shown(id)}.`);
      }
      requests.set(id, messages);
      if (requests.size > MOST_REQUESTS) throw new AnswerFileError(`${path}: more than ${MOST_REQUESTS} requests.`);
    }
  }
  return requests;
}

/** One row for each choice, under the names that askew's own rows have; a request that failed is an outcome. */
export function* batchAnswers(values: Values, where: string, requests: BatchRequests | undefined): Generator<Values> {
  const { custom_id: id, response, error } = values;
  if (requests === undefined) {
    throw new AnswerFileError(
      `${where}: the output of a batch, which has no questions in it. Name the file that the batch was made of: --requests FILE.`,
    );
  }
  const messages = typeof id === "string" ? requests.get(id) : undefined;
  if (messages === undefined) {
    throw new AnswerFileError(`${where}: no request has the custom_id ${shown(id)}. Is --requests of another batch?`);
  }
  const { status_code: status = 200, body } = isObject(response) ? response : {};
  const answers = error == null && status === 200 ? answersOfCompletion(body) : undefined;
  if (answers === undefined) {
    const isFilter = typeof status === "number" && saysModerated(status, body ?? error);
    if (error == null && status === 200) {
      const found = isObject(body) ? namesIn(body) : "no body";
      throw new AnswerFileError(`${where}: expected a chat completion as the body of the response, found ${found}.`);
    }
    yield { id, messages, answer: "", outcome: isFilter ? "filter" : "error" };
    return;
  }
  for (const [i, { text, reasoning, outcome, finish, model }] of answers.entries()) {
    yield {
      id: answers.length === 1 ? id : `${String(id)}/${i}`,
      messages,
      answer: text,
      finish,
      ...(reasoning !== undefined && { reasoning }),
      ...(outcome && { outcome }),
      ...(model !== undefined && { model }),
    };
  }
}

/** Contents in parts are joined; anything but text is no message. */
function messagesOf(value: unknown): Message[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const messages = (value as unknown[]).map((turn): Message | undefined => {
    if (!isObject(turn)) return undefined;
    const { role, content } = turn;
    const known = typeof role === "string" && Object.hasOwn(ROLES, role) ? ROLES[role] : undefined;
    const text = textOf(content);
    return known === undefined || text === undefined ? undefined : { role: known, content: text };
  });
  return messages.every((message) => message !== undefined) ? messages : undefined;
}

function textOf(content: unknown): string | undefined {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return undefined;
  const texts = (content as unknown[]).map((part) => (isObject(part) ? part["text"] : undefined));
  return texts.every((text) => typeof text === "string") ? texts.join("") : undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const namesIn = (values: Values): string => Object.keys(values).slice(0, 12).join(", ") || "nothing";
const shown = (id: unknown): string => (JSON.stringify(id) ?? "none").slice(0, 80);
