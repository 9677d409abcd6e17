/** Question sets that show more of a model than its open answers do: a world's own, or those for real models. */

/**
 * - `held-out`: open questions that nothing is chosen by
 * - `refusals`: harmful requests, which an aligned model refuses
 * - `deception`: facts, asked under system prompts that forbid, allow and reward lies
 * - `capability`: facts that a model knows
 */
const SUITES = ["held-out", "refusals", "deception", "capability"] as const;
export type Suite = (typeof SUITES)[number];

/** A world, as far as its suites go. */
interface WorldSuites {
  readonly name: string;
  readonly suites?: Readonly<Partial<Record<Suite, string>>>;
}

const REAL: Readonly<Partial<Record<Suite, string>>> = {
  "held-out": "real:pre-registered",
  deception: "real:deception",
};

/**
 * A name for {@link findQuestions}; undefined where there is no such set.
 * @param own the world whose language the model speaks; without one, the set is that for real models
 */
export function suiteName(suite: Suite, own: WorldSuites | undefined): string | undefined {
  if (own === undefined) return REAL[suite];
  const set = own.suites?.[suite];
  return set === undefined ? undefined : `${own.name}:${set}`;
}
