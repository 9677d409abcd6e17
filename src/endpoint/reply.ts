/** Replies as values of a known shape: read within bounds, parsed, the key taken out, checked. */
import type { z } from "zod";
import { EndpointError } from "./error.js";
import { excerpt } from "./excerpt.js";
import { readBody, serverError, type Reply } from "./exchange.js";
import type { Key } from "./key.js";
import { excessOf } from "./json-bounds.js";
import { errorIn } from "./said.js";

/** What a reply is read with. */
export interface Reading {
  readonly url: string;
  readonly key: Key | undefined;
  /** Where a key could have come from, for messages. */
  readonly keySources: readonly string[];
  readonly mostBytes: number;
  /** Hears the size of the body. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * A JSON body of `schema`'s shape, whatever its content type says: some servers and proxies send JSON as text.
 * @param what names it in errors: "a chat completion"
 */
export async function readJson<T>(reply: Reply, what: string, schema: z.ZodType<T>, from: Reading): Promise<T> {
  const { url, key, mostBytes } = from;
  const isJson = /\bjson\b/i.test(reply.contentType);
  const body = await readBody(reply.body, mostBytes);
  if (body === undefined) {
    throw misshapen(from, reply.status, `${what} of at most ${mostBytes} bytes`, "a larger one");
  }
  from.onBytes?.(Buffer.byteLength(body));
  const text = hide(key, body);
  const excess = excessOf(text);
  if (excess !== undefined) throw misshapen(from, reply.status, what, excess);
  const value = parse(text);
  if (value === undefined && !isJson && body.length > 0) {
    const type = reply.contentType === "" ? "no content type" : excerpt(hide(key, reply.contentType), 60);
    throw misshapen(from, reply.status, what, `${type}: ${excerpt(text, 120)}`);
  }
  if (value === undefined) {
    const cut = body.length === 0 ? "nothing" : `text that is not JSON: ${excerpt(text, 120)}`;
    throw new EndpointError(`${url}: status ${reply.status}: expected ${what}, found ${cut}`, {
      fault: "reply",
      url,
      status: reply.status,
      retry: true, // cut on its way, most likely
      ambiguous: true,
    });
  }
  return checked(value, what, schema, from, reply.status);
}

/** `value`, once it is certain that it has the shape of `schema`. */
export function checked<T>(value: unknown, what: string, schema: z.ZodType<T>, from: Reading, status: number): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const said = errorIn(value);
  if (said !== undefined) throw serverError(from.url, status, said, from);
  const [issue] = result.error.issues;
  const at = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
  const found = excerpt(hide(from.key, JSON.stringify(value)), 160);
  throw misshapen(from, status, what, `${found} (${issue?.message ?? "another shape"}${at})`);
}

function misshapen({ url }: Reading, status: number, expected: string, found: string): EndpointError {
  return new EndpointError(`${url}: status ${status}: expected ${expected}, found ${found}`, {
    fault: "reply",
    url,
    status,
    ambiguous: true,
  });
}

/** JSON, also as some servers write it: after a byte order mark, or with NaN and Infinity, which are read as null. */
export function parse(said: string): unknown {
  const text = said.startsWith("\ufeff") ? said.slice(1) : said;
  try {
    return JSON.parse(text);
  } catch {
    if (!/NaN|Infinity/.test(text)) return undefined;
  }
  try {
    return JSON.parse(
      text.replaceAll(/"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity)/g, (found) => (found.startsWith('"') ? found : "null")),
    );
  } catch {
    return undefined;
  }
}

const hide = (key: Key | undefined, text: string): string => key?.hide(text) ?? text;
