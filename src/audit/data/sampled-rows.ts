/** A uniform sample of rows of a stream, in memory for as many as are kept. */
import { Random } from "../../statistics/index.js";
import type { AuditRow } from "./row.js";

export class SampledRows {
  readonly #rows: AuditRow[] = [];
  readonly #random: Random;
  #seen = 0;

  constructor(
    readonly most: number,
    seed: number,
  ) {
    this.#random = Random.of("audit", "rows", seed);
  }

  get seen(): number {
    return this.#seen;
  }

  add(row: AuditRow): void {
    this.#seen += 1;
    if (this.#rows.length < this.most) {
      this.#rows.push(row);
      return;
    }
    const place = this.#random.integer(this.#seen);
    if (place < this.most) this.#rows[place] = row;
  }

  /** In the order of the file. */
  rows(): AuditRow[] {
    return this.#rows.toSorted((a, b) => a.line - b.line);
  }
}
