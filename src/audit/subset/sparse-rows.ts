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
   * @param keys for each row, its features, each once, as numbers below `size`
   */
  static of(
    keys: readonly ArrayLike<number>[],
    size: number,
    { least, mostShare }: { readonly least: number; readonly mostShare: number },
  ): { readonly matrix: SparseRows; readonly keyOf: readonly number[] } {
    const counts = new Uint32Array(size);
    for (const row of keys) {
      for (let k = 0; k < row.length; k++) counts[row[k] as number] = (counts[row[k] as number] as number) + 1;
    }
    const most = mostShare * keys.length;
    let entries = 0;
    for (const count of counts) if (count >= least && count <= most) entries += count;
    const ids = new Int32Array(size).fill(-1);
    const keyOf: number[] = [];
    const starts = new Uint32Array(keys.length + 1);
    const flat = new Uint32Array(entries);
    let at = 0;
    for (const [i, row] of keys.entries()) {
      for (let k = 0; k < row.length; k++) {
        const key = row[k] as number;
        const count = counts[key] as number;
        if (count < least || count > most) continue;
        let id = ids[key] as number;
        if (id < 0) ids[key] = id = keyOf.push(key) - 1;
        flat[at++] = id;
      }
      starts[i + 1] = at;
    }
    return { matrix: new SparseRows(keys.length, keyOf.length, starts, flat), keyOf };
  }

  row(i: number): Uint32Array {
    return this.ids.subarray(this.starts[i], this.starts[i + 1]);
  }
}
