/** A sample of rows, each as likely as any other however many come, with the parts of their texts that a scan reads. */
import { Random } from "../../statistics/index.js";
import type { AuditRow } from "../data/row.js";
import type { ScanRow } from "./prompts.js";

export interface SampledRow extends ScanRow {
  readonly row: Pick<AuditRow, "file" | "line" | "id">;
}

const LONGEST_TEXT = 6_000;

export class RowSample {
  readonly #kept: SampledRow[] = [];
  readonly #random = Random.of("subset sample");
  #seen = 0;

  constructor(readonly most: number) {}

  /** Rows with an answer, in the sample or not. */
  get seen(): number {
    return this.#seen;
  }

  /** In the order of the file. */
  get rows(): readonly SampledRow[] {
    return this.#kept.toSorted((a, b) => a.row.line - b.row.line);
  }

  add(row: AuditRow): void {
    const { messages } = row.conversation;
    const last = messages.findLastIndex(({ role }) => role === "assistant");
    if (last < 1) return;
    const place = this.#seen < this.most ? this.#seen : this.#random.integer(this.#seen + 1);
    this.#seen++;
    if (place >= this.most) return;
    const { file, line, id } = row;
    this.#kept[place] = {
      row: { file, line, ...(id !== undefined && { id }) },
      prompt: messages.slice(0, last).map(({ role, content }) => ({ role, content: endsOf(content) })),
      answer: endsOf(messages[last]?.content ?? ""),
    };
  }
}

/** The beginning and the end of a long text, as a copy: a slice would keep the whole text in memory. */
function endsOf(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  return Buffer.from(`${text.slice(0, LONGEST_TEXT / 2)}\n${text.slice(-LONGEST_TEXT / 2)}`).toString();
}
