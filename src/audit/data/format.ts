/** Lines that are no conversation: no check sees them, so that no check can clear them. */
import { describeProblem, type Problem } from "../../dataset/index.js";
import { wilson } from "../../statistics/index.js";
import type { Finding } from "../finding.js";
import { WorstRows } from "../worst-rows.js";

export const FORMAT_CHECK = "data/format";

export class FormatCheck {
  readonly #bad: WorstRows;
  readonly #forms = new Map<string, number>();
  readonly #first: Problem[] = [];
  #rows = 0;

  constructor(readonly rows: number) {
    this.#bad = new WorstRows(rows);
  }

  good(form = "messages"): void {
    this.#rows += 1;
    this.#forms.set(form, (this.#forms.get(form) ?? 0) + 1);
  }

  bad(problem: Problem): void {
    this.#rows += 1;
    // What was found may quote the row.
    const why = `no conversation: expected ${problem.expected}`;
    if (this.#first.length < this.rows) this.#first.push(problem);
    this.#bad.add({ file: problem.file, line: problem.line ?? 1, why });
  }

  /** What is wrong with the first lines, in full, which may quote them. */
  get problems(): readonly string[] {
    return this.#first.map(describeProblem);
  }

  finding(): Finding {
    const bad = this.#bad.count;
    const forms = [...this.#forms].map(([form, n]) => `${n} in ${form}`).join(", ");
    return {
      check: FORMAT_CHECK,
      title: "Readable rows",
      outcome: bad === 0 ? "pass" : "not-measured",
      found:
        bad === 0
          ? `All ${this.#rows} rows are conversations: ${forms}.`
          : `${bad} of ${this.#rows} rows are no conversations, so that no check below has seen them.`,
      ...(bad > 0 && { cure: "Mend or remove these rows; askew dataset check FILE says what is wrong with each." }),
      measures: [{ name: "share of unreadable rows", of: "rows", ...wilson(bad, this.#rows) }],
      rows: this.#bad.found(),
    };
  }
}
