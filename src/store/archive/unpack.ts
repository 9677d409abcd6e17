/** One entry's bytes, unpacked. Nothing larger than the archive says is ever kept. */
import { inflateRawSync } from "node:zlib";
import { Decompress } from "fzstd";

const STORED = 0;
const DEFLATE = 8;
/** Newer versions of Inspect AI pack with it; Node.js knows it only from version 22.15 on. */
const ZSTANDARD = 93;

type Unpack = (packed: Uint8Array, size: number) => Uint8Array;

const METHODS: ReadonlyMap<number, Unpack> = new Map([
  [STORED, (packed: Uint8Array): Uint8Array => packed],
  [DEFLATE, inflated],
  [ZSTANDARD, unpackZstandard],
]);

export const canUnpack = (method: number): boolean => METHODS.has(method);

/**
 * @param size what the archive says that it unpacks to; any other is refused
 * @throws {Error} with a reason
 */
export function unpack(packed: Uint8Array, method: number, size: number): Uint8Array {
  const bytes = METHODS.get(method)?.(packed, size);
  if (bytes === undefined) throw new RangeError(`it is packed by method ${method}`);
  if (bytes.length !== size) throw new RangeError(`it unpacks to ${bytes.length} of the ${size} bytes it says`);
  return bytes;
}

function inflated(packed: Uint8Array, size: number): Uint8Array {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch (error) {
    if (error instanceof RangeError) throw moreThan(size);
    throw error;
  }
}

function unpackZstandard(packed: Uint8Array, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  const stream = new Decompress((chunk) => {
    if (at + chunk.length > size) throw moreThan(size);
    bytes.set(chunk, at);
    at += chunk.length;
  });
  stream.push(packed, true);
  return bytes.subarray(0, at);
}

const moreThan = (size: number): RangeError => new RangeError(`it unpacks to more than the ${size} bytes it says`);
