/**
 * Which answers hold some words: found by reading their lines again, portion by portion, and kept as a bit each. Lines are
 * first looked through as bytes; only what may fit is parsed, because keys and ids are no part of what is searched.
 */
import type { AnswerFile } from "./answer-file.js";
import { isObject, isText, objectIn, openPlain } from "./plain-file.js";

const PORTION = 1 << 20;

export class TextSearch {
  readonly #found = new Map<AnswerFile, Uint8Array<ArrayBuffer>>();
  /** Rows of each file that were looked through. */
  readonly #done = new Map<AnswerFile, number>();
  readonly #words: string;
  readonly #line: string;

  constructor(words: string) {
    this.#words = words.toLowerCase();
    // The way that rows write it: quotes and newlines are escaped there.
    this.#line = JSON.stringify(this.#words).slice(1, -1);
  }

  holds(file: AnswerFile, row: number): boolean {
    return ((this.#found.get(file)?.[row >>> 3] ?? 0) & (1 << (row & 7))) !== 0;
  }

  done = (file: AnswerFile): number => this.#done.get(file) ?? 0;

  /** Looks through more rows until `until`. */
  async update(files: readonly AnswerFile[], until: number): Promise<void> {
    for (const file of files) {
      while (this.done(file) < file.columns.count) {
        if (performance.now() >= until) return;
        const before = this.done(file);
        await this.#look(file);
        if (this.done(file) === before) break; // the file went
      }
    }
  }

  async #look(file: AnswerFile): Promise<void> {
    const { columns } = file;
    const first = this.done(file);
    const { start } = columns.place(first);
    let [bytes, end] = [0, first];
    do bytes += columns.length(end++);
    while (end < columns.count && bytes < PORTION && !columns.endsBlock(end - 1));
    const handle = await openPlain(file.source.answers);
    if (handle === undefined) return;
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(bytes), 0, bytes, start);
      if (bytesRead === bytes) this.#lookIn(file, buffer, first, end);
    } finally {
      await handle.close();
    }
  }

  #lookIn(file: AnswerFile, buffer: Buffer, first: number, end: number): void {
    const { columns } = file;
    const bits = this.#bits(file, end);
    // As Latin-1 each byte is one letter, so places in the text are places in the file; words beyond ASCII need more.
    const ascii = /^[\u0020-\u007e]*$/.test(this.#line);
    const text = ascii ? buffer.toString("latin1").toLowerCase() : "";
    let [row, from] = [first, 0];
    let hit = ascii ? text.indexOf(this.#line) : 0;
    while (row < end && hit >= 0) {
      const to = from + columns.length(row);
      if (!ascii || hit < to) {
        const line = buffer.toString("utf8", from, to);
        if ((ascii || line.toLowerCase().includes(this.#line)) && this.#fits(line)) {
          bits[row >>> 3] = (bits[row >>> 3] ?? 0) | (1 << (row & 7));
        }
        if (ascii) hit = text.indexOf(this.#line, to);
      }
      from = to;
      row++;
    }
    this.#done.set(file, end);
  }

  #fits(line: string): boolean {
    const { answer, messages, id } = objectIn(line) ?? {};
    const said = [answer, id, ...(Array.isArray(messages) ? messages.map(contentOf) : [])];
    return said.some((text) => isText(text) && text.toLowerCase().includes(this.#words));
  }

  #bits(file: AnswerFile, rows: number): Uint8Array<ArrayBuffer> {
    const bits = this.#found.get(file);
    const bytes = (rows >>> 3) + 1;
    if (bits !== undefined && bits.length >= bytes) return bits;
    const wider = new Uint8Array(Math.max(bytes, 2 * (bits?.length ?? 0)));
    if (bits !== undefined) wider.set(bits);
    this.#found.set(file, wider);
    return wider;
  }
}

export const contentOf = (message: unknown): string | undefined =>
  isObject(message) && isText(message["content"]) ? message["content"] : undefined;
