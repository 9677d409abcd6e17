/** Files of other tools as files of conversations. */
import type { Conversation } from "../conversation.js";
import { sourceName, type Source } from "../file/input.js";
import { problemOfRow } from "../file/cure.js";
import { DatasetError, type Problem } from "../file/problem.js";
import { readRecords, type RecordOptions } from "../file/records.js";
import { conversationOf, isFault } from "../file/row.js";
import { convertRow, isConverted, type RowOptions } from "./convert-row.js";

export interface ConvertOptions extends RecordOptions, RowOptions {
  /** Rows that cannot be converted are left out and counted; unless it is so, the first ends all. */
  readonly skip?: boolean;
}

export interface Conversion {
  readonly rows: number;
  /** Rows left out, and why the first few were. */
  readonly skipped: number;
  readonly first: readonly Problem[];
  /** What was changed, and in how many rows. */
  readonly changes: ReadonlyMap<string, number>;
}

const SHOWN = 5;
const MOST_CHANGES = 50;

/** Converts row after row; what it counts is whole once all rows are taken. */
export class Converter {
  #rows = 0;
  #skipped = 0;
  readonly #first: Problem[] = [];
  readonly #changes = new Map<string, number>();

  constructor(
    readonly source: Source,
    readonly options: ConvertOptions = {},
  ) {}

  get result(): Conversion {
    return { rows: this.#rows, skipped: this.#skipped, first: this.#first, changes: this.#changes };
  }

  /** @throws {DatasetError} for a row that cannot be converted, unless such rows are skipped */
  async *rows(): AsyncGenerator<Conversation, void> {
    const file = sourceName(this.source);
    const fail = (problem: Problem, options?: ErrorOptions): DatasetError => new DatasetError(problem, options);
    for await (const records of readRecords(this.source, { ...this.options, fail })) {
      for (const { value, line } of records) {
        const converted = this.#convert(value);
        if ("path" in converted) {
          this.#leaveOut(problemOfRow(file, line, converted));
          continue;
        }
        this.#rows += 1;
        yield converted;
      }
    }
    if (this.#rows > 0) return;
    const found = this.#skipped === 0 ? "none" : `none among ${this.#skipped} rows`;
    throw new DatasetError({ file, kind: "file", expected: "at least one conversation", found });
  }

  #convert(value: unknown) {
    const found = convertRow(value, this.options);
    if (!isConverted(found)) return found;
    const { messages, extra, changes } = found;
    const checked = conversationOf({ messages }, "api");
    if (isFault(checked)) return checked;
    const loss = messages.map(({ role: _role, content: _content, ...kept }) => kept);
    const isWeighted = loss.some((kept) => Object.keys(kept).length > 0);
    for (const change of changes) {
      if (this.#changes.size < MOST_CHANGES || this.#changes.has(change)) {
        this.#changes.set(change, (this.#changes.get(change) ?? 0) + 1);
      }
    }
    return { ...checked, ...(Object.keys(extra).length > 0 && { extra }), ...(isWeighted && { loss }) };
  }

  #leaveOut(problem: Problem): void {
    if (this.options.skip !== true) throw new DatasetError(problem);
    this.#skipped += 1;
    if (this.#first.length < SHOWN) this.#first.push(problem);
  }
}
