/** Client for OpenAI-compatible servers: adaptive concurrency, retries, costs, a cache on disk. */
export { Account, type AccountOptions, type Price, type PriceTable, type Spending, type Usage } from "./account.js";
export { jitter, parseRetryAfter } from "./backoff.js";
export { AnswerCache, CacheError } from "./cache.js";
export type { ChatAnswer, ChatMessage, ChatRequest } from "./chat.js";
export { EndpointClient, type ChatReply, type EndpointOptions } from "./client.js";
export { concurrently } from "./concurrently.js";
export { EndpointError, type EndpointErrorDetails, type EndpointFault } from "./error.js";
export type { Files, RemoteFile } from "./files.js";
export type {
  FineTuning,
  FineTuningCheckpoint,
  FineTuningEvent,
  FineTuningJob,
  FollowOptions,
  NewJob,
} from "./fine-tuning.js";
export { findKey, Key, keySources } from "./key.js";
export { AdaptiveLimit, type Flight, type FlightEnd, type LimitOptions } from "./limit.js";
export type { TokenChoice, TokenLogProbability } from "./log-probabilities.js";
export { OPTIONAL_PARAMETERS, type MaxTokensName, type OptionalParameter } from "./manner.js";
export { finishOf } from "./outcome.js";
export { withoutThoughts } from "./thoughts.js";
export type { ServedModel } from "./models.js";
export { Webhook, type Delivery, type WebhookOptions } from "./webhook.js";
export { EndpointModel, type EndpointModelOptions } from "./model.js";
