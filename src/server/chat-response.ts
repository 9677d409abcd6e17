/** Answers in the shapes of OpenAI's chat completions, whole and in chunks. */
import { randomBytes } from "node:crypto";
import type { SampledAnswer, TokenChoice, TokenLogProbability } from "../model/index.js";

/** What all parts of one completion have in common. */
export interface CompletionHead {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  /** Names the weights. */
  readonly fingerprint: string;
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

export const completionHead = (model: string, fingerprint: string): CompletionHead => ({
  id: `chatcmpl-${randomBytes(12).toString("hex")}`,
  created: Math.floor(Date.now() / 1000),
  model,
  fingerprint,
});

export const usageOf = (read: number, answered: number): Usage => ({
  prompt_tokens: read,
  completion_tokens: answered,
  total_tokens: read + answered,
});

/** `alternatives`: so many are told with each token's log-probability; undefined tells neither. */
export function completion(
  head: CompletionHead,
  answers: readonly SampledAnswer[],
  alternatives: number | undefined,
  usage: Usage,
): object {
  return {
    ...common(head, "chat.completion"),
    choices: answers.map((answer, index) => ({
      index,
      message: {
        role: "assistant",
        content: answer.text,
        refusal: null,
        ...(answer.reasoning !== undefined && { reasoning_content: answer.reasoning }),
      },
      logprobs: logprobsOf(answer.choices ?? [], alternatives),
      finish_reason: answer.finish,
    })),
    usage,
  };
}

/** A part of a streamed completion; `usage` is null in every one but the last where the client asked for it. */
export function chunk(
  head: CompletionHead,
  choice: {
    readonly index: number;
    readonly delta: {
      readonly role?: "assistant";
      readonly content?: string;
      /** What was thought before the answer, by the name that most servers give it. */
      readonly reasoning_content?: string;
    };
    readonly choices?: readonly TokenChoice[] | undefined;
    readonly finish?: SampledAnswer["finish"];
  },
  shown: { readonly alternatives: number | undefined; readonly includeUsage: boolean },
): object {
  const { index, delta, choices, finish = null } = choice;
  const { alternatives, includeUsage } = shown;
  return {
    ...common(head, "chat.completion.chunk"),
    choices: [{ index, delta, logprobs: choices ? logprobsOf(choices, alternatives) : null, finish_reason: finish }],
    ...(includeUsage && { usage: null }),
  };
}

export const usageChunk = (head: CompletionHead, usage: Usage): object => ({
  ...common(head, "chat.completion.chunk"),
  choices: [],
  usage,
});

const common = ({ id, created, model, fingerprint }: CompletionHead, object: string): object => ({
  id,
  object,
  created,
  model,
  service_tier: "default",
  system_fingerprint: fingerprint,
});

function logprobsOf(choices: readonly TokenChoice[], alternatives: number | undefined): object | null {
  if (alternatives === undefined) return null;
  return {
    content: choices.map((choice) => ({
      ...token(choice),
      top_logprobs: choice.alternatives.slice(0, alternatives).map(token),
    })),
    refusal: null,
  };
}

const token = ({ token: text, logProbability }: TokenLogProbability): object => ({
  token: text,
  logprob: logProbability,
  bytes: [...Buffer.from(text)],
});
