/** An answer as the cache holds it. Files can be changed by anybody, so what is read is checked. */
import { z } from "zod";
import type { ChatAnswer } from "./chat.js";

const tokenSchema = z.object({ token: z.string(), logProbability: z.number() });
const count = z.number().nonnegative();

/** Optional fields are left out, never undefined, as JSON has it. */
export const storedAnswerSchema: z.ZodType<ChatAnswer> = z.object({
  text: z.string(),
  finish: z.enum(["stop", "length", "tool"]),
  reasoning: z.string().exactOptional(),
  without: z.array(z.string()).exactOptional(),
  choices: z.array(tokenSchema.extend({ alternatives: z.array(tokenSchema) })).exactOptional(),
  logProbability: z.number().exactOptional(),
  usage: z.object({ promptTokens: count, completionTokens: count, cachedTokens: count }).exactOptional(),
  model: z.string().exactOptional(),
});
