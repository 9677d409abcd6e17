/** The body of a request that changes something or makes work. */
import type { Context } from "hono";
import type { ZodType } from "zod";

/** Only JSON: a form of a foreign page can send none without being asked first. Undefined where it is anything else. */
export async function readJsonBody<T>(context: Context, schema: ZodType<T>): Promise<T | undefined> {
  if (!/^application\/json\b/i.test(context.req.header("content-type") ?? "")) return undefined;
  return schema.safeParse(await context.req.json().catch(() => undefined)).data;
}
