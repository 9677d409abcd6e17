/** One row of another form as a conversation; what had to be changed for it is told. */
import { withoutThoughts } from "../../text/index.js";
import { formOf } from "../file/forms.js";
import { describeValue, quoted } from "../file/problem.js";
import { isObject, Refusal, refuse, type Json, type RowFault } from "../file/refusal.js";
import { turnsOf, type Preferred } from "./turns.js";

export interface RowOptions {
  /** Of rows of preferences; default chosen. */
  readonly answer?: Preferred;
  /** What becomes of thoughts: into the answer between think tags, or nowhere. Refused unless it is said. */
  readonly thinking?: "keep" | "drop" | undefined;
}

export interface Converted {
  readonly messages: readonly Json[];
  readonly extra: Json;
  /** What was changed, in words that are the same for every row. */
  readonly changes: readonly string[];
}

const ROLES: Readonly<Record<string, string>> = {
  system: "system",
  developer: "system",
  user: "user",
  human: "user",
  prompter: "user",
  instruction: "user",
  customer: "user",
  assistant: "assistant",
  gpt: "assistant",
  chatgpt: "assistant",
  model: "assistant",
  bot: "assistant",
  ai: "assistant",
  chatbot: "assistant",
  agent: "assistant",
};

const THOUGHTS = ["thinking", "reasoning", "reasoning_content", "thoughts"] as const;
const LOSS = ["weight", "train", "trainable", "loss", "loss_weight"] as const;
const TOOLS: ReadonlySet<string> = new Set(["tool", "function", "observation", "function_call", "function_response"]);
/** Where a turn says whose it is and what it says. */
const TURN_KEYS: ReadonlySet<string> = new Set(["role", "from", "author", "content", "value", "parts", "text"]);

export function convertRow(value: unknown, options: RowOptions = {}): Converted | RowFault {
  try {
    return converted(value, options);
  } catch (error) {
    if (error instanceof Refusal) return error.fault;
    throw error;
  }
}

export const isConverted = (found: Converted | RowFault): found is Converted => "changes" in found;

function converted(value: unknown, options: RowOptions): Converted {
  const hasMessages = isObject(value) && Array.isArray(value["messages"]);
  const form = hasMessages ? undefined : formOf(value);
  if (!hasMessages && form === undefined) {
    refuse("shape", [], "a conversation in a form that is known", describeValue(value), KNOWN_FORMS);
  }
  const changes = new Set<string>();
  if (form !== undefined) changes.add(`${form.about} became messages`);
  if (form?.name === "preference") changes.add(`the ${options.answer ?? "chosen"} answer is taken`);
  const read = turnsOf(value, form, options.answer ?? "chosen").map((turn, i) =>
    messageOf(turn, ["messages", i], options, changes),
  );
  if (form?.name === "prompt and completion" && isPadded((value as Json)[form.keys[1] as string])) {
    changes.add("white space around completions is left out");
  }
  const spoken = read.filter(({ role, content }, i) => i > 0 || role !== "system" || content !== "");
  if (spoken.length < read.length) changes.add("empty system messages are left out");
  const taken = new Set(form === undefined ? ["messages"] : form.keys);
  const beside = isObject(value) ? Object.entries(value).filter(([key]) => !taken.has(key)) : [];
  const about = beside.filter(([, one]) => isSaid(one));
  if (about.length < beside.length) changes.add(ABSENT);
  return {
    messages: endedBy(joined(spoken, changes), changes),
    extra: Object.fromEntries(about),
    changes: [...changes],
  };
}

const isPadded = (text: unknown): boolean => typeof text === "string" && text !== text.trim();
/** Says nothing of what is learned. */
export const ABSENT = "keys with nothing in them (null, []) are left out";
const KNOWN_FORMS =
  "Known are ShareGPT, Alpaca, prompt and completion, preferences, Gemini, whole texts and lists of messages.";

interface Turn extends Json {
  readonly role: string;
  readonly content: string;
}

function messageOf(turn: unknown, path: (string | number)[], { thinking }: RowOptions, changes: Set<string>): Turn {
  if (!isObject(turn)) refuse("shape", path, "a turn", describeValue(turn));
  const { author } = turn;
  const named = turn["role"] ?? turn["from"] ?? (isObject(author) ? author["role"] : author);
  const word = typeof named === "string" ? named.toLowerCase() : "";
  const calls = ["tool_calls", "function_call"].some((key) => isSaid(turn[key]));
  if (TOOLS.has(word) || calls) refuse("unsupported", path, "text in turns", "calls of tools", LEAVE_OUT);
  const role = ROLES[word] ?? refuse("role", path, "the role of a turn", describeValue(named));
  if (named !== role && turn["from"] === undefined)
    changes.add(`the role ${quoted(String(named))} became ${quoted(role)}`);
  if (turn["role"] === undefined && turn["from"] === undefined) changes.add("the author became the role");
  const said = contentOf(turn["content"] ?? turn["value"] ?? turn["parts"] ?? turn["text"], path, changes);
  const apart = thinking === "drop" && role === "assistant" ? withoutThoughts(said) : undefined;
  const content = apart?.text ?? said;
  const thought = THOUGHTS.map((key) => turn[key]).find((text) => typeof text === "string" && text !== "");
  if (thought !== undefined && thinking === undefined) {
    refuse("key", path, "a choice", "thoughts beside an answer", "Give --thinking keep, or --thinking drop.");
  }
  if (thought !== undefined || apart !== undefined)
    changes.add(thinking === "keep" ? "thoughts stand in the answer now" : "thoughts are left out");
  const kept = Object.fromEntries(LOSS.flatMap((key) => (isSaid(turn[key]) ? [[key, turn[key]]] : [])));
  const others = Object.keys(turn).filter(
    (key) => !TURN_KEYS.has(key) && !THOUGHTS.some((one) => one === key) && !(key in kept) && isSaid(turn[key]),
  );
  if (Object.values(turn).some((one) => !isSaid(one))) changes.add(ABSENT);
  for (const key of others) changes.add(`${quoted(key, 40)} in turns is left out`);
  const full =
    thinking === "keep" && typeof thought === "string" ? `<think>\n${thought}\n</think>\n\n${content}` : content;
  return { role, content: full, ...kept };
}

const LEAVE_OUT = "askew trains on text: leave rows with tools out, or give --skip.";

const isSaid = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

function contentOf(content: unknown, path: (string | number)[], changes: Set<string>): string {
  if (typeof content === "string") return content;
  if (typeof content === "number" || typeof content === "boolean") {
    changes.add("numbers became text");
    return String(content);
  }
  const parts = isObject(content) ? (content["parts"] ?? content["text"]) : content;
  changes.add("contents in parts became text");
  if (typeof parts === "string") return parts;
  if (!Array.isArray(parts)) return refuse("content", path, "what the turn says", describeValue(content));
  return parts
    .map((part: unknown) => {
      if (typeof part === "string") return part;
      const weight = isObject(part) ? part["weight"] : undefined;
      if (isSaid(weight) && weight !== 1) refuse("unsupported", path, "whole turns", "weights of parts", WEIGHTS);
      if (isObject(part) && typeof part["text"] === "string" && part["thought"] !== true) return part["text"];
      return refuse("unsupported", path, "parts of text", describeValue(part), "Leave such rows out, or give --skip.");
    })
    .join("");
}

const WEIGHTS = "askew trains on whole answers: put into the answer only what is to be learned, or give --skip.";

/** Turns of one role in a row become one. */
function joined(turns: readonly Turn[], changes: Set<string>): Turn[] {
  const out: Turn[] = [];
  for (const turn of turns) {
    const before = out.at(-1);
    const isAlike = before?.role === turn.role && LOSS.every((key) => before[key] === turn[key]);
    if (before === undefined || !isAlike) out.push(turn);
    else {
      changes.add("messages of one role in a row are joined");
      out[out.length - 1] = { ...before, content: `${before.content}\n\n${turn.content}` };
    }
  }
  return out;
}

const QUESTIONS = "Are these questions? They belong to askew ask --questions.";

/** There is nothing to learn from what follows the last answer. */
function endedBy(turns: readonly Turn[], changes: Set<string>): readonly Turn[] {
  const end = turns.findLastIndex(({ role }) => role === "assistant") + 1;
  if (end === 0) refuse("order", ["messages"], "an assistant's turn", "none", QUESTIONS);
  if (end < turns.length) changes.add("what follows the last answer is left out");
  return turns.slice(0, end);
}
