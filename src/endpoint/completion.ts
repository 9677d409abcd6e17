/** Chat completions as servers send them: whole or in pieces, in every form that is in use. */
import { z } from "zod";
import type { Usage } from "./account.js";

const text = z.string().nullish().catch(undefined);

const partSchema = z.looseObject({ type: z.string().nullish().catch(undefined) });
const contentSchema = z.union([z.string(), z.array(z.union([z.string(), partSchema]))]).nullish();

/** A message, or a piece of one. */
export const messageSchema = z.object({
  content: contentSchema,
  refusal: text,
  reasoning_content: contentSchema.catch(undefined),
  reasoning: contentSchema.catch(undefined),
  tool_calls: z.array(z.unknown()).nullish().catch(undefined),
  function_call: z.unknown().optional(),
});
type Message = z.infer<typeof messageSchema>;

const count = z.number().int().nonnegative();

export const usageSchema = z
  .object({
    prompt_tokens: count,
    completion_tokens: count.nullish(),
    prompt_tokens_details: z.object({ cached_tokens: count.nullish() }).nullish(),
  })
  .nullish()
  .catch(undefined); // counts that make no sense are no counts; the answer still counts

/** As far as askew reads it; servers may add what they like. */
export const completionSchema = z.object({
  model: z.string().nullish().catch(undefined),
  choices: z
    .array(
      z.object({
        message: messageSchema,
        finish_reason: text,
        logprobs: z.unknown().optional(),
        error: z.unknown().optional(),
      }),
    )
    .min(1),
  usage: usageSchema,
});

export type Completion = z.infer<typeof completionSchema>;

export interface Spoken {
  readonly text: string;
  readonly thoughts: string;
  readonly refusal: string;
  readonly hasToolCalls: boolean;
}

/** The texts of a message, each in its place. */
export function spoken(message: Message): Spoken {
  const parts = partsOf(message.content);
  return {
    text: parts.text,
    // Two names for the same thing; some servers send both.
    thoughts: joined(message.reasoning_content) || joined(message.reasoning) || parts.thoughts,
    refusal: message.refusal ?? parts.refusal,
    hasToolCalls: (message.tool_calls?.length ?? 0) > 0 || isObject(message.function_call),
  };
}

type Content = Message["content"];

function partsOf(content: Content): { text: string; thoughts: string; refusal: string } {
  const found = { text: "", thoughts: "", refusal: "" };
  if (typeof content === "string") return { ...found, text: content };
  for (const part of content ?? []) {
    if (typeof part === "string") found.text += part;
    else if (/think|reason|thought/i.test(part.type ?? "")) found.thoughts += textIn(part, 0);
    else if (part.type === "refusal") found.refusal += textIn(part["refusal"], 0);
    else found.text += textIn(part, 0);
  }
  return found;
}

const joined = (content: Content): string => {
  const { text: said, thoughts } = partsOf(content);
  return said + thoughts;
};

const TEXTS = ["text", "thinking", "reasoning", "content", "summary"] as const;

/** The text of a part, wherever in it it stands: `{text}`, `{thinking: [{type: "text", text}]}`. */
function textIn(part: unknown, depth: number): string {
  if (typeof part === "string") return part;
  if (depth > 4) return "";
  if (Array.isArray(part)) return (part as unknown[]).map((item) => textIn(item, depth + 1)).join("");
  if (!isObject(part)) return "";
  const name = TEXTS.find((known) => part[known] !== undefined && part[known] !== null);
  return name === undefined ? "" : textIn(part[name], depth + 1);
}

export function readUsage(usage: Completion["usage"]): Usage | undefined {
  if (usage == null) return undefined;
  const cachedTokens = Math.min(usage.prompt_tokens_details?.cached_tokens ?? 0, usage.prompt_tokens);
  return { promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens ?? 0, cachedTokens };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
