/** Lines that are no conversation: no check sees them, so that no check can clear them. */
import { describeProblem, type Problem } from "../../dataset/index.js";
import { wilson } from "../../statistics/index.js";
import { counted, shellWord } from "../../text/index.js";
import type { Finding } from "../finding.js";
import { WorstRows } from "../worst-rows.js";

export const FORMAT_CHECK = "data/format";

/** A file may bring another change in every row. */
const MOST_CHANGES = 12;
const OTHERS = "other keys are passed over";

export class FormatCheck {
  readonly #bad: WorstRows;
  readonly #forms = new Map<string, number>();
  readonly #first: Problem[] = [];
  readonly #changes = new Map<string, number>();
  #rows = 0;

  constructor(
    readonly file: string,
    readonly rows: number,
  ) {
    this.#bad = new WorstRows(rows);
  }

  /** @param changes what was read otherwise than it stands there */
  good(form = "messages", changes: readonly string[] = []): void {
    this.#rows += 1;
    for (const change of changes) {
      const known = this.#changes.has(change) || this.#changes.size < MOST_CHANGES ? change : OTHERS;
      this.#changes.set(known, (this.#changes.get(known) ?? 0) + 1);
    }
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
    const changes = [...this.#changes].map(([change, n]) => `${change} (${counted(n, "row")})`).join("; ");
    const isChanged = changes !== "";
    return {
      check: FORMAT_CHECK,
      title: "Unreadable rows",
      outcome: bad > 0 ? "not-measured" : isChanged ? "note" : "pass",
      found: `${
        bad === 0
          ? `${this.#rows === 1 ? "The only row is a conversation" : `All ${this.#rows} rows are conversations`}: ${forms}.`
          : `${bad} of ${this.#rows} rows are no conversations, so that no check below has seen them.`
      }${isChanged ? ` The checks below read them so: ${changes}.` : ""}`,
      ...(bad > 0 && {
        cure: `Mend or remove these rows; askew dataset check ${shellWord(this.file)} says what is wrong with each.`,
      }),
      measures: [{ name: "share of unreadable rows", of: "rows", ...wilson(bad, this.#rows) }],
      rows: this.#bad.found(),
    };
  }
}
