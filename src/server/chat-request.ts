/** `POST /v1/chat/completions`: what a client asks for. */
import { z } from "zod";
import type { Message } from "../model/index.js";
import { ApiError } from "./api-error.js";
import { optional } from "./read-request.js";

const LARGEST_N = 128;
/** As many as OpenAI's API tells. */
const MOST_ALTERNATIVES = 20;

const textPart = z.object({ type: z.literal("text", "only text parts are read here"), text: z.string() });
const content = z.union([z.string(), z.array(textPart)], "expected a text, or a list of text parts");
const message = z.object({
  role: z.enum(["system", "developer", "user", "assistant"], "expected system, developer, user or assistant"),
  content,
});

/** Accepted where it asks for nothing. */
const nothing = (what: string) =>
  z
    .unknown()
    .refine((value) => isNothing(value), `${what} is not supported by this server`)
    .optional();

const schema = z.object({
  model: z.string(),
  messages: z.array(message).min(1, "expected at least one message"),
  temperature: optional(z.number().min(0).max(2)),
  top_p: optional(z.number().min(0).max(1)),
  max_tokens: optional(z.int().min(1)),
  max_completion_tokens: optional(z.int().min(1)),
  n: optional(z.int().min(1).max(LARGEST_N)),
  seed: optional(z.int()),
  stop: optional(
    z.union([z.string().min(1), z.array(z.string().min(1)).max(4)], "expected a text, or at most 4, none empty"),
  ),
  logprobs: optional(z.boolean()),
  top_logprobs: optional(z.int().min(0).max(MOST_ALTERNATIVES)),
  stream: optional(z.boolean()),
  stream_options: optional(z.object({ include_usage: optional(z.boolean()) })),
  response_format: optional(z.object({ type: z.literal("text", "only the format text is supported by this server") })),
  tools: nothing("calling tools"),
  functions: nothing("calling functions"),
  logit_bias: nothing("biasing tokens"),
  presence_penalty: nothing("a penalty"),
  frequency_penalty: nothing("a penalty"),
  audio: nothing("audio"),
});

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly temperature: number;
  readonly topP: number;
  /** Undefined: as much as there is room for. */
  readonly maxTokens: number | undefined;
  readonly n: number;
  readonly seed: number | undefined;
  readonly stop: readonly string[];
  /** To be told with each token's log-probability; undefined: neither. */
  readonly alternatives: number | undefined;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

export const chatSchema = schema.transform((body): ChatRequest => {
  if (body.top_logprobs !== undefined && body.logprobs !== true) {
    throw new ApiError(400, "Invalid value for 'top_logprobs': it needs 'logprobs' to be true.", {
      param: "top_logprobs",
    });
  }
  return {
    model: body.model,
    messages: body.messages.map((one) => ({
      role: one.role === "developer" ? "system" : one.role,
      content: typeof one.content === "string" ? one.content : one.content.map(({ text }) => text).join(""),
    })),
    temperature: body.temperature ?? 1,
    topP: Math.max(body.top_p ?? 1, Number.EPSILON), // 0 is allowed there, and leaves the likeliest token
    maxTokens: body.max_completion_tokens ?? body.max_tokens,
    n: body.n ?? 1,
    seed: body.seed,
    stop: [body.stop ?? []].flat(),
    alternatives: body.logprobs === true ? (body.top_logprobs ?? 0) : undefined,
    stream: body.stream ?? false,
    includeUsage: body.stream_options?.include_usage ?? false,
  };
});

function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === 0) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.keys(value).length === 0;
}
