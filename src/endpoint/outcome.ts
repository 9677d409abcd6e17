/** How an answer ended, and why there may be none, from what servers say. */
import type { Finish, NoAnswer } from "../capabilities/index.js";

/** The words that servers use, in lower case; any other is an end of the model's own. */
const FINISHES: Readonly<Record<string, Finish>> = {
  length: "length",
  max_tokens: "length",
  max_output_tokens: "length",
  max_completion_tokens: "length",
  max_length: "length",
  max_new_tokens: "length",
  token_limit: "length",
  length_limit: "length",
  limit: "length",
  incomplete: "length",
  model_length: "length",
  context_length: "length",
  context_length_exceeded: "length",
  model_context_window_exceeded: "length",
  content_filter: "filter",
  content_filtered: "filter",
  content_policy: "filter",
  guardrail_intervened: "filter",
  guardrails: "filter",
  safety: "filter",
  moderation: "filter",
  recitation: "filter",
  blocklist: "filter",
  prohibited_content: "filter",
  spii: "filter",
  image_safety: "filter",
  sensitive: "filter",
  refusal: "filter",
  tool_calls: "tool",
  tool_call: "tool",
  tool_use: "tool",
  function_call: "tool",
  malformed_function_call: "tool",
  unexpected_tool_call: "tool",
  error: "error",
  internal_error: "error",
  server_error: "error",
  network_error: "error",
  insufficient_system_resource: "error",
  failed: "error",
  timeout: "error",
  error_toxic: "filter",
  error_limit: "length",
  abort: "abort",
  aborted: "abort",
  cancel: "abort",
  cancelled: "abort",
  canceled: "abort",
  interrupted: "abort",
  load: "abort",
};

/**
 * @param reason the server's word; without one the model has stopped by itself, unless the answer is as long as it may be
 * @param isFull it is as long as it may be
 */
export function finishOf(reason: string | undefined, isFull: boolean): Finish {
  if (reason === undefined || reason === "") return isFull ? "length" : "stop";
  // `FinishReason.MAX_TOKENS`, `content-filter`
  const word = reason
    .toLowerCase()
    .replaceAll("-", "_")
    .replace(/^finish_?reason[._]/, "");
  return (Object.hasOwn(FINISHES, word) ? FINISHES[word] : undefined) ?? "stop";
}

/** Why there is no answer; undefined where there is one. */
export function noAnswerOf(said: {
  readonly text: string;
  readonly finish: Finish;
  /** The model has thought. */
  readonly hasThoughts: boolean;
  readonly hasToolCalls: boolean;
  readonly isRefusal: boolean;
}): NoAnswer | undefined {
  const { text, finish, hasThoughts, hasToolCalls, isRefusal } = said;
  if (finish === "error" || finish === "abort" || finish === "filter") return finish;
  if (isRefusal) return "refusal";
  const isEmpty = text.trim() === "";
  if (hasToolCalls || (finish === "tool" && isEmpty)) return "tool";
  if (!isEmpty) return undefined;
  return hasThoughts ? "thoughts" : "empty";
}
