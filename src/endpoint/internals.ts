/** What tests look into; no part of the package's interface. */
export { jitter, parseRetryAfter } from "./backoff.js";
export type { ChatRequest } from "./chat.js";
export { EndpointClient, type ChatReply } from "./client.js";
export { EndpointError } from "./error.js";
export { Gate } from "./gate.js";
export { Key } from "./key.js";
export { AdaptiveLimit, type Flight, type FlightEnd } from "./limit.js";
