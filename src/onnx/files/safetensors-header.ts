/**
 * The header of a safetensors file: one JSON object, `{"name": {"dtype", "shape", "data_offsets"}, …}`.
 *
 * It is read by a parser of exactly this shape and not by JSON.parse: that one keeps the last of two equal keys, and
 * a hostile header (100 MB of brackets) would take gigabytes before anything could be checked.
 * Rules: https://github.com/huggingface/safetensors#format
 */
import { byteSize, isDtype, type Dtype } from "./dtype.js";
import { ModelFileError, shown } from "./model-file-error.js";

/** Where one tensor lies. Offsets are bytes from the end of the header; `begin` included, `end` not. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly metadata: ReadonlyMap<string, string>;
  /** In the order of their bytes. */
  readonly entries: readonly TensorEntry[];
}

/** Longest header in bytes, as in the reference implementation. */
export const LONGEST_HEADER = 100_000_000;
const MOST_TENSORS = 2 ** 18;
const MOST_METADATA = 2 ** 16;
const MOST_DIMENSIONS = 16;
const METADATA = "__metadata__";

/**
 * @param text the header, as text.
 * @param dataBytes bytes after the header; the tensors must fill them without gap or overlap.
 * @throws {ModelFileError} naming the tensor.
 */
export function parseHeader(text: string, dataBytes: number, file: string): SafetensorsHeader {
  const reader = new HeaderReader(text, file);
  const metadata = new Map<string, string>();
  const found = new Map<string, TensorEntry>();
  let sawMetadata = false;
  reader.object("the header", (name) => {
    if (name === METADATA) {
      if (sawMetadata) throw reader.problem(METADATA, "one entry", "two");
      sawMetadata = true;
      reader.object(METADATA, (key) => {
        if (metadata.has(key)) throw reader.problem(METADATA, "every key once", `${shown(key)} twice`);
        if (metadata.size >= MOST_METADATA) throw reader.problem(METADATA, `at most ${MOST_METADATA} keys`, "more");
        metadata.set(key, reader.string(METADATA));
      });
      return;
    }
    if (found.has(name)) throw reader.problem(named(name), "every tensor once", "it twice");
    if (found.size >= MOST_TENSORS) throw reader.problem("the header", `at most ${MOST_TENSORS} tensors`, "more");
    found.set(name, tensorEntry(reader, name));
  });
  reader.end();
  const entries = [...found.values()].toSorted((a, b) => a.begin - b.begin || a.end - b.end);
  checkLayout(entries, dataBytes, reader);
  return { metadata, entries };
}

function tensorEntry(reader: HeaderReader, name: string): TensorEntry {
  const subject = named(name);
  let dtype: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  reader.object(subject, (key) => {
    if (key === "dtype" && dtype === undefined) dtype = reader.string(subject);
    else if (key === "shape" && shape === undefined) shape = reader.numbers(subject, MOST_DIMENSIONS);
    else if (key === "data_offsets" && offsets === undefined) offsets = reader.numbers(subject, 2);
    else throw reader.problem(subject, "dtype, shape and data_offsets, each once", shown(key));
  });
  if (dtype === undefined || shape === undefined || offsets === undefined) {
    const missing = [
      dtype === undefined && "dtype",
      shape === undefined && "shape",
      offsets === undefined && "data_offsets",
    ];
    throw reader.problem(subject, "dtype, shape and data_offsets", `no ${missing.filter(Boolean).join(", ")}`);
  }
  if (!isDtype(dtype))
    throw reader.problem(
      subject,
      "a dtype that askew reads (F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL)",
      shown(dtype),
    );
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined || begin > end)
    throw reader.problem(subject, "data_offsets [begin, end]", shown(offsets));
  let bytes = byteSize(dtype);
  for (const n of shape) bytes = bytes === 0 || n === 0 ? 0 : bytes * n;
  if (!Number.isSafeInteger(bytes))
    throw reader.problem(subject, "a shape whose size is a safe whole number", shown(shape));
  if (bytes !== end - begin) {
    throw reader.problem(
      subject,
      `${bytes} bytes for ${dtype} ${shown(shape)}`,
      `${end - begin} (data_offsets ${shown(offsets)})`,
    );
  }
  return { name, dtype, shape, begin, end };
}

function checkLayout(entries: readonly TensorEntry[], dataBytes: number, reader: HeaderReader): void {
  let at = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== at)
      throw reader.problem(named(name), `to begin at byte ${at}, where the tensor before it ends`, `${begin}`);
    at = end;
  }
  if (at !== dataBytes) {
    throw reader.problem(
      "the data",
      `${at} bytes after the header`,
      `${dataBytes}: ${dataBytes < at ? "the file is cut short" : "there is something after it"}`,
    );
  }
}

const named = (name: string): string => `tensor ${shown(name)}`;

/** The JSON text of a header, padded with spaces so that 8 + its length is a multiple of 8. */
export function formatHeader(entries: readonly TensorEntry[], metadata: ReadonlyMap<string, string>): Buffer {
  const parts: string[] = [];
  if (metadata.size > 0) {
    const keys = [...metadata.keys()].toSorted();
    parts.push(
      `"${METADATA}":{${keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(metadata.get(key))}`).join(",")}}`,
    );
  }
  for (const { name, dtype, shape, begin, end } of entries) {
    parts.push(
      `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape.join(",")}],"data_offsets":[${begin},${end}]}`,
    );
  }
  const json = Buffer.from(`{${parts.join(",")}}`);
  return Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, " ")]);
}

/** Reads JSON of known shape: objects, strings, and lists of whole numbers. */
class HeaderReader {
  #at = 0;

  constructor(
    readonly text: string,
    readonly file: string,
  ) {}

  problem(subject: string, expected: string, found: string): ModelFileError {
    const cure = "The file is damaged or was not written by a safetensors library: download or save it again.";
    return new ModelFileError({ file: this.file, subject, expected, found, cure });
  }

  object(subject: string, entry: (key: string) => void): void {
    this.#take("{", subject);
    if (this.#peek() === "}") {
      this.#at++;
      return;
    }
    for (;;) {
      const key = this.string(subject);
      this.#take(":", subject);
      entry(key);
      if (this.#peek() !== ",") break;
      this.#at++;
    }
    this.#take("}", subject);
  }

  string(subject: string): string {
    if (this.#peek() !== '"') throw this.#unexpected('"', subject);
    const start = this.#at++;
    for (;;) {
      const code = this.text.charCodeAt(this.#at);
      if (code === 0x22) break;
      if (Number.isNaN(code) || code < 0x20) throw this.#unexpected("the end of a string", subject);
      this.#at += code === 0x5c ? 2 : 1;
    }
    this.#at++;
    try {
      return JSON.parse(this.text.slice(start, this.#at)) as string;
    } catch {
      throw this.problem(subject, "a JSON string", shown(this.text.slice(start, start + 80)));
    }
  }

  /** A list of at most `most` whole numbers, 0 to 2^53 - 1. */
  numbers(subject: string, most: number): number[] {
    this.#take("[", subject);
    const list: number[] = [];
    if (this.#peek() === "]") {
      this.#at++;
      return list;
    }
    for (;;) {
      this.#peek();
      const match = /^(?:0|[1-9]\d*)(?![\d.eE])/.exec(this.text.slice(this.#at, this.#at + 24))?.[0];
      const value = Number(match ?? Number.NaN);
      if (match === undefined || !Number.isSafeInteger(value))
        throw this.#unexpected("a whole number from 0 to 2^53 - 1", subject);
      if (list.length >= most) throw this.problem(subject, `a list of at most ${most} numbers`, "more");
      list.push(value);
      this.#at += match.length;
      if (this.#peek() !== ",") break;
      this.#at++;
    }
    this.#take("]", subject);
    return list;
  }

  end(): void {
    if (this.#peek() !== "") throw this.#unexpected("the end of the header", "the header");
  }

  /** The next character that is not white space; "" at the end. */
  #peek(): string {
    while (" \n\r\t".includes(this.text[this.#at] ?? "x")) this.#at++;
    return this.text[this.#at] ?? "";
  }

  #take(character: string, subject: string): void {
    if (this.#peek() !== character) throw this.#unexpected(`"${character}"`, subject);
    this.#at++;
  }

  #unexpected(expected: string, subject: string): ModelFileError {
    const rest = this.text.slice(this.#at, this.#at + 24);
    return this.problem(
      subject,
      `${expected} at character ${this.#at} of the header`,
      rest === "" ? "its end" : shown(rest),
    );
  }
}
