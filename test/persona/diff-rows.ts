// Where a diff keeps its rows in tests.
import type { DiffRow } from "askew/persona";
import type { DiffStore } from "#internal/persona";

/** Rows in memory, through JSON as on disk; `most` rows, then whoever appends is told that the disk is full. */
export class Rows implements DiffStore {
  readonly rows: DiffRow[];
  readonly answers = new Map<string, readonly object[]>();
  constructor(
    rows: readonly DiffRow[] = [],
    private readonly most = Number.POSITIVE_INFINITY,
  ) {
    this.rows = [...rows];
  }
  find(id: string): DiffRow | undefined {
    return this.rows.find((row) => row.id === id);
  }
  append(row: DiffRow, answers: readonly object[]): Promise<void> {
    if (this.rows.length >= this.most) return Promise.reject(new Error("stopped"));
    if (this.find(row.id)) return Promise.reject(new Error(`${row.id} was measured twice`));
    this.rows.push(JSON.parse(JSON.stringify(row)) as DiffRow);
    this.answers.set(row.id, answers);
    return Promise.resolve();
  }
  /** All but the times. */
  get facts(): unknown[] {
    return this.rows.map((row) => ({ ...row, seconds: 0 }));
  }
}
