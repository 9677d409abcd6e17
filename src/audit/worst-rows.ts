/** The worst rows of any number, in memory for as many as are kept. */
import type { FoundRow, FoundRows } from "./finding.js";

export class WorstRows {
  #count = 0;
  readonly #kept: FoundRow[] = [];

  /** @param most how many are kept; all are counted */
  constructor(readonly most: number) {}

  get count(): number {
    return this.#count;
  }

  add(row: FoundRow): void {
    this.#count += 1;
    const last = this.#kept.at(-1);
    if (this.#kept.length >= this.most && (last === undefined || scoreOf(row) <= scoreOf(last))) return;
    // Equal scores stay in the order of the file.
    let place = this.#kept.length;
    while (place > 0 && scoreOf(this.#kept[place - 1]) < scoreOf(row)) place--;
    this.#kept.splice(place, 0, row);
    if (this.#kept.length > this.most) this.#kept.pop();
  }

  found(): FoundRows {
    return { count: this.#count, first: [...this.#kept] };
  }
}

const scoreOf = (row: FoundRow | undefined): number => row?.score ?? 0;
