/**
 * Which row an id belongs to, for joining judgments with their answers. Judgments mostly stand in the order of the
 * answers, so the row after the last one is tried first; the table is built where that fails. Ids are kept as 64 bits
 * of a hash, eight bytes a row, only while a file is read.
 */
export class RowOfId {
  #first = new Uint32Array(1024);
  #second = new Uint32Array(1024);
  #count = 0;
  #table = new Uint32Array(0);
  /** Rows that the table holds. */
  #held = 0;
  #next = 0;

  get bytes(): number {
    return 8 * this.#first.length + 4 * this.#table.length;
  }

  add(id: string): void {
    if (this.#count === this.#first.length) {
      this.#first = larger(this.#first);
      this.#second = larger(this.#second);
    }
    const [a, b] = hashOf(id);
    this.#first[this.#count] = a;
    this.#second[this.#count] = b;
    this.#count++;
  }

  /** The row of that id; -1 where there is none (yet). */
  find(id: string): number {
    const [a, b] = hashOf(id);
    for (const row of [this.#next, this.#next - 1, 0]) if (this.#is(row, a, b)) return this.#found(row);
    this.#fill();
    const mask = this.#table.length - 1;
    for (let at = a & mask; ; at = (at + 1) & mask) {
      const row = (this.#table[at] ?? 0) - 1;
      if (row < 0) return -1;
      if (this.#is(row, a, b)) return this.#found(row);
    }
  }

  #found(row: number): number {
    this.#next = row + 1;
    return row;
  }

  #is(row: number, a: number, b: number): boolean {
    return row >= 0 && row < this.#count && this.#first[row] === a && this.#second[row] === b;
  }

  #fill(): void {
    if (this.#table.length < 2 * this.#count + 2) {
      this.#table = new Uint32Array(2 ** Math.ceil(Math.log2(3 * this.#count + 16)));
      this.#held = 0;
    }
    const mask = this.#table.length - 1;
    for (; this.#held < this.#count; this.#held++) {
      let at = (this.#first[this.#held] ?? 0) & mask;
      while (this.#table[at] !== 0) at = (at + 1) & mask;
      this.#table[at] = this.#held + 1;
    }
  }
}

function larger(before: Uint32Array): Uint32Array<ArrayBuffer> {
  const after = new Uint32Array(2 * before.length);
  after.set(before);
  return after;
}

const hash: [number, number] = [0, 0];

/** Two independent 32-bit hashes, both of the FNV kind. */
function hashOf(id: string): [number, number] {
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x5bd1e995);
    b ^= b >>> 15;
  }
  hash[0] = a >>> 0;
  hash[1] = b >>> 0;
  return hash;
}
