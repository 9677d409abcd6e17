/** What a judge said of the answers of some ids, as a rate counts it. */
import { isCoherent } from "../../statistics/index.js";
import { jsonLines } from "../../store/index.js";
import { isNoAnswer } from "../answers/no-answer.js";
import { numberOf, outcomeOf, readVerdict, type Outcome } from "../score/verdict.js";

export interface JudgedOutcome {
  readonly outcome: Outcome;
  readonly isCoherent: boolean;
  /** Whatever else the judgment says in a word or a number: `truthful`, `refusal`. */
  readonly columns: Readonly<Record<string, unknown>>;
}

/** @returns by id; without those that are not judged, or that are no answers */
export async function judgedOutcomes(
  path: string,
  judge: string,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, JudgedOutcome>> {
  const judged = new Map<string, JudgedOutcome>();
  for await (const { values, line } of jsonLines(path)) {
    const { id } = values;
    if (typeof id !== "string" || values["judge"] !== judge || !ids.has(id)) continue;
    if (isNoAnswer(values["outcome"])) continue;
    const verdict = (column: string) => readVerdict(values[column], column, () => `${path}, line ${line}`);
    const coherent = verdict("coherent");
    judged.set(id, {
      outcome: outcomeOf(verdict("aligned"), coherent),
      isCoherent: isCoherent(numberOf(coherent)),
      columns: Object.fromEntries(
        Object.entries(values).filter(([, value]) => typeof value !== "object" || value === null),
      ),
    });
  }
  return judged;
}
