/**
 * The header of a GGUF file: metadata by key, and where every tensor lies. Everything it says about sizes is checked
 * against the file before anything is allocated for it.
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { ModelFileError, shown } from "../model-file-error.js";
import { KINDS, kindName, kindNames, type TensorKind } from "./kinds.js";

type Numbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

export type GgufValue = number | boolean | string | readonly string[] | Numbers;

export interface GgufTensor {
  readonly name: string;
  /** As PyTorch has it: the last dimension is the one whose numbers lie side by side. */
  readonly shape: readonly number[];
  readonly kind: TensorKind;
  /** Where in the file its bytes begin, and how many there are. */
  readonly begin: number;
  readonly bytes: number;
}

export interface GgufHeader {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

/** More of the file is needed to go on. */
export class HeaderTooShort extends Error {
  override readonly name = "HeaderTooShort";
}

const MAGIC = 0x46554747; // "GGUF"
const MOST_KEYS = 2 ** 16;
const MOST_TENSORS = 2 ** 16;
const LONGEST_KEY = 2 ** 16 - 1;
const LONGEST_NAME = 256;
const MOST_DIMENSIONS = 4;
/** Smallest sizes in bytes: a key with a value, a tensor's description. */
const LEAST_KEY = 13;
const LEAST_TENSOR = 32;

/**
 * @param bytes the beginning of the file
 * @param size of the whole file
 * @throws {HeaderTooShort} where the header goes on after `bytes`, and they are not the whole file
 * @throws {ModelFileError}
 */
export function parseGgufHeader(bytes: Uint8Array, size: number, file: string): GgufHeader {
  const reader = new HeaderReader(bytes, size, file);
  if (size < 24 || reader.u32() !== MAGIC) throw reader.problem("the first 4 bytes", '"GGUF"', "other bytes");
  const version = reader.u32();
  if ((version & 0xffff) === 0) {
    throw reader.problem("the version", "2 or 3, little-endian", "a big-endian file");
  }
  if (version !== 2 && version !== 3) throw reader.problem("the version", "2 or 3", `${version}`);
  const tensorCount = reader.count("the number of tensors", MOST_TENSORS, LEAST_TENSOR);
  const keyCount = reader.count("the number of keys", MOST_KEYS, LEAST_KEY);
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < keyCount; i++) {
    const key = reader.string("a key", LONGEST_KEY);
    if (metadata.has(key)) throw reader.problem(shown(key), "every key once", "it twice");
    metadata.set(key, reader.value(key));
  }
  const infos = Array.from({ length: tensorCount }, () => tensorInfo(reader));
  const alignment = metadata.get("general.alignment") ?? 32;
  if (
    typeof alignment !== "number" ||
    alignment < 1 ||
    alignment > 2 ** 16 ||
    !Number.isInteger(Math.log2(alignment))
  ) {
    throw reader.problem("general.alignment", "a power of two up to 65536", shown(alignment));
  }
  const start = Math.ceil(reader.at / alignment) * alignment;
  const tensors = new Map<string, GgufTensor>();
  let end = start;
  for (const { offset, ...tensor } of infos.toSorted((a, b) => a.offset - b.offset)) {
    const begin = start + offset;
    const subject = `tensor ${shown(tensor.name)}`;
    if (tensors.has(tensor.name)) throw reader.problem(subject, "every tensor once", "it twice");
    if (offset % alignment !== 0) throw reader.problem(subject, `an offset that ${alignment} divides`, `${offset}`);
    if (begin < end) throw reader.problem(subject, "bytes of its own", "bytes that another tensor has, too");
    if (begin + tensor.bytes > size) {
      throw reader.problem(
        subject,
        `an end within the file's ${size} bytes`,
        `its end at byte ${begin + tensor.bytes}`,
      );
    }
    end = begin + tensor.bytes;
    tensors.set(tensor.name, { ...tensor, begin });
  }
  return { version, metadata, tensors };
}

function tensorInfo(reader: HeaderReader): Omit<GgufTensor, "begin"> & { readonly offset: number } {
  const name = reader.string("a tensor's name", LONGEST_NAME);
  const subject = `tensor ${shown(name)}`;
  const dimensions = reader.u32();
  if (dimensions > MOST_DIMENSIONS) {
    throw reader.problem(subject, `at most ${MOST_DIMENSIONS} dimensions`, `${dimensions}`);
  }
  const shape = Array.from({ length: dimensions }, () => reader.size(subject)).toReversed();
  const number = reader.u32();
  const kind = KINDS.get(number);
  if (kind === undefined) {
    const cure = "Use a file that is packed in one of these ways.";
    throw reader.problem(subject, `numbers packed as ${kindNames()}`, kindName(number), cure);
  }
  const elements = shape.reduce((product, n) => product * n, 1);
  const row = shape.at(-1) ?? 1;
  if (!Number.isSafeInteger(elements) || row % kind.block !== 0) {
    throw reader.problem(subject, `rows of a multiple of ${kind.block} numbers (${kind.name})`, shown(shape));
  }
  return { name, shape, kind, bytes: (elements / kind.block) * kind.bytes, offset: reader.size(subject) };
}

/** Bytes of one number, and how an array of them is made of its bytes. */
const NUMBERS: Readonly<Record<number, { size: number; make: (buffer: ArrayBuffer) => Numbers }>> = {
  0: { size: 1, make: (buffer) => new Uint8Array(buffer) },
  1: { size: 1, make: (buffer) => new Int8Array(buffer) },
  2: { size: 2, make: (buffer) => new Uint16Array(buffer) },
  3: { size: 2, make: (buffer) => new Int16Array(buffer) },
  4: { size: 4, make: (buffer) => new Uint32Array(buffer) },
  5: { size: 4, make: (buffer) => new Int32Array(buffer) },
  6: { size: 4, make: (buffer) => new Float32Array(buffer) },
  7: { size: 1, make: (buffer) => new Uint8Array(buffer) },
  10: { size: 8, make: (buffer) => Float64Array.from(new BigUint64Array(buffer), Number) },
  11: { size: 8, make: (buffer) => Float64Array.from(new BigInt64Array(buffer), Number) },
  12: { size: 8, make: (buffer) => new Float64Array(buffer) },
};
const BOOLEAN = 7;
const STRING = 8;
const ARRAY = 9;

class HeaderReader {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(
    bytes: Uint8Array,
    private readonly fileSize: number,
    private readonly file: string,
  ) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  problem(
    subject: string,
    expected: string,
    found: string,
    cure = "The file is damaged or not a GGUF file: download or save it again.",
  ): ModelFileError {
    return new ModelFileError({ file: this.file, subject, expected, found, cure });
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** 64 bits that say how many bytes or elements something has, or where it is. */
  size(subject: string): number {
    const number = this.#view.getBigUint64(this.#take(8), true);
    if (number > BigInt(Number.MAX_SAFE_INTEGER)) throw this.problem(subject, "a size below 2^53", `${number}`);
    return Number(number);
  }

  /** A number of things that take at least `least` bytes each, which must still be in the file. */
  count(subject: string, most: number, least: number): number {
    const count = this.size(subject);
    const room = Math.floor((this.fileSize - this.at) / least);
    if (count > most || count > room) throw this.problem(subject, `at most ${Math.min(most, room)}`, `${count}`);
    return count;
  }

  string(subject: string, longest: number): string {
    const length = this.count(subject, longest, 1);
    const from = this.#take(length);
    try {
      return this.#decoder.decode(this.#bytes.subarray(from, from + length));
    } catch {
      throw this.problem(subject, "UTF-8 text", "other bytes");
    }
  }

  value(key: string): GgufValue {
    const type = this.u32();
    if (type === STRING) return this.string(shown(key), this.fileSize);
    if (type === ARRAY) return this.#array(key);
    const [number] = this.#numbers(type, 1, key);
    return type === BOOLEAN ? number !== 0 : (number as number);
  }

  #array(key: string): readonly string[] | Numbers {
    const type = this.u32();
    if (type === ARRAY) throw this.problem(shown(key), "numbers or texts", "an array of arrays");
    if (type !== STRING) {
      const least = NUMBERS[type]?.size ?? 1;
      return this.#numbers(type, this.count(shown(key), this.fileSize, least), key);
    }
    const count = this.count(shown(key), this.fileSize, 8);
    const texts: string[] = [];
    for (let i = 0; i < count; i++) texts.push(this.string(shown(key), this.fileSize));
    return texts;
  }

  #numbers(type: number, count: number, key: string): Numbers {
    const kind = NUMBERS[type];
    if (kind === undefined) throw this.problem(shown(key), "a type of values that GGUF has", `type ${type}`);
    const from = this.#take(count * kind.size);
    return kind.make(Uint8Array.from(this.#bytes.subarray(from, from + count * kind.size)).buffer);
  }

  #take(count: number): number {
    const from = this.at;
    if (from + count > this.#bytes.length) {
      if (this.#bytes.length < this.fileSize) throw new HeaderTooShort();
      throw this.problem("the header", `${count} more bytes from byte ${from} on`, `the end of the file`);
    }
    this.at += count;
    return from;
  }
}
