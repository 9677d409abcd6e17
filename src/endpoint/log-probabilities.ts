/** Log-probabilities as servers tell them: often in part, sometimes not at all, now and then as NaN. */
import { z } from "zod";
import type { Key } from "./key.js";

export interface TokenLogProbability {
  readonly token: string;
  /** Natural logarithm, as the server tells it. */
  readonly logProbability: number;
}

/** One token of an answer, and what else could have stood there. */
export interface TokenChoice extends TokenLogProbability {
  /** Likeliest first. */
  readonly alternatives: readonly TokenLogProbability[];
}

const entrySchema = z.object({ token: z.string(), logprob: z.number().nullish().catch(undefined) });

const logProbabilitiesSchema = z.object({
  content: z.array(entrySchema.extend({ top_logprobs: z.array(entrySchema).nullish().catch(undefined) })),
});

/** Rounding may put a certain token a little above 0. */
const ROUNDING = 1e-3;

/**
 * A choice for every token of the answer; undefined where the server told none, or left out the sampled tokens' own.
 * An alternative without a finite log-probability is left out: it stands for nothing that could be counted.
 */
export function readLogProbabilities(said: unknown, key: Key | undefined): TokenChoice[] | undefined {
  const found = logProbabilitiesSchema.safeParse(said);
  if (!found.success || found.data.content.length === 0) return undefined;
  const choices: TokenChoice[] = [];
  for (const { token, logprob, top_logprobs: top } of found.data.content) {
    const alternatives = (top ?? [])
      .flatMap((entry) => valid(entry.token, entry.logprob, key))
      .toSorted((a, b) => b.logProbability - a.logProbability);
    const [own] = valid(token, logprob, key);
    const sampled = own ?? alternatives.find((other) => other.token === (key?.hide(token) ?? token));
    if (sampled === undefined) return undefined;
    choices.push({ ...sampled, alternatives });
  }
  return choices;
}

function valid(token: string, logprob: number | null | undefined, key: Key | undefined): TokenLogProbability[] {
  if (logprob == null || !Number.isFinite(logprob) || logprob > ROUNDING) return [];
  return [{ token: key?.hide(token) ?? token, logProbability: Math.min(logprob, 0) }];
}

/** Of the whole answer; undefined where there is no token to sum. */
export function logProbabilityOf(choices: readonly TokenChoice[]): number | undefined {
  if (choices.length === 0) return undefined;
  return choices.reduce((sum, { logProbability }) => sum + logProbability, 0);
}
