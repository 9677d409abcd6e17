/**
 * Which answers hold some words: found by reading their lines again, portion by portion, and kept as a bit each. Lines are
 * first looked through as bytes; only what may fit is parsed, because keys and ids are no part of what is searched.
 */
import type { AnswerFile } from "./answer-file.js";
import { isObject, isText, objectIn, usePlain } from "./plain-file.js";

/** Bytes that are looked through at once: few enough that the texts made of them are soon collected. */
const PORTION = 1 << 16;

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
      if (performance.now() >= until) return;
      if (this.done(file) < file.columns.count) await this.#look(file, until);
    }
  }

  async #look(file: AnswerFile, until: number): Promise<void> {
    await usePlain(file.source.answers, async (handle) => {
      const { columns } = file;
      let buffer = Buffer.allocUnsafe(PORTION);
      let [row, end] = [this.done(file), 0];
      let { start } = columns.place(row);
      for (; row < columns.count && performance.now() < until; row = end) {
        let bytes = 0;
        for (end = row; end < columns.count; end++) {
          const longer = bytes + columns.length(end);
          if (end > row && (longer > PORTION || columns.startsBlock(end))) break;
          bytes = longer;
        }
        if (bytes > buffer.length) buffer = Buffer.allocUnsafe(bytes);
        const { bytesRead } = await handle.read(buffer, 0, bytes, start);
        if (bytesRead !== bytes) return; // the file was cut off
        this.#lookIn(file, buffer.subarray(0, bytes), row, end);
        if (bytes > PORTION) buffer = Buffer.allocUnsafe(PORTION);
        // What is between two blocks may be no row at all.
        start = end < columns.count && columns.startsBlock(end) ? columns.place(end).start : start + bytes;
      }
    });
  }

  #lookIn(file: AnswerFile, bytes: Buffer, first: number, end: number): void {
    const { columns } = file;
    const bits = this.#bits(file, end);
    // As Latin-1 each byte is one letter, so places in the text are places in the file; words beyond ASCII need more.
    const ascii = /^[\u0020-\u007e]*$/.test(this.#line);
    const text = ascii ? bytes.toString("latin1").toLowerCase() : "";
    let [row, from] = [first, 0];
    let hit = ascii ? text.indexOf(this.#line) : 0;
    while (row < end && hit >= 0) {
      const to = from + columns.length(row);
      if (!ascii || hit < to) {
        const line = bytes.toString("utf8", from, to);
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
