/** Chat completions: what is asked for, and the answer that is made of what comes back. */
import type { Finish, NoAnswer } from "../capabilities/index.js";
import { withoutThoughts } from "../text/index.js";
import type { Usage } from "./account.js";
import { readUsage, spoken, type Completion, type Spoken } from "./completion.js";
import { EndpointError } from "./error.js";
import { excerpt } from "./excerpt.js";
import type { Key } from "./key.js";
import { logProbabilityOf, readLogProbabilities, type TokenChoice } from "./log-probabilities.js";
import { finishOf, noAnswerOf } from "./outcome.js";
import type { Reading } from "./reply.js";
import { errorIn } from "./said.js";

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
  /** Without the model's thoughts. */
  readonly text: string;
  readonly finish: Finish;
  /** Why this is no answer, where it is none. */
  readonly outcome?: NoAnswer;
  /** What the server said when it broke the answer off. */
  readonly error?: string;
  /** What the model thought before it answered, where the server tells. */
  readonly reasoning?: string;
  /** Token by token, where log-probabilities were asked for and the server told them; their texts make up `text`. */
  readonly choices?: readonly TokenChoice[];
  /** Natural-log probability of the whole answer, where every token's is known. */
  readonly logProbability?: number;
  readonly usage?: Usage;
  /** The model that answered, in the server's words. */
  readonly model?: string;
  /** Parameters of the request that the server would not take; it was asked without them. */
  readonly without?: readonly string[];
}

/** The first choice of a completion. */
export function chatAnswer(completion: Completion, request: ChatRequest, from: Reading): ChatAnswer {
  const [choice] = completion.choices;
  if (choice === undefined) throw new EndpointError("a completion without a choice", { fault: "reply" });
  const { message, finish_reason: reason, logprobs, error } = choice;
  const isBroken = error !== undefined && error !== null;
  return assemble({
    spoken: spoken(message),
    reason: isBroken ? "error" : (reason ?? undefined),
    choices: request.alternatives === undefined ? undefined : readLogProbabilities(logprobs, from.key),
    usage: readUsage(completion.usage),
    model: completion.model ?? undefined,
    maxTokens: request.maxTokens,
    key: from.key,
  });
}

/** The error beside a choice, in words. */
export function choiceError(completion: Completion): string | undefined {
  const error = completion.choices[0]?.error;
  if (error === undefined || error === null) return undefined;
  return errorIn({ error })?.message ?? excerpt(JSON.stringify(error));
}

export function assemble(parts: {
  readonly spoken: Spoken;
  readonly reason: string | undefined;
  readonly choices: readonly TokenChoice[] | undefined;
  readonly usage: Usage | undefined;
  readonly model: string | undefined;
  readonly maxTokens: number | undefined;
  readonly key: Key | undefined;
}): ChatAnswer {
  const { reason, usage, model, maxTokens = Infinity, key, spoken: said } = parts;
  const hide = (text: string): string => key?.hide(text) ?? text;
  const apart = withoutThoughts(said.text);
  const answered = apart?.text ?? said.text;
  const isRefusal = answered.trim() === "" && said.refusal.trim() !== "";
  const text = hide(isRefusal ? said.refusal : answered);
  const reasoning = hide([said.thoughts, apart?.thoughts ?? ""].filter((part) => part.trim() !== "").join("\n\n"));
  const finish = finishOf(reason, (usage?.completionTokens ?? 0) >= maxTokens);
  const hasThoughts = reasoning !== "" || apart !== undefined;
  const outcome = noAnswerOf({ text, finish, hasThoughts, hasToolCalls: said.hasToolCalls, isRefusal });
  const choices = hasThoughts ? choicesOf(text, parts.choices) : withoutKey(text, answered, parts.choices);
  const logProbability = parts.choices && logProbabilityOf(parts.choices);
  return {
    text,
    finish,
    ...(outcome && { outcome }),
    ...(reasoning !== "" && { reasoning }),
    ...(choices && { choices }),
    ...(logProbability !== undefined && { logProbability }),
    ...(usage && { usage }),
    ...(model !== undefined && { model: hide(model) }),
  };
}

/** The tokens of the answer itself, without those of the thoughts before it; undefined where they cannot be told apart. */
function choicesOf(text: string, choices: readonly TokenChoice[] | undefined): readonly TokenChoice[] | undefined {
  if (choices === undefined || text === "") return undefined;
  const wanted = text.trimStart();
  let tail = "";
  for (let i = choices.length - 1; i >= 0 && tail.length < wanted.length; i--) {
    tail = (choices[i]?.token ?? "") + tail;
    if (tail.trimStart() === wanted) return choices.slice(i);
  }
  return undefined;
}

/** A key that a server echoes over several tokens is not kept in them either. */
const withoutKey = (
  text: string,
  answered: string,
  choices: readonly TokenChoice[] | undefined,
): readonly TokenChoice[] | undefined => (text === answered ? choices : undefined);
