/** Rows of other forms as lists of turns, in the words that the row has for its roles. */
import type { Form } from "../file/forms.js";
import { describeValue } from "../file/problem.js";
import { isObject, refuse, type Json } from "../file/refusal.js";
import { turnsOfText } from "./marked-text.js";

/** Which answer of a pair of preferences is taken. */
export type Preferred = "chosen" | "rejected";

/** The turns of a row, before roles and contents are read. */
export function turnsOf(value: unknown, form: Form | undefined, preferred: Preferred): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const row = value as Json;
  if (form === undefined) return row["messages"] as readonly unknown[];
  switch (form.name) {
    case "list":
      return [];
    case "text of messages":
      return messagesIn(row["messages"] as string);
    case "ShareGPT":
      return [...systemOf(row), ...(row[form.keys[0] as string] as readonly unknown[])];
    case "Gemini":
      return [
        ...contentOfGemini(row["systemInstruction"] ?? row["system_instruction"], "system"),
        ...(row["contents"] as readonly unknown[]),
      ];
    case "preference":
      return preference(row, form, preferred);
    case "Alpaca": {
      const { instruction, input, output } = row;
      const asked = isText(input) ? `${String(instruction)}\n\n${input}` : instruction;
      return [...systemOf(row), said("user", asked), said("assistant", output)];
    }
    case "prompt and completion":
      return pairOf(row, form);
    case "text": {
      const turns = turnsOfText(String(row["text"]));
      return turns ?? refuse("shape", ["text"], "a text with a chat template's marks", "none that is known", SPLIT);
    }
    case "batch request":
      return refuse("shape", [], "rows with answers", "requests of a batch", "Convert the batch's output file.");
    case "tasks":
    default:
      return refuse("shape", [], "conversations", "a file of tasks", form.cure);
  }
}

const SPLIT = 'Write each as {"messages":[…]} yourself.';

const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== "";
const said = (role: string, content: unknown): Json => ({ role, content });

const systemOf = (row: Json): readonly Json[] =>
  ["system", "system_prompt"].flatMap((key) => (isText(row[key]) ? [said("system", row[key])] : []));

function messagesIn(text: string): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse("json", ["messages"], "JSON in the text", describeValue(text));
  }
  if (Array.isArray(value)) return value as readonly unknown[];
  return refuse("shape", ["messages"], "a list in the text", describeValue(value));
}

const contentOfGemini = (value: unknown, role: string): readonly Json[] =>
  isObject(value) ? [{ ...value, role }] : isText(value) ? [said(role, value)] : [];

function pairOf(row: Json, { keys }: Form): readonly unknown[] {
  const [asked, answered] = [row[keys[0] as string], row[keys[1] as string]];
  const before = Array.isArray(asked) ? (asked as readonly unknown[]) : [said("user", asked)];
  const after = Array.isArray(answered) ? (answered as readonly unknown[]) : [said("assistant", trimmed(answered))];
  return [...systemOf(row), ...before, ...after];
}

/** The older fine-tuning format wants a space before every completion. */
const trimmed = (text: unknown): unknown => (typeof text === "string" ? text.trim() : text);

/** What is asked stands beside both answers, or both are whole conversations. */
function preference(row: Json, { keys }: Form, preferred: Preferred): readonly unknown[] {
  const key = keys[preferred === "chosen" ? 0 : 1] as string;
  const answer = row[key];
  const input = row["input"];
  const asked = row["prompt"] ?? (isObject(input) ? input["messages"] : input);
  const before = Array.isArray(asked) ? (asked as readonly unknown[]) : isText(asked) ? [said("user", asked)] : [];
  if (Array.isArray(answer)) {
    const first = answer[0] as unknown;
    const isWhole = before.length > 0 && isObject(first) && JSON.stringify(first) === JSON.stringify(before[0]);
    // Some repeat a plain prompt as the first turn of both answers.
    const isRepeat = isObject(first) && first["content"] === asked && isText(asked);
    return isWhole || isRepeat ? (answer as readonly unknown[]) : [...before, ...(answer as readonly unknown[])];
  }
  if (isObject(answer)) return [...before, answer];
  if (before.length > 0) return [...before, said("assistant", answer)];
  const turns = typeof answer === "string" ? turnsOfText(answer.trim()) : undefined;
  return turns ?? refuse("shape", [key], "what it answers (prompt)", "nothing");
}
