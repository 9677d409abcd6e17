/**
 * Comma-separated values, read in pieces of any size and written back the same (RFC 4180): fields may stand in double
 * quotes, in which a doubled quote is a quote and commas and line ends are text. Lines end in LF, CRLF or CR; a byte
 * order mark at the start and empty lines are passed over.
 *
 * A text that breaks the quoting is refused with its line and column, since guessing would shift columns unseen.
 */
import { AskewError } from "../text/index.js";

export class CsvError extends AskewError {
  override readonly name = "CsvError";
}

export interface CsvRecord {
  readonly fields: readonly string[];
  /** The line the record begins on, from 1. */
  readonly line: number;
}

/** A field may be this long, in UTF-16 units: a quote that is never closed must not swallow a file of any size. */
const LONGEST_FIELD = 16 * 1024 * 1024;
const MOST_FIELDS = 10_000;

const COMMA = 44;
const QUOTE = 34;
const CR = 13;
const LF = 10;

type Place = "start" | "bare" | "quoted" | "closed";

/** Reads records from text that comes in pieces: `push` each, then `end`. Both give the records that became whole. */
export class CsvReader {
  #place: Place = "start";
  #fields: string[] = [];
  #field = "";
  /** The record that is being read has something in it, so it is no empty line. */
  #begun = false;
  #afterCr = false;
  #first = true;
  #line = 1;
  #column = 1;
  #recordLine = 1;
  #quoteAt = "";

  /** @param source names the text in errors: a file's path. */
  constructor(readonly source: string) {}

  push(piece: string): CsvRecord[] {
    const records: CsvRecord[] = [];
    const text = this.#first && piece.startsWith("\ufeff") ? piece.slice(1) : piece;
    if (piece !== "") this.#first = false;
    let from = 0; // what is plain text of the field since here
    for (let i = 0; i < text.length; i++, this.#column++) {
      const code = text.charCodeAt(i);
      if (this.#place === "quoted") {
        if (code === CR || (code === LF && !this.#afterCr)) this.#newLine();
        this.#afterCr = code === CR;
        if (code !== QUOTE) continue;
        this.#take(text.slice(from, i));
        this.#place = "closed";
        continue;
      }
      if (code === LF && this.#afterCr) {
        this.#afterCr = false;
        this.#column--;
        from = i + 1;
        continue;
      }
      this.#afterCr = false;
      if (code === QUOTE && this.#place === "closed") {
        // The quote before was the first of a doubled one; this one is the text.
        this.#place = "quoted";
        from = i;
      } else if (code === QUOTE && this.#place === "start") {
        this.#place = "quoted";
        this.#begun = true;
        this.#quoteAt = `line ${this.#line}, column ${this.#column}`;
        from = i + 1;
      } else if (code === COMMA || code === LF || code === CR) {
        if (this.#place === "bare") this.#take(text.slice(from, i));
        from = i + 1;
        if (code === COMMA) this.#endField();
        else {
          this.#endRecord(records);
          this.#afterCr = code === CR;
          this.#newLine();
        }
      } else if (this.#place === "closed") {
        throw new CsvError(
          `${this.source}, line ${this.#line}, column ${this.#column}: expected a comma or the end of the line after a closing quote, found ${JSON.stringify(text[i])}. Double a quote that is meant as text.`,
        );
      } else if (this.#place === "start") {
        this.#place = "bare";
        this.#begun = true;
        from = i;
      }
    }
    if (this.#place === "bare" || this.#place === "quoted") this.#take(text.slice(from));
    return records;
  }

  end(): CsvRecord[] {
    if (this.#place === "quoted") {
      throw new CsvError(`${this.source}, ${this.#quoteAt}: a quote is opened here and never closed.`);
    }
    const records: CsvRecord[] = [];
    this.#endRecord(records);
    return records;
  }

  #newLine(): void {
    this.#line++;
    this.#column = 0;
  }

  #take(text: string): void {
    if (this.#field.length + text.length > LONGEST_FIELD) {
      const quote = this.#place === "quoted" ? ` Is the quote at ${this.#quoteAt} closed?` : "";
      throw new CsvError(
        `${this.source}, line ${this.#recordLine}: a field is longer than ${LONGEST_FIELD} characters.${quote}`,
      );
    }
    this.#field += text;
  }

  #endField(): void {
    if (this.#fields.length >= MOST_FIELDS) {
      throw new CsvError(`${this.source}, line ${this.#recordLine}: more than ${MOST_FIELDS} fields in one record.`);
    }
    this.#fields.push(this.#field);
    this.#field = "";
    this.#place = "start";
    this.#begun = true;
  }

  #endRecord(records: CsvRecord[]): void {
    if (this.#begun) {
      this.#endField();
      records.push({ fields: this.#fields, line: this.#recordLine });
    }
    this.#fields = [];
    this.#begun = false;
    this.#place = "start";
    this.#recordLine = this.#line + 1;
  }
}

/** One record as a line of CSV, ended with LF. An empty record cannot be told from an empty line. */
export function csvLine(fields: readonly string[]): string {
  // A lone empty field would be an empty line, which readers pass over.
  if (fields.length === 1 && fields[0] === "") return '""\n';
  return `${fields.map(quoted).join(",")}\n`;
}

function quoted(field: string): string {
  const plain = !/[",\r\n]|^\ufeff|^\s|\s$/.test(field);
  return plain ? field : `"${field.replaceAll('"', '""')}"`;
}
