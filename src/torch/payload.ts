/** Tensors in a frame: the bytes of a safetensors file. */
import { formatHeader, parseSafetensorsHeader, toFloat32, type TensorEntry } from "../onnx/index.js";
import type { Tensor } from "../capabilities/index.js";
import { TorchError } from "./error.js";

type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;

export interface Sent {
  readonly shape: readonly number[];
  readonly data: Numbers;
}

export type SentTensors = Readonly<Record<string, Sent>>;

/** Pieces that make up the payload, one after the other; the tensors' own memory is among them. */
export function payloadOf(tensors: SentTensors): { readonly pieces: Uint8Array[]; readonly bytes: number } {
  const named = Object.entries(tensors);
  if (named.length === 0) return { pieces: [], bytes: 0 };
  const entries: TensorEntry[] = [];
  const pieces: Uint8Array[] = [];
  let at = 0;
  // Wide numbers first, so that all lie at multiples of their size.
  for (const [name, { shape, data }] of named.toSorted((a, b) => widthOf(b[1].data) - widthOf(a[1].data))) {
    entries.push({ name, dtype: dtypeOf(data), shape, begin: at, end: at + data.byteLength });
    pieces.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    at += data.byteLength;
  }
  const header = formatHeader(entries, new Map());
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return { pieces: [length, header, ...pieces], bytes: 8 + header.length + at };
}

const widthOf = (data: Numbers): number => data.BYTES_PER_ELEMENT;

function dtypeOf(data: Numbers): TensorEntry["dtype"] {
  if (data instanceof Float32Array) return "F32";
  if (data instanceof Float64Array) return "F64";
  return data instanceof Int32Array ? "I32" : "U8";
}

/** The tensors of a frame that came: views of its memory wherever the numbers lie so that they can be. */
export class Received {
  readonly #entries: ReadonlyMap<string, TensorEntry>;
  readonly #start: number;

  /** @throws {ModelFileError} where the bytes are no sound safetensors */
  constructor(private readonly payload: Uint8Array) {
    if (payload.length === 0) {
      this.#entries = new Map();
      this.#start = 0;
      return;
    }
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    const length = payload.length < 8 ? BigInt(0) : view.getBigUint64(0, true);
    if (payload.length < 8 || length > BigInt(payload.length - 8)) {
      throw new TorchError("protocol", `expected tensors, found ${payload.length} bytes that are none`);
    }
    this.#start = 8 + Number(length);
    const text = Buffer.from(payload.buffer, payload.byteOffset + 8, Number(length)).toString("utf8");
    const { entries } = parseSafetensorsHeader(text, payload.length - this.#start, "a frame of the PyTorch worker");
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  bytes(name: string): Uint8Array {
    const { begin, end } = this.#entry(name);
    return this.payload.subarray(this.#start + begin, this.#start + end);
  }

  /** As float32, whatever it was sent as. @param length what it must have */
  floats(name: string, length?: number): Float32Array {
    const { dtype, shape } = this.#entry(name);
    const bytes = this.bytes(name);
    const count = shape.reduce((product, n) => product * n, 1);
    if (length !== undefined && count !== length) throw wrong(name, `${length} numbers`, String(count));
    if (dtype === "F32" && bytes.byteOffset % 4 === 0) return new Float32Array(bytes.buffer, bytes.byteOffset, count);
    const data = new Float32Array(count);
    toFloat32(dtype, bytes, data, 0);
    return data;
  }

  ints(name: string, length?: number): Int32Array {
    const { dtype, shape } = this.#entry(name);
    const bytes = this.bytes(name);
    const count = shape.reduce((product, n) => product * n, 1);
    if (dtype !== "I32") throw wrong(name, "I32", dtype);
    if (length !== undefined && count !== length) throw wrong(name, `${length} numbers`, String(count));
    return new Int32Array(bytes.slice().buffer, 0, count);
  }

  tensor(name: string): Tensor {
    return { shape: this.#entry(name).shape, data: this.floats(name) };
  }

  #entry(name: string): TensorEntry {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw wrong(name, "a tensor", "none");
    return entry;
  }
}

const wrong = (name: string, expected: string, found: string): TorchError =>
  new TorchError("protocol", `the worker's tensor ${JSON.stringify(name)}: expected ${expected}, found ${found}`);
