/** One HTTP request and its reply, bounded in time and size; every way it can fail becomes an {@link EndpointError}. */
import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { waitOf } from "./backoff.js";
import type { Clock } from "./clock.js";
import { EndpointError, type EndpointFault } from "./error.js";
import { excerpt } from "./excerpt.js";
import type { HttpPool } from "./http-pool.js";
import type { Key } from "./key.js";
import { meaningOf } from "./meaning.js";
import { errorOf, type Said } from "./said.js";

export interface Exchange {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  /** A function where the body can be read only once: it is called for every try. */
  readonly body?: string | (() => Readable);
  readonly headers?: Readonly<Record<string, string>>;
  /** The `accept` header; default JSON. */
  readonly accept?: string;
}

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: Dispatcher.ResponseData["body"];
}

export interface ExchangeContext {
  readonly pool: HttpPool;
  readonly key: Key | undefined;
  /** Where a key could have come from, for messages. */
  readonly keySources: readonly string[];
  readonly clock: Clock;
}

/** Bytes of an error's body that are read. */
const ERROR_BYTES = 64 * 1024;

/**
 * Sends, and hands the reply to `read` if its status is 2xx.
 * @param deadline milliseconds until everything must be done, `read` included
 * @param cancel aborts with its reason
 */
export async function exchange<T>(
  wanted: Exchange,
  context: ExchangeContext,
  deadline: number,
  cancel: AbortController,
  read: (reply: Reply) => Promise<T>,
): Promise<T> {
  const { url, method } = wanted;
  const late = new EndpointError(`${url}: no complete reply within ${seconds(deadline)}`, {
    fault: "deadline",
    url,
    retry: true,
    ambiguous: true,
  });
  const clear = context.clock.after(deadline, () => cancel.abort(late));
  try {
    const {
      statusCode: status,
      headers,
      body,
    } = await context.pool.request(url, {
      method,
      signal: cancel.signal,
      headersTimeout: 0, // the deadline above holds for all of it
      bodyTimeout: 0,
      headers: {
        accept: wanted.accept ?? "application/json",
        "user-agent": "askew",
        ...(typeof wanted.body === "string" && { "content-type": "application/json" }),
        ...wanted.headers,
        ...(context.key && { authorization: context.key.authorization }),
      },
      ...(wanted.body !== undefined && { body: typeof wanted.body === "string" ? wanted.body : wanted.body() }),
    });
    // A body that nobody reads any more must not end the process.
    body.on("error", () => undefined);
    if (status < 200 || status > 299) {
      const said = await readText(body, ERROR_BYTES).catch(() => "");
      throw ofStatus(url, status, headers, context.key?.hide(said) ?? said, context);
    }
    return await read({ status, contentType: one(headers["content-type"]) ?? "", body });
  } catch (error) {
    if (cancel.signal.aborted) throw cancel.signal.reason;
    throw error instanceof EndpointError ? error : ofConnection(url, error, context.key);
  } finally {
    clear();
  }
}

/** The whole body as text; undefined when it is larger than `most` bytes. */
export async function readBody(body: Reply["body"], most: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) return undefined; // leaving the loop destroys the body and its connection
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString("utf8");
}

async function readText(body: Reply["body"], most: number): Promise<string> {
  return (await readBody(body, most)) ?? "";
}

/** What a status that is not 2xx means. */
function ofStatus(
  url: string,
  status: number,
  headers: Dispatcher.ResponseData["headers"],
  said: string,
  context: ExchangeContext,
): EndpointError {
  if (status >= 300 && status < 400) {
    const to = one(headers.location);
    const moved = to === undefined ? "" : ` to ${excerpt(context.key?.hide(to) ?? to)}`;
    const cure = "Redirects are not followed; give the address that it moved to";
    return new EndpointError(`${url}: status ${status}: moved${moved}. ${cure}`, { fault: "refused", url, status });
  }
  return serverError(url, status, errorOf(said), context, waitOf(headers, Date.now()));
}

/**
 * What a server's error means.
 * @param status the reply's: 200 where the error came in place of an answer
 * @param wait milliseconds that the reply's headers ask to wait
 */
export function serverError(
  url: string,
  status: number,
  said: Said,
  { key, keySources }: Pick<ExchangeContext, "key" | "keySources">,
  wait?: number,
): EndpointError {
  const meaning = meaningOf(status, said, wait);
  const { statusCode } = said;
  const code = status < 400 && statusCode !== undefined ? ` (error ${excerpt(statusCode, 40)})` : "";
  const found = `${url}: status ${status}${code}${said.message === "" ? "" : `: ${said.message}`}`;
  const cure = CURES[meaning.fault]?.(
    key === undefined ? `none is set (${keySources.join(" or ")})` : `check ${key.source}`,
  );
  return new EndpointError(cure === undefined ? found : `${found}. ${cure}`, { ...meaning, url, said });
}

const CURES: Partial<Record<EndpointFault, (key: string) => string>> = {
  key: (key) => `The server does not accept the key: ${key}`,
  denied: (key) => `If the server denies every request, look at the key: ${key}`,
  quota: () => "The account's budget or quota is used up",
};

/** Codes of errors that no second try puts right, with what they mean. */
const HOPELESS: Readonly<Record<string, string>> = {
  ENOTFOUND: "there is no such host",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed (set NODE_EXTRA_CA_CERTS to trust it)",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate chain is self-signed (set NODE_EXTRA_CA_CERTS to trust it)",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate cannot be verified (set NODE_EXTRA_CA_CERTS to trust it)",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
};

function ofConnection(url: string, error: unknown, key: Key | undefined): EndpointError {
  const { code, message } = rootOf(error);
  const hopeless = HOPELESS[code];
  if (hopeless !== undefined) return new EndpointError(`${url}: ${hopeless}`, { fault: "address", url });
  const told = excerpt(key?.hide(message) ?? message);
  const what = code === "ECONNREFUSED" ? "nothing listens there (ECONNREFUSED)" : `the connection broke: ${told}`;
  const sent = code !== "ECONNREFUSED" && code !== "UND_ERR_CONNECT_TIMEOUT";
  return new EndpointError(`${url}: ${what}`, { fault: "unreachable", url, retry: true, ambiguous: sent });
}

/** The error beneath those that wrap it: a name with several addresses fails with one error for each. */
function rootOf(error: unknown): { code: string; message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0]);
  const { code = "", message = String(error) } = error as { code?: unknown; message?: string };
  return { code: String(code), message: message === "" ? String(code) : message };
}

const one = (header: string | string[] | undefined): string | undefined => (Array.isArray(header) ? header[0] : header);

export const seconds = (milliseconds: number): string => `${Number((milliseconds / 1000).toFixed(1))} s`;
