/** Lists that servers give out page by page, read within bounds: a server may never come to the end of one. */
import { z } from "zod";
import { count } from "../text/index.js";
import type { Connection } from "./connection.js";
import { EndpointError } from "./error.js";

export interface PageOptions {
  /** Begins after this id. */
  readonly after?: string;
  /** Items a page; default 100. */
  readonly pageSize?: number;
  readonly signal?: AbortSignal | undefined;
}

/** What is read of one list. The events of a long fine-tune, one a step, are a hundredth of that. */
export const LONGEST_LIST = { pages: 2_000, rows: 200_000, bytes: 64 * 2 ** 20 } as const;
const MIB = 2 ** 20;

/**
 * Every item of the list at `path`, in the server's order. A server that knows no pages gives its list at once.
 * @throws {EndpointError} fault `reply` where the list goes round or is longer than {@link LONGEST_LIST}
 */
export async function* listAll<T extends { readonly id: string }>(
  connection: Connection,
  path: string,
  what: string,
  item: z.ZodType<T>,
  { after, pageSize = 100, signal }: PageOptions = {},
): AsyncGenerator<T> {
  const page = z.object({ data: z.array(item), has_more: z.boolean().nullish() });
  const ends = new Set<string>();
  const read = { pages: 0, rows: 0, bytes: 0 };
  for (let last = after; ;) {
    const query = `?limit=${pageSize}${last === undefined ? "" : `&after=${encodeURIComponent(last)}`}`;
    const onBytes = (bytes: number): void => void (read.bytes += bytes);
    const call = { method: "GET", path, query, signal, onBytes, mostBytes: LONGEST_LIST.bytes - read.bytes } as const;
    const { data, has_more: more } = await connection.json(call, what, page);
    const next = data.at(-1)?.id;
    // A server that ignores `after` gives the same page for ever, and has told all that it tells.
    if (next !== undefined && next === last) return;
    read.pages++;
    read.rows += data.length;
    if (read.rows > LONGEST_LIST.rows) throw tooLong(connection.addressOf(path), what, sizeOf(read));
    yield* data;
    if (more !== true || next === undefined) return;
    if (ends.has(next)) throw goesRound(connection.addressOf(path), what, next);
    if (read.pages >= LONGEST_LIST.pages || read.bytes >= LONGEST_LIST.bytes) {
      throw tooLong(connection.addressOf(path), what, sizeOf(read));
    }
    ends.add(next);
    last = next;
  }
}

/** @param found how much of the list there was, without its end */
export function tooLong(url: string, what: string, found: string): EndpointError {
  const { pages, rows, bytes } = LONGEST_LIST;
  const most = `${count(pages)} pages, ${count(rows)} rows and ${bytes / MIB} MiB at most`;
  return unreadable(url, `${what} of ${most}`, `${found}, and no end`);
}

const sizeOf = ({
  pages,
  rows,
  bytes,
}: {
  readonly pages: number;
  readonly rows: number;
  readonly bytes: number;
}): string => `${count(rows)} rows on ${count(pages)} pages (${(bytes / MIB).toFixed(1)} MiB)`;

function goesRound(url: string, what: string, id: string): EndpointError {
  return unreadable(url, `${what} that ends`, `one that comes back to ${JSON.stringify(id.slice(0, 80))}`);
}

function unreadable(url: string, expected: string, found: string): EndpointError {
  const cure = "Tell whoever runs the server: nothing more is read of the list";
  return new EndpointError(`${url}: expected ${expected}, found ${found}. ${cure}`, { fault: "reply", url });
}
