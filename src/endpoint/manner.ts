/** How a model is asked: which parameters it takes, and under which names. */
import type { ChatRequest } from "./chat.js";

/** Servers disagree on how the longest answer is called; OpenAI's newer models take the second name only. */
export type MaxTokensName = "max_tokens" | "max_completion_tokens";

/** Parameters that a request can do without. */
export const OPTIONAL_PARAMETERS = ["temperature", "top_p", "seed", "logprobs"] as const;
export type OptionalParameter = (typeof OPTIONAL_PARAMETERS)[number];

export interface Manner {
  readonly without: ReadonlySet<OptionalParameter>;
  readonly limitName: MaxTokensName;
  /** The longest answer is never asked to be shorter: models that think need room before they say a word. */
  readonly leastTokens: number;
  /** Most alternatives at a place. */
  readonly mostAlternatives: number;
}

/** The longest answer in tokens, as it is asked for. */
export const limitOf = ({ maxTokens }: Pick<ChatRequest, "maxTokens">, { leastTokens }: Manner): number | undefined =>
  maxTokens === undefined ? undefined : Math.max(maxTokens, leastTokens);

/** The body of a request. Its fields are all that shapes the answer. */
export function chatBody(request: ChatRequest, manner: Manner): Record<string, unknown> {
  const { model, messages, stop = [], extra } = request;
  const limit = limitOf(request, manner);
  return {
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    ...parametersOf(request, manner),
    ...(limit !== undefined && { [manner.limitName]: limit }),
    ...(stop.length > 0 && { stop }),
    ...extra,
  };
}

function parametersOf(
  { temperature, topP, seed, alternatives }: ChatRequest,
  { without, mostAlternatives }: Manner,
): Record<string, unknown> {
  return {
    ...(temperature !== undefined && !without.has("temperature") && { temperature }),
    ...(topP !== undefined && !without.has("top_p") && { top_p: topP }),
    ...(seed !== undefined && !without.has("seed") && { seed }),
    ...(alternatives !== undefined &&
      !without.has("logprobs") && { logprobs: true, top_logprobs: Math.min(alternatives, mostAlternatives) }),
  };
}

/** The optional parameters that a request has and that it is asked with. */
export function parametersIn(request: ChatRequest, manner: Manner): OptionalParameter[] {
  const there = parametersOf(request, manner);
  return OPTIONAL_PARAMETERS.filter((name) => name in there);
}

/** Those that a request has and that it is asked without. */
export function leftOut(request: ChatRequest, manner: Manner): OptionalParameter[] {
  if (manner.without.size === 0) return [];
  const wanted = parametersIn(request, { ...manner, without: new Set() });
  return wanted.filter((name) => manner.without.has(name));
}
