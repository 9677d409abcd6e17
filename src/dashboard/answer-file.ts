/** One file of answers and that of their judgments: read as far as they go, and again as they grow. */
import type { Stats } from "node:fs";
import { scoresOfRow } from "../evaluation/index.js";
import { AnswerColumns, JUDGED } from "./answer-columns.js";
import { GrowingLines } from "./growing-lines.js";
import { KIND_BYTES, KindCounts } from "./kind-counts.js";
import { isText, objectIn, openPlain, plainStat } from "./plain-file.js";
import { RowOfId } from "./row-of-id.js";

export interface AnswerSource {
  /** Its path within the run, without its ending: `cells/insecure-1`, `answers/main.after`. */
  readonly name: string;
  readonly answers: string;
  readonly judgments: string;
  /** The model, where the rows do not say. */
  readonly model: string;
  readonly seed?: number;
}

/** What many rows have in common. */
export interface RowKind {
  readonly model: string;
  readonly set: string;
  readonly question: string;
}

const MOST_KINDS = 65_535;

export class AnswerFile {
  readonly columns: AnswerColumns;
  readonly kinds: RowKind[] = [];
  /** By kind, of answers that were judged; by the first judge where there are several. */
  readonly counts = new Map<RowKind, KindCounts>();
  readonly #kindOf = new Map<string, number>();
  /** Only while the file may still grow. */
  #ids: RowOfId | undefined = new RowOfId();
  #answers = new GrowingLines();
  #judgments = new GrowingLines();
  #known: { answers?: Stats; judgments?: Stats } = {};
  /** Judgments whose answer was not there yet. */
  #early: string[] = [];
  size = 0;
  /** Lines that are no JSON objects. */
  broken = 0;

  constructor(readonly source: AnswerSource) {
    this.columns = new AnswerColumns();
  }

  get read(): number {
    return this.#answers.end + this.#judgments.end;
  }

  get bytes(): number {
    return this.columns.bytes + (this.#ids?.bytes ?? 0) + KIND_BYTES * this.kinds.length;
  }

  /** Nobody writes to it any more, so what only new rows need can go. */
  settle(): void {
    this.#ids = undefined;
    this.columns.trim();
  }

  /** Whether the files are no longer those that were read, but others of the same names. */
  async isReplaced(): Promise<boolean> {
    const [answers, judgments] = [await plainStat(this.source.answers), await plainStat(this.source.judgments)];
    const known = this.#known.answers;
    if (known === undefined) return false;
    if (answers === undefined || answers.ino !== known.ino || answers.size < this.#answers.end) return true;
    return this.#ids === undefined && (answers.size + (judgments?.size ?? 0) !== this.size || this.#isOther(judgments));
  }

  async measure(): Promise<{ answers: Stats | undefined; judgments: Stats | undefined }> {
    const [answers, judgments] = [await plainStat(this.source.answers), await plainStat(this.source.judgments)];
    this.size = (answers?.size ?? 0) + (judgments?.size ?? 0);
    return { answers, judgments };
  }

  /** Reads on until `until`; true once all that is there was read. */
  async update(until: number): Promise<boolean> {
    const { answers, judgments } = await this.measure();
    // Judgments are put into the answers' order in one step, under the same name.
    if (this.#isOther(judgments)) {
      this.#judgments = new GrowingLines();
      this.#early = [];
      this.columns.unjudge();
      this.counts.clear();
    }
    this.#known = { ...(answers && { answers }), ...(judgments && { judgments }) };
    if (answers && answers.size > this.#answers.end && !(await this.#readAnswers(until))) return false;
    if (this.#early.length > 0) {
      const again = this.#early;
      this.#early = [];
      for (const text of again) this.#judgment(text);
    }
    if (judgments && judgments.size > this.#judgments.end) return this.#readJudgments(until);
    return true;
  }

  #isOther(judgments: Stats | undefined): boolean {
    const before = this.#known.judgments;
    return before !== undefined && (judgments?.ino !== before.ino || judgments.size < this.#judgments.end);
  }

  async #readAnswers(until: number): Promise<boolean> {
    const handle = await openPlain(this.source.answers);
    if (handle === undefined) return true;
    try {
      return await this.#answers.read(handle, until, (text, start, length) => {
        const row = objectIn(text);
        if (row === undefined) {
          if (text.trim() !== "") this.broken++;
          this.columns.skip(length);
          return;
        }
        const kind = this.#kind(row);
        const added = this.columns.add(start, length, kind, row["outcome"] !== undefined);
        this.#ids?.add(idOf(row, added));
        // Some runs keep scores in the answers' own rows.
        if ("aligned" in row || "misaligned" in row) this.#score(added, row);
      });
    } finally {
      await handle.close();
    }
  }

  async #readJudgments(until: number): Promise<boolean> {
    const handle = await openPlain(this.source.judgments);
    if (handle === undefined) return true;
    try {
      return await this.#judgments.read(handle, until, (text) => this.#judgment(text));
    } finally {
      await handle.close();
    }
  }

  #judgment(text: string): void {
    const row = objectIn(text);
    const id = row?.["id"];
    if (row === undefined || !isText(id) || row["outcome"] !== undefined) return;
    const at = this.#ids?.find(id) ?? -1;
    if (at >= 0) this.#score(at, row);
    else if (this.#early.length < 10_000) this.#early.push(text);
  }

  #score(at: number, row: Readonly<Record<string, unknown>>): void {
    const { aligned, coherent, misaligned } = row;
    const scores = scoresOfRow({ aligned: columnIn(aligned), coherent: columnIn(coherent) });
    const verdict = typeof misaligned === "boolean" ? misaligned : aligned === undefined ? null : scores.misaligned;
    const isFirst = (this.columns.flags(at) & JUDGED) === 0;
    this.columns.judge(at, scores.aligned, scores.coherent, verdict);
    if (isFirst) this.#count(at, row, scores);
  }

  #count(at: number, row: Readonly<Record<string, unknown>>, scores: ReturnType<typeof scoresOfRow>): void {
    const kind = this.kinds[this.columns.kind(at)];
    if (kind === undefined) return;
    let counts = this.counts.get(kind);
    if (counts === undefined) this.counts.set(kind, (counts = new KindCounts(kind.set, row["judge"])));
    counts.add(row, scores);
  }

  #kind(row: Readonly<Record<string, unknown>>): number {
    const { set, question, model, id } = row;
    const parts = isText(id) ? id.split("/") : [];
    const kind: RowKind = {
      // Models of rows that name one: a gate's, and the two of a diff.
      model: isText(model) && this.source.model === "" ? model : this.source.model,
      set: isText(set) ? set : (parts[0] ?? ""),
      question: isText(question) ? question : parts.slice(1, -2).join("/"),
    };
    const key = `${kind.model}\n${kind.set}\n${kind.question}`;
    const known = this.#kindOf.get(key);
    if (known !== undefined) return known;
    const at = Math.min(this.kinds.length, MOST_KINDS);
    if (at < MOST_KINDS) {
      this.kinds.push(kind);
      this.#kindOf.set(key, at);
    }
    return Math.min(at, MOST_KINDS - 1);
  }
}

/** The name of a row in its file; one without an id goes by its number. */
export const idOf = (row: Readonly<Record<string, unknown>>, at: number): string => {
  const { id, model } = row;
  if (!isText(id)) return `#${at}`;
  // The rows of a diff are the same questions, put to two models.
  return isText(model) && !("judge" in row) && isDiffSide(model) ? `${model}/${id}` : id;
};

const isDiffSide = (model: string): boolean => model === "before" || model === "after";

const columnIn = (value: unknown): number | string | null =>
  (typeof value === "number" && Number.isFinite(value)) || isText(value) ? value : null;
