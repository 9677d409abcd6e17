/** Values of a study's file that say in words what was expected. */
import { z } from "zod";

export const number = (least: number, most: number, what = "a number") => {
  const error = `expected ${what} from ${least} to ${most}`;
  return z.number({ error }).min(least, { error }).max(most, { error });
};
export const whole = (least: number, most: number) => {
  const error = `expected a whole number from ${least} to ${most}`;
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
};
export const listOf = <T extends z.ZodType>(item: T, what: string) =>
  z.array(item, { error: `expected a list of ${what}` }).min(1, { error: `expected a list of ${what}` });
export const mapOf = (what: string) => (issue: { readonly code?: string | undefined }) =>
  issue.code === "invalid_type" ? `expected ${what}` : undefined;
export const text = (what: string) => z.string({ error: `expected ${what}` }).min(1, { error: `expected ${what}` });
