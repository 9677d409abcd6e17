/** Recipes: how a file of askew's was made, as JSON in its metadata. */
import type { z } from "zod";

/**
 * @param what the file holds, as users call it: `direction`
 * @param wrong makes an error of a sentence
 */
export function readRecipe<T>(
  schema: z.ZodType<T>,
  text: string | undefined,
  path: string,
  what: string,
  wrong: (said: string) => Error,
): T {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "");
  } catch {
    throw wrong(`${path}: its metadata has no recipe that can be read. Make the ${what} again.`);
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue?.path.join(".") || "its root";
  throw wrong(
    `${path}: the recipe in its metadata is not one of this version, at ${where}: ${issue?.message ?? "?"}. Make the ${what} again.`,
  );
}
