/** The body of a request that changes something or makes work. */
import type { Context } from "hono";
import type { ZodType } from "zod";

/** Only JSON: a form of a foreign page can send none without being asked first. Undefined where it is anything else. */
export async function readJsonBody<T>(context: Context, schema: ZodType<T>): Promise<T | undefined> {
  return (await checkedJsonBody(context, schema)).data;
}

/** As {@link readJsonBody}, with the first field that does not fit, where it is one. */
export async function checkedJsonBody<T>(
  context: Context,
  schema: ZodType<T>,
): Promise<{ readonly data?: T | undefined; readonly wrong?: string | undefined }> {
  if (!/^application\/json\b/i.test(context.req.header("content-type") ?? "")) return {};
  const { data, error } = schema.safeParse(await context.req.json().catch(() => undefined));
  const field = error?.issues[0]?.path[0];
  return { data, wrong: typeof field === "string" ? field : undefined };
}
