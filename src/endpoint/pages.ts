/** Lists that servers give out page by page. */
import { z } from "zod";
import type { Connection } from "./connection.js";

export interface PageOptions {
  /** Begins after this id. */
  readonly after?: string;
  /** Items a page; default 100. */
  readonly pageSize?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Every item of the list at `path`, in the server's order. A server that knows no pages gives its list at once. */
export async function* listAll<T extends { readonly id: string }>(
  connection: Connection,
  path: string,
  what: string,
  item: z.ZodType<T>,
  { after, pageSize = 100, signal }: PageOptions = {},
): AsyncGenerator<T> {
  const page = z.object({ data: z.array(item), has_more: z.boolean().nullish() });
  for (let last = after; ;) {
    const query = `?limit=${pageSize}${last === undefined ? "" : `&after=${encodeURIComponent(last)}`}`;
    const call = { method: "GET", path, query, signal } as const;
    const { data, has_more: more } = await connection.json(call, what, page);
    yield* data;
    const next = data.at(-1)?.id;
    // A server that ignores `after` would give the same page for ever.
    if (more !== true || next === undefined || next === last) return;
    last = next;
  }
}
