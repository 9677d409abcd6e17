/** Client for OpenAI-compatible servers: adaptive concurrency, retries, costs, a cache on disk. */
export { Account, type Price, type Spending } from "./account.js";
export { AnswerCache } from "./cache.js";
export { type EndpointOptions } from "./client.js";
export { concurrently } from "./concurrently.js";
export { EndpointError } from "./error.js";
export { findKey, keySources } from "./key.js";
export { OPTIONAL_PARAMETERS, type MaxTokensName, type OptionalParameter } from "./manner.js";
export { finishOf } from "./outcome.js";
export { answersOfCompletion, saysModerated } from "./stored-completion.js";
export { Webhook } from "./webhook.js";
export { EndpointModel, type EndpointModelOptions } from "./model.js";
