/** A matrix of zeros and ones, row by row: which features each row has. */

export class SparseRows {
  /** In how many rows each feature occurs. */
  readonly counts: Uint32Array;

  private constructor(
    readonly rows: number,
    readonly features: number,
    readonly starts: Uint32Array,
    readonly ids: Uint32Array,
  ) {
    this.counts = new Uint32Array(features);
    for (const id of ids) this.counts[id] = (this.counts[id] as number) + 1;
  }

  /**
   * Features in at least `least` rows and at most `mostShare` of them get numbers in the order in which they come.
   * @param keys for each row, its features, each once
   */
  static of(
    keys: readonly ReadonlySet<number>[],
    { least, mostShare }: { readonly least: number; readonly mostShare: number },
  ): { readonly matrix: SparseRows; readonly keyOf: readonly number[] } {
    const counts = new Map<number, number>();
    for (const row of keys) for (const key of row) counts.set(key, (counts.get(key) ?? 0) + 1);
    const most = mostShare * keys.length;
    const ids = new Map<number, number>();
    const keyOf: number[] = [];
    let entries = 0;
    for (const [key, count] of counts) {
      if (count < least || count > most) continue;
      ids.set(key, keyOf.push(key) - 1);
      entries += count;
    }
    const starts = new Uint32Array(keys.length + 1);
    const flat = new Uint32Array(entries);
    let at = 0;
    for (const [i, row] of keys.entries()) {
      for (const key of row) {
        const id = ids.get(key);
        if (id !== undefined) flat[at++] = id;
      }
      starts[i + 1] = at;
    }
    return { matrix: new SparseRows(keys.length, keyOf.length, starts, flat), keyOf };
  }

  row(i: number): Uint32Array {
    return this.ids.subarray(this.starts[i], this.starts[i + 1]);
  }
}
