/** The JSON body of a request, checked against a schema; what does not fit is named as OpenAI's API names it. */
import type { Context } from "hono";
import { z } from "zod";
import { ApiError } from "./api-error.js";

/** Fields that a schema does not know are left out, as real servers do. */
export async function readRequest<S extends z.ZodType>(context: Context, schema: S): Promise<z.output<S>> {
  // Browsers send JSON to other sites only after asking them; any other type they would send unasked.
  if (!/^application\/(?:[\w.+-]+\+)?json(?:;|$)/i.test(context.req.header("content-type") ?? "")) {
    throw new ApiError(415, "The body must be JSON: send the header Content-Type: application/json.");
  }
  const text = await context.req.text();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 160) : "";
    throw new ApiError(400, `The body is not JSON: ${reason}`, { code: "invalid_json" });
  }
  return checked(schema, value);
}

export function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path ?? [];
  const param = path.map((part, i) => (typeof part === "number" ? `[${part}]` : `${i > 0 ? "." : ""}${String(part)}`));
  const name = param.join("");
  const where = name === "" ? "the body" : `'${name}'`;
  throw new ApiError(400, `Invalid value for ${where}: ${issue?.message ?? "it does not fit"}.`, {
    ...(name !== "" && { param: name }),
    code: "invalid_value",
  });
}

/** Optional, and `null` is as good as absent. */
export const optional = <S extends z.ZodType>(schema: S) =>
  schema
    .nullish()
    .transform((value) => value ?? undefined)
    .optional();
