/** The header of a GGUF file, version 3, byte by byte. */
import { ModelFileError, shown } from "../model-file-error.js";
import type { TensorKind } from "./kinds.js";

const U32 = 4;
const I32 = 5;
const F32 = 6;
const BOOLEAN = 7;
const STRING = 8;
const ARRAY = 9;

/** Bytes that tensors begin at a multiple of. */
const ALIGNMENT = 32;
/** llama.cpp keeps names in 64 bytes with a zero at their end. */
const LONGEST_NAME = 63;

/** A tensor that is to be written; shape as PyTorch has it. */
export interface TensorPlan {
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: TensorKind;
  /** ggml's number of the kind. */
  readonly number: number;
}

/** Values by their keys, in the order in which they are given. */
export class MetadataWriter {
  readonly #parts: Uint8Array[] = [];
  readonly #keys = new Set<string>();

  /** @param file named in errors */
  constructor(readonly file: string) {}

  get count(): number {
    return this.#keys.size;
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#parts);
  }

  u32(key: string, value: number): void {
    this.#add(key, U32, numbers([value], 4, "setUint32"));
  }

  f32(key: string, value: number): void {
    this.#add(key, F32, numbers([value], 4, "setFloat32"));
  }

  flag(key: string, value: boolean): void {
    this.#add(key, BOOLEAN, Uint8Array.of(value ? 1 : 0));
  }

  text(key: string, value: string): void {
    this.#add(key, STRING, this.#string(key, value));
  }

  texts(key: string, values: readonly string[]): void {
    this.#list(
      key,
      STRING,
      values.length,
      values.map((value) => this.#string(key, value)),
    );
  }

  i32s(key: string, values: readonly number[]): void {
    this.#list(key, I32, values.length, [numbers(values, 4, "setInt32")]);
  }

  f32s(key: string, values: readonly number[]): void {
    this.#list(key, F32, values.length, [numbers(values, 4, "setFloat32")]);
  }

  #list(key: string, type: number, count: number, parts: readonly Uint8Array[]): void {
    this.#add(key, ARRAY, Buffer.concat([numbers([type], 4, "setUint32"), u64(count), ...parts]));
  }

  #add(key: string, type: number, value: Uint8Array): void {
    if (this.#keys.has(key)) throw new RangeError(`MetadataWriter: the key ${shown(key)} comes twice`);
    this.#keys.add(key);
    this.#parts.push(this.#string("a key", key), numbers([type], 4, "setUint32"), value);
  }

  #string(subject: string, text: string): Uint8Array {
    if (!/\p{Surrogate}/u.test(text)) return string(text);
    const cure = "It has half of a surrogate pair, which no file can hold: correct the text.";
    throw new ModelFileError({ file: this.file, subject, expected: "well-formed text", found: shown(text), cure });
  }
}

export interface PlacedTensor extends TensorPlan {
  /** Bytes of it, and of the zeros after it. */
  readonly bytes: number;
  readonly padding: number;
}

/** @returns the header with its padding, and the tensors in the order of their bytes, which is the given one */
export function formatGgufHeader(
  metadata: MetadataWriter,
  tensors: readonly TensorPlan[],
): { readonly header: Uint8Array; readonly placed: readonly PlacedTensor[] } {
  const parts: Uint8Array[] = [
    Buffer.from("GGUF"),
    numbers([3], 4, "setUint32"),
    u64(tensors.length),
    u64(metadata.count),
    metadata.bytes,
  ];
  const names = new Set<string>();
  const placed: PlacedTensor[] = [];
  let offset = 0;
  for (const tensor of tensors) {
    const { name, shape, kind, number } = tensor;
    if (names.has(name) || !/^[\x21-\x7e]+$/.test(name) || name.length > LONGEST_NAME) {
      throw new RangeError(
        `formatGgufHeader: expected names of 1 to ${LONGEST_NAME} printable ASCII characters, each once, found ${shown(name)}`,
      );
    }
    names.add(name);
    const elements = shape.reduce((product, n) => product * n, 1);
    const row = shape.at(-1) ?? 1;
    if (!Number.isSafeInteger(elements) || elements === 0 || row % kind.block !== 0) {
      throw new RangeError(
        `formatGgufHeader: ${shown(name)} of shape [${shape.join(", ")}] has no rows of ${kind.name}`,
      );
    }
    const bytes = (elements / kind.block) * kind.bytes;
    const padding = -bytes & (ALIGNMENT - 1);
    parts.push(
      string(name),
      numbers([shape.length], 4, "setUint32"),
      ...shape.toReversed().map(u64),
      numbers([number], 4, "setUint32"),
      u64(offset),
    );
    placed.push({ ...tensor, bytes, padding });
    offset += bytes + padding;
  }
  const header = Buffer.concat(parts);
  return { header: Buffer.concat([header, Buffer.alloc(-header.length & (ALIGNMENT - 1))]), placed };
}

function string(text: string): Uint8Array {
  const bytes = Buffer.from(text, "utf8");
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function numbers(values: readonly number[], size: number, write: "setUint32" | "setInt32" | "setFloat32"): Uint8Array {
  const bytes = new Uint8Array(size * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view[write](size * i, value, true));
  return bytes;
}
