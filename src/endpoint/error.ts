/** What can go wrong between askew and a server, and what it means for the other requests. */
import { AskewError } from "../text/index.js";
import type { Said } from "./said.js";

/**
 * - `key`: the key is missing, wrong or expired
 * - `denied`: the key may not do this, or not this; others may well go through
 * - `quota`: the account behind the key has nothing left, or nothing until another day
 * - `refused`: the server will not have this request (400, 404, 422, …)
 * - `overloaded`: too many requests (429, 503, 529)
 * - `broken`: the server failed (other 5xx)
 * - `unreachable`: no connection, or one that was cut
 * - `deadline`: no reply in time
 * - `reply`: a reply that is cut, too large or not of the expected shape
 * - `cost`: the next request could cost more than is left
 * - `address`: the address, its certificate or its key cannot be used
 */
export type EndpointFault =
  | "key"
  | "denied"
  | "quota"
  | "refused"
  | "overloaded"
  | "broken"
  | "unreachable"
  | "deadline"
  | "reply"
  | "cost"
  | "address";

export interface EndpointErrorDetails {
  readonly fault: EndpointFault;
  readonly url?: string | undefined;
  /** Of the HTTP reply, where there was one. */
  readonly status?: number | undefined;
  /** The same request may well succeed later. */
  readonly retry?: boolean;
  /** The server may have done, and charged for, the work. */
  readonly ambiguous?: boolean;
  /** Milliseconds the server asks to wait. */
  readonly retryAfter?: number | undefined;
  /** Every other request will fail alike. */
  readonly fatal?: boolean;
  /** Tries at most, where that is fewer than of other failures that may pass. */
  readonly tries?: number;
  /** What the server said, where it said something. */
  readonly said?: Said | undefined;
}

/** Its message names the URL, the status, what was expected and found, and never a key. */
export class EndpointError extends AskewError {
  override readonly name = "EndpointError";
  readonly fault: EndpointFault;
  readonly url: string | undefined;
  readonly status: number | undefined;
  readonly retry: boolean;
  readonly ambiguous: boolean;
  readonly retryAfter: number | undefined;
  readonly fatal: boolean;
  readonly tries: number;
  readonly said: Said | undefined;

  constructor(message: string, details: EndpointErrorDetails) {
    super(message);
    this.fault = details.fault;
    this.url = details.url;
    this.status = details.status;
    this.retry = details.retry ?? false;
    this.ambiguous = details.ambiguous ?? false;
    this.retryAfter = details.retryAfter;
    this.fatal = details.fatal ?? FATAL.has(details.fault);
    this.tries = details.tries ?? Infinity;
    this.said = details.said;
  }
}

const FATAL: ReadonlySet<EndpointFault> = new Set(["key", "quota", "cost", "address"]);
