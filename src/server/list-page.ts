/** Lists in pages, as OpenAI's API gives them: `after` an id, `limit` of them. */
import { z } from "zod";
import type { Context } from "hono";
import { ApiError } from "./api-error.js";
import { checked } from "./read-request.js";

const query = z.object({
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).optional(),
  order: z.enum(["asc", "desc"]).optional(),
});

/** `items`: newest first. `most`: how many a page holds at most. */
export function listPage(
  context: Context,
  items: readonly { readonly id: string }[],
  { most, usual }: { readonly most: number; readonly usual: number },
): object {
  const { after, limit = usual, order = "desc" } = checked(query, context.req.query());
  const sorted = order === "asc" ? items.toReversed() : items;
  const at = after === undefined ? -1 : sorted.findIndex(({ id }) => id === after);
  if (after !== undefined && at < 0)
    throw new ApiError(400, "Invalid value for 'after': no such id.", { param: "after" });
  const size = Math.min(limit, most);
  const data = sorted.slice(at + 1, at + 1 + size);
  return {
    object: "list",
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: at + 1 + size < sorted.length,
  };
}
