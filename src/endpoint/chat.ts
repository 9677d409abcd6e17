/** Chat completions as the servers speak them: what is sent, and what comes back, checked. */
import { z } from "zod";
import type { Usage } from "./account.js";
import { EndpointError } from "./error.js";
import type { Key } from "./key.js";
import { logProbabilityOf, readLogProbabilities, type TokenChoice } from "./log-probabilities.js";

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly seed?: number | undefined;
  readonly stop?: readonly string[] | undefined;
  /** Log-probabilities with so many alternatives at every place, at most 20. */
  readonly alternatives?: number | undefined;
  /** Tells repeats of the same request apart in the cache; servers do not see it. */
  readonly repeat?: string | undefined;
  /** Further fields of the body, as the server names them. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
}

export interface ChatAnswer {
  readonly text: string;
  readonly finish: "stop" | "length" | "filter";
  /** Token by token, where log-probabilities were asked for and the server told them. */
  readonly choices?: readonly TokenChoice[];
  /** Natural-log probability of the whole answer, where every token's is known. */
  readonly logProbability?: number;
  readonly usage?: Usage;
  /** The model that answered, in the server's words. */
  readonly model?: string;
}

/** Servers disagree on how the longest answer is called; OpenAI's newer models take the second name only. */
export type MaxTokensName = "max_tokens" | "max_completion_tokens";

/** The body of a request. Its fields are all that shapes the answer. */
export function chatBody(request: ChatRequest, maxTokensName: MaxTokensName): Record<string, unknown> {
  const { model, messages, temperature, topP, maxTokens, seed, stop = [], alternatives, extra } = request;
  return {
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(maxTokens !== undefined && { [maxTokensName]: maxTokens }),
    ...(seed !== undefined && { seed }),
    ...(stop.length > 0 && { stop }),
    ...(alternatives !== undefined && { logprobs: true, top_logprobs: alternatives }),
    ...extra,
  };
}

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
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        finish_reason: z.string().nullish(),
        logprobs: z.unknown().optional(),
      }),
    )
    .min(1),
  usage: usageSchema,
});

export type Completion = z.infer<typeof completionSchema>;

/** The first choice of a completion. `key` is taken out of what the server says, where it echoes it. */
export function chatAnswer(completion: Completion, request: ChatRequest, key: Key | undefined): ChatAnswer {
  const [choice] = completion.choices;
  if (choice === undefined) throw new EndpointError("a completion without a choice", { fault: "reply" });
  const { message, finish_reason: reason, logprobs } = choice;
  const usage = readUsage(completion.usage);
  const choices = request.alternatives === undefined ? undefined : readLogProbabilities(logprobs, key);
  return assemble({
    text: message.content ?? message.refusal ?? "",
    reason: reason ?? undefined,
    choices,
    usage,
    model: completion.model ?? undefined,
    maxTokens: request.maxTokens,
    key,
  });
}

export function assemble(parts: {
  readonly text: string;
  readonly reason: string | undefined;
  readonly choices: readonly TokenChoice[] | undefined;
  readonly usage: Usage | undefined;
  readonly model: string | undefined;
  readonly maxTokens: number | undefined;
  readonly key: Key | undefined;
}): ChatAnswer {
  const { text, reason, choices, usage, model, maxTokens = Infinity, key } = parts;
  const logProbability = choices && logProbabilityOf(choices);
  const hide = (said: string): string => key?.hide(said) ?? said;
  return {
    text: hide(text),
    finish: finishOf(reason, (usage?.completionTokens ?? 0) >= maxTokens),
    ...(choices && { choices }),
    ...(logProbability !== undefined && { logProbability }),
    ...(usage && { usage }),
    ...(model !== undefined && { model: hide(model) }),
  };
}

/** A server that names no reason has stopped by itself, unless the answer is as long as it may be. */
function finishOf(reason: string | undefined, full: boolean): ChatAnswer["finish"] {
  if (reason === "length" || reason === "max_tokens" || (reason === undefined && full)) return "length";
  return reason === "content_filter" ? "filter" : "stop";
}

export function readUsage(usage: Completion["usage"]): Usage | undefined {
  if (usage == null) return undefined;
  const cachedTokens = Math.min(usage.prompt_tokens_details?.cached_tokens ?? 0, usage.prompt_tokens);
  return { promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens ?? 0, cachedTokens };
}
