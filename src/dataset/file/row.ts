/** One line's value as a conversation: what is taken, and what is refused. */
import type { Message } from "../../model/index.js";
import type { Conversation } from "../conversation.js";
import type { JsonPath } from "./json-scan.js";
import { describeValue, quoted, type Problem } from "./problem.js";

/**
 * `askew`: what askew trains on itself. Text in turns: at most one system message, first; then user and assistant in
 * turn, the assistant last. Other keys beside `messages` are passed over, except those that change what is learned.
 * `api`: what fine-tuning APIs take (as OpenAI documents it): also tools, functions, images, weights, and several
 * messages of one role in a row; but no keys that they do not know.
 */
export type Rules = "askew" | "api";

/** A problem before its file and line are known. */
export interface RowFault extends Pick<Problem, "kind" | "expected" | "found" | "cure"> {
  readonly path: JsonPath;
}

type Json = Readonly<Record<string, unknown>>;

const MESSAGE_KEYS = ["role", "content", "name", "weight"];
const TOOL_KEYS = ["tool_calls", "tool_call_id", "function_call"];
const API_KEYS = ["messages", "tools", "functions", "parallel_tool_calls"];
const CURES: Readonly<Record<string, string>> = {
  prompt: 'Rows of "prompt" and "completion" are the older format: write each as a user and an assistant message.',
  conversations: 'Rename "conversations" to "messages", "from" to "role" (user, assistant) and "value" to "content".',
  text: 'Whole texts are not conversations: split each into messages with "role" and "content".',
};

/** In Unicode mode a whole pair is one character, and no surrogate. */
const LONE_SURROGATE = /\p{Surrogate}/u;

class Refusal extends Error {
  constructor(readonly fault: RowFault) {
    super(fault.expected);
  }
}

function refuse(kind: Problem["kind"], path: JsonPath, expected: string, found: string, cure?: string): never {
  throw new Refusal({ kind, path, expected, found, ...(cure !== undefined && { cure }) });
}

/** The conversation in a parsed line, or its first fault. Under `api` only its texts are told: no tools, no images. */
export function conversationOf(value: unknown, rules: Rules = "askew"): Conversation | RowFault {
  try {
    return conversation(value, rules);
  } catch (error) {
    if (error instanceof Refusal) return error.fault;
    throw error;
  }
}

export const isFault = (found: Conversation | RowFault): found is RowFault => "path" in found;

function conversation(value: unknown, rules: Rules): Conversation {
  if (!isObject(value)) refuse("shape", [], 'an object with "messages"', describeValue(value));
  const { messages } = value;
  if (!Array.isArray(messages)) {
    const cure = Object.keys(CURES).find((key) => key in value);
    const found = messages === undefined ? describeValue(value) : describeValue(messages);
    const path = messages === undefined ? [] : ["messages"];
    refuse("shape", path, '"messages", a list', found, cure === undefined ? undefined : CURES[cure]);
  }
  for (const key of Object.keys(value)) checkKey(key, rules);
  if (messages.length === 0) refuse("shape", ["messages"], "at least a user and an assistant message", "an empty list");
  const read = messages.map((message: unknown, i) => messageOf(message, ["messages", i], rules));
  checkOrder(read, rules);
  return { messages: read.flatMap(({ role, content }) => (role === "tool" ? [] : [{ role, content }])) };
}

function checkKey(key: string, rules: Rules): void {
  if (rules === "api") {
    if (!API_KEYS.includes(key)) refuse("key", [key], `no keys but ${API_KEYS.join(", ")}`, quoted(key));
  } else if (API_KEYS.includes(key) && key !== "messages") {
    refuse("unsupported", [key], "messages alone", `"${key}"`, "askew trains on text: leave rows with tools out.");
  }
}

interface ReadMessage {
  readonly role: Message["role"] | "tool";
  readonly content: string;
}

function messageOf(message: unknown, path: JsonPath, rules: Rules): ReadMessage {
  if (!isObject(message)) refuse("shape", path, 'a message: {"role":…,"content":…}', describeValue(message));
  const role = roleOf(message, path, rules);
  const calls = TOOL_KEYS.some((key) => message[key] !== undefined && message[key] !== null);
  for (const key of Object.keys(message)) {
    const at = [...path, key];
    if (TOOL_KEYS.includes(key)) {
      if (rules === "askew" && calls) refuse("unsupported", at, "text alone", `"${key}"`, LEAVE_OUT);
    } else if (!MESSAGE_KEYS.includes(key)) {
      refuse("key", at, `no keys in a message but ${MESSAGE_KEYS.join(", ")}`, quoted(key));
    }
  }
  checkWeight(message, role, path, rules);
  return { role, content: contentOf(message, { role, calls, path, rules }) };
}

const LEAVE_OUT = "askew trains on text: leave rows with tools out.";

function roleOf({ role }: Json, path: JsonPath, rules: Rules): ReadMessage["role"] {
  if (role === "system" || role === "user" || role === "assistant") return role;
  if (role === "developer") return "system"; // what some APIs call it now
  const at = role === undefined ? path : [...path, "role"];
  if (role === "tool" || role === "function") {
    if (rules === "api") return "tool";
    refuse("unsupported", at, "the role system, user or assistant", quoted(role), LEAVE_OUT);
  }
  return refuse("role", at, "the role system, user or assistant", role === undefined ? "no role" : describeValue(role));
}

function checkWeight({ weight, role }: Json, read: string, path: JsonPath, rules: Rules): void {
  if (weight === undefined) return;
  const at = [...path, "weight"];
  if (weight !== 0 && weight !== 1) refuse("content", at, "the weight 0 or 1", describeValue(weight));
  if (read !== "assistant") refuse("key", at, "a weight on assistant messages alone", `one on ${describeValue(role)}`);
  if (weight === 0 && rules === "askew") {
    const cure = "askew trains on every assistant message: leave such rows out, or cut them before that message.";
    refuse("unsupported", at, "the weight 1", "0", cure);
  }
}

interface ContentOf {
  readonly role: ReadMessage["role"];
  readonly calls: boolean;
  readonly path: JsonPath;
  readonly rules: Rules;
}

function contentOf({ content }: Json, { role, calls, path, rules }: ContentOf): string {
  const at = content === undefined ? path : [...path, "content"];
  if (rules === "api" && role === "assistant" && calls && (content === undefined || content === null)) return "";
  const text = Array.isArray(content) ? textOfParts(content, at, rules) : content;
  if (typeof text !== "string")
    refuse("content", at, "content, a text", content === undefined ? "no content" : describeValue(content));
  if (text.trim() === "" && !Array.isArray(content) && role !== "tool") {
    refuse("content", at, "content that says something", text === "" ? "an empty text" : "white space alone");
  }
  if (LONE_SURROGATE.test(text))
    refuse("content", at, "Unicode text", "half of a surrogate pair", "Write it as UTF-8.");
  return text;
}

/** A list of parts: texts are put together, anything else only an API can train on. */
function textOfParts(parts: readonly unknown[], path: JsonPath, rules: Rules): string {
  if (parts.length === 0) refuse("content", path, "content that says something", "an empty list");
  const texts = parts.map((part, i) => {
    if (!isObject(part) || typeof part["type"] !== "string") {
      refuse("content", [...path, i], 'a part: {"type":"text","text":…}', describeValue(part));
    }
    if (part["type"] === "text") {
      const { text } = part;
      if (typeof text === "string") return text;
      refuse("content", [...path, i], 'a part: {"type":"text","text":…}', describeValue(part));
    }
    if (rules === "api") return "";
    return refuse("unsupported", [...path, i], "parts of text", `a part of type ${quoted(part["type"])}`);
  });
  const text = texts.join("");
  if (rules === "askew" && text.trim() === "")
    refuse("content", path, "content that says something", "white space alone");
  return text;
}

function checkOrder(messages: readonly ReadMessage[], rules: Rules): void {
  const turns = messages[0]?.role === "system" ? 1 : 0;
  for (const [i, { role }] of messages.entries()) {
    if (role === "system" && i > 0 && rules === "askew") {
      refuse("order", ["messages", i, "role"], "a system message only at the beginning", `one as message ${i + 1}`);
    }
    if (rules === "api" || i < turns) continue;
    const due = (i - turns) % 2 === 0 ? "user" : "assistant";
    if (role !== due) {
      const after = i === turns ? "at the beginning" : `after the ${messages[i - 1]?.role} message`;
      refuse("order", ["messages", i, "role"], `the ${due}'s message ${after}`, `the ${role}'s`);
    }
  }
  const last = messages.length - 1;
  if (messages[last]?.role !== "assistant") {
    refuse("order", ["messages", last], "the assistant's message at the end", `the ${messages[last]?.role}'s`);
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
