/** The forms that other tools write conversations in, known by their keys. */

import { A_NEW_FILE, THE_FILE } from "./cure.js";

export type FormName =
  | "list"
  | "text of messages"
  | "ShareGPT"
  | "Gemini"
  | "preference"
  | "Alpaca"
  | "prompt and completion"
  | "text"
  | "batch request"
  | "tasks";

export interface Form {
  readonly name: FormName;
  /** "ShareGPT's form" */
  readonly about: string;
  /** The keys that are the conversation; what else is there is about it. */
  readonly keys: readonly string[];
  /** Where `askew dataset convert` is not what helps. */
  readonly cure?: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Keys of a list of turns, beside `messages`. */
const TURN_LISTS = ["conversations", "conversation", "dialog", "dialogue", "turns"] as const;

/** What is asked and what is answered, in pairs that are in use. */
const PAIRS: readonly (readonly [asked: string, answered: string])[] = [
  ["prompt", "completion"],
  ["prompt", "response"],
  ["prompt", "output"],
  ["prompt", "answer"],
  ["question", "answer"],
  ["question", "response"],
  ["query", "response"],
  ["query", "answer"],
  ["input", "output"],
  ["input", "response"],
  ["input", "target"],
  ["instruction", "response"],
  ["instruction", "completion"],
  ["user", "assistant"],
];

const PREFERENCES: readonly (readonly [chosen: string, rejected: string])[] = [
  ["chosen", "rejected"],
  ["preferred_output", "non_preferred_output"],
];

/** The form of a parsed row that has no list of messages; undefined where it has none that is known. */
export function formOf(value: unknown): Form | undefined {
  if (Array.isArray(value)) {
    const isTurns = value.length > 0 && value.every(isTurn);
    return isTurns ? { name: "list", about: "a bare list of messages", keys: [] } : undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const row = value as Json;
  if (typeof row["messages"] === "string") {
    return { name: "text of messages", about: "a list of messages written as a text", keys: ["messages"] };
  }
  const turns = TURN_LISTS.find((key) => Array.isArray(row[key]));
  if (turns !== undefined) return { name: "ShareGPT", about: "ShareGPT's form", keys: [turns, "system"] };
  if (Array.isArray(row["contents"])) {
    return { name: "Gemini", about: "Gemini's form", keys: ["contents", "systemInstruction", "system_instruction"] };
  }
  const pair = PREFERENCES.find((keys) => keys.every((key) => isSaid(row[key])));
  if (pair !== undefined)
    return { name: "preference", about: "a row of preferences", keys: [...pair, "prompt", "input"] };
  if (isSaid(row["instruction"]) && isSaid(row["output"])) {
    return { name: "Alpaca", about: "Alpaca's form", keys: ["instruction", "input", "output", "system"] };
  }
  const found = PAIRS.find((keys) => keys.every((key) => isSaid(row[key])));
  if (found !== undefined) {
    const about = `rows of ${found[0]} and ${found[1]}`;
    return { name: "prompt and completion", about, keys: [...found, "system", "system_prompt"] };
  }
  if (typeof row["text"] === "string") return { name: "text", about: "whole texts", keys: ["text"] };
  const { body } = row as { body?: Json };
  if (Array.isArray(body?.["messages"])) {
    const cure = "Send the batch, and give the file that comes back.";
    return { name: "batch request", about: "a batch of requests, which has no answers", keys: ["body"], cure };
  }
  if (typeof row["task"] === "string") {
    const cure = `Build a dataset from it: askew dataset build CONDITION --from ${THE_FILE} --out ${A_NEW_FILE}`;
    return { name: "tasks", about: "a file of tasks", keys: [], cure };
  }
  return undefined;
}

const isTurn = (turn: unknown): boolean =>
  typeof turn === "object" && turn !== null && ["role", "from", "author"].some((key) => key in turn);

const isSaid = (value: unknown): boolean => value !== undefined && value !== null;
