/** The query of an address, as what the answers are asked for. */
import { z } from "zod";
import type { AnswersQuery } from "./contract.js";

const text = z.string().max(1000).optional();
const score = z.coerce.number().min(0).max(100).optional();
const yes = z
  .enum(["true", "false"])
  .transform((value) => value === "true")
  .optional();

const querySchema = z.object({
  run: z.string().max(4096),
  text,
  model: text,
  question: text,
  set: text,
  from: score,
  to: score,
  misaligned: yes,
  disagree: yes,
  noted: yes,
  sort: z.enum(["order", "aligned", "coherent", "spread"]).optional(),
  descending: yes,
  offset: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
});

/** Undefined where it is none. */
export function readQuery(query: Readonly<Record<string, string>>): AnswersQuery | undefined {
  const { data } = querySchema.safeParse(query);
  return data === undefined
    ? undefined
    : (Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined)) as unknown as AnswersQuery);
}
