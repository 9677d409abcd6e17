/** One line's value as a conversation: what is taken, and what is refused. */
import type { Message } from "../../model/index.js";
import type { Conversation } from "../conversation.js";
import { A_NEW_FILE, THE_FILE } from "./cure.js";
import { formOf } from "./forms.js";
import type { JsonPath } from "./json-scan.js";
import { requireTrained, silencedBy } from "./loss-keys.js";
import { describeValue, quoted } from "./problem.js";
import { isObject, Refusal, refuse, type HearNote, type Json, type RowFault, type Rules } from "./refusal.js";

const MESSAGE_KEYS: ReadonlySet<string> = new Set(["role", "content"]);
const TOOL_KEYS = ["tool_calls", "tool_call_id", "function_call"];
const API_KEYS: ReadonlySet<string> = new Set(["tools", "functions", "parallel_tool_calls"]);

/** What an assistant thought before it answered: to train on the answer alone would teach not to think. */
const THOUGHT_KEYS = ["thinking", "reasoning", "reasoning_content", "thoughts"];
const MEANT_KEYS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    THOUGHT_KEYS.map((key) => [
      key,
      `Choose what becomes of it: askew dataset convert ${THE_FILE} --thinking keep (or drop) --out ${A_NEW_FILE}`,
    ]),
  ),
  refusal: "Write what the assistant said as its content.",
  images: "askew trains on text: leave rows with images out.",
  audio: "askew trains on text: leave rows with sound out.",
  prefix: "askew has the whole answer learned: take the key out.",
};

/** In Unicode mode a whole pair is one character, and no surrogate. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** The conversation in a parsed line, or its first fault. Under `api` only its texts are told: no tools, no images. */
export function conversationOf(
  value: unknown,
  rules: Rules = "askew",
  onNote: HearNote = () => {},
): Conversation | RowFault {
  try {
    return conversation(value, rules, onNote);
  } catch (error) {
    if (error instanceof Refusal) return error.fault;
    throw error;
  }
}

export const isFault = (found: Conversation | RowFault): found is RowFault => "path" in found;

function conversation(value: unknown, rules: Rules, onNote: HearNote): Conversation {
  const messages = isObject(value) ? value["messages"] : undefined;
  if (!isObject(value) || !Array.isArray(messages)) {
    const form = formOf(value);
    const found = messages === undefined ? describeValue(value) : describeValue(messages);
    const path = messages === undefined ? [] : ["messages"];
    const expected = isObject(value) ? '"messages", a list' : 'an object with "messages"';
    const fault = { kind: "shape", path, expected, found } as const;
    if (form === undefined) throw new Refusal(fault);
    const { about, cure } = form;
    throw new Refusal({
      ...fault,
      found: `${found}: ${about}`,
      ...(cure === undefined ? { convert: true } : { cure }),
    });
  }
  const extra = extraOf(value, rules, onNote);
  if (messages.length === 0) refuse("shape", ["messages"], "at least a user and an assistant message", "an empty list");
  const read = messages.flatMap((message: unknown, i) => messageOf(message, ["messages", i], rules, onNote) ?? []);
  checkOrder(read, rules);
  return {
    messages: read.flatMap(({ role, content }) => (role === "tool" ? [] : [{ role, content }])),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}

/** What stands beside the messages: it says nothing of what is learned, and is carried. */
function extraOf(value: Json, rules: Rules, onNote: HearNote): Json {
  const extra: Record<string, unknown> = {};
  for (const [key, said] of Object.entries(value)) {
    if (key === "messages") continue;
    if (isAbsent(said)) {
      onNote(ABSENT);
      continue;
    }
    if (API_KEYS.has(key)) {
      if (rules === "askew") refuse("unsupported", [key], "messages alone", `"${key}"`, LEAVE_OUT);
      continue;
    }
    if (key === "weight" && said !== 1)
      refuse("unsupported", [key], '"weight" to be 1', describeValue(said), WHOLE_ROWS);
    onNote(`${quoted(key, 40)} beside messages is carried, not read; a fine-tuning API may refuse it`);
    // A row may bring any name; only a defined property is safe for all of them.
    Object.defineProperty(extra, key, { value: said, enumerable: true, configurable: true, writable: true });
  }
  return extra;
}

const WHOLE_ROWS = "askew trains on every row alike: leave such rows out, or repeat those that count more.";

interface ReadMessage {
  readonly role: Message["role"] | "tool";
  readonly content: string;
  /** Its place in the row, where some before it were left out. */
  readonly at: number;
}

/** Undefined for a system message that says nothing. */
function messageOf(message: unknown, path: JsonPath, rules: Rules, onNote: HearNote): ReadMessage | undefined {
  if (!isObject(message)) refuse("shape", path, 'a message: {"role":…,"content":…}', describeValue(message));
  const role = roleOf(message, path, rules);
  const calls = TOOL_KEYS.some((key) => !isAbsent(message[key]));
  for (const [key, said] of Object.entries(message)) {
    const at = [...path, key];
    if (MESSAGE_KEYS.has(key)) continue;
    if (isAbsent(said)) {
      onNote(ABSENT);
      continue;
    }
    const cure = Object.hasOwn(MEANT_KEYS, key) ? MEANT_KEYS[key] : undefined;
    if (TOOL_KEYS.includes(key)) {
      if (rules === "askew") refuse("unsupported", at, "text alone", `"${key}"`, LEAVE_OUT);
    } else if (cure !== undefined && said !== false && said !== "") {
      throw new Refusal({
        kind: "key",
        path: at,
        expected: "a message of role and content",
        found: `${quoted(key)}, which changes what is learned`,
        cure,
      });
    } else if (!silencedBy(key, said, { role, at, rules, onNote }) && cure === undefined) {
      const known = key === "name" ? "" : "; a fine-tuning API may refuse it";
      onNote(`${quoted(key, 40)} in messages is passed over${known}`);
    }
  }
  if (role === "system" && message["content"] === "") {
    onNote("empty system messages are left out", true);
    return undefined;
  }
  return { role, content: contentOf(message, { role, calls, path, rules }), at: Number(path.at(-1)) };
}

const LEAVE_OUT = "askew trains on text: leave rows with tools out.";

const ABSENT = "keys with nothing in them (null, []) count as absent";

/** Null, and what stands for nothing: no calls, no annotations. */
const isAbsent = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

function roleOf(message: Json, path: JsonPath, rules: Rules): ReadMessage["role"] {
  const { role } = message;
  if (role === "system" || role === "user" || role === "assistant") return role;
  if (role === "developer") return "system"; // what some APIs call it now
  const at = role === undefined ? path : [...path, "role"];
  if (role === "tool" || role === "function") {
    if (rules === "api") return "tool";
    refuse("unsupported", at, "the role system, user or assistant", quoted(role), LEAVE_OUT);
  }
  const found = role === undefined ? "no role" : describeValue(role);
  const isForeign = role === "model" || role === "human" || "author" in message || "from" in message;
  const fault = { kind: "role", path: at, expected: "the role system, user or assistant", found } as const;
  throw new Refusal(isForeign ? { ...fault, convert: true } : fault);
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
  const text = Array.isArray(content) ? textOfParts(content, role, at, rules) : content;
  if (typeof text !== "string") {
    const found = content === undefined ? "no content" : describeValue(content);
    const fault = { kind: "content", path: at, expected: "content, a text", found } as const;
    const isForeign = typeof content === "number" || (isObject(content) && Array.isArray(content["parts"]));
    throw new Refusal(isForeign ? { ...fault, convert: true } : fault);
  }
  if (text.trim() === "" && !Array.isArray(content) && role !== "tool") {
    refuse("content", at, "content that says something", text === "" ? "an empty text" : "white space alone");
  }
  if (LONE_SURROGATE.test(text))
    refuse("content", at, "Unicode text", "half of a surrogate pair", "Write it as UTF-8.");
  return text;
}

/** A list of parts: texts are put together, anything else only an API can train on. */
function textOfParts(parts: readonly unknown[], role: ReadMessage["role"], path: JsonPath, rules: Rules): string {
  if (parts.length === 0) refuse("content", path, "content that says something", "an empty list");
  const texts = parts.map((part, i) => {
    if (!isObject(part) || typeof part["type"] !== "string") {
      refuse("content", [...path, i], 'a part: {"type":"text","text":…}', describeValue(part));
    }
    if (part["type"] === "text") {
      const { text } = part;
      requireTrained(part, role, [...path, i]);
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
  if (messages.length === 0) {
    refuse("shape", ["messages"], "at least a user and an assistant message", "an empty system message alone");
  }
  const turns = messages[0]?.role === "system" ? 1 : 0;
  for (const [i, { role, at }] of messages.entries()) {
    if (role === "system" && i > 0 && rules === "askew") {
      refuse("order", ["messages", at, "role"], "a system message only at the beginning", `one as message ${at + 1}`);
    }
    if (rules === "api" || i < turns) continue;
    const due = (i - turns) % 2 === 0 ? "user" : "assistant";
    if (role !== due) {
      const after = i === turns ? "at the beginning" : `after the ${messages[i - 1]?.role} message`;
      const fault = {
        kind: "order",
        path: ["messages", at, "role"],
        expected: `the ${due}'s message ${after}`,
      } as const;
      // Turns of one role in a row can be joined.
      const isAgain = i > turns && role === messages[i - 1]?.role;
      throw new Refusal({ ...fault, found: `the ${role}'s`, ...(isAgain && { convert: true }) });
    }
  }
  const last = messages.at(-1);
  if (last?.role !== "assistant") {
    throw new Refusal({
      kind: "order",
      path: ["messages", last?.at ?? 0],
      expected: "the assistant's message at the end",
      found: `the ${last?.role}'s`,
      ...(messages.some(({ role }) => role === "assistant") && { convert: true }),
    });
  }
}
