/**
 * Zip entries that are packed with Zstandard, as newer versions of Inspect AI write them. fflate, which reads the
 * archive, knows deflate alone; to it they are made to look as if they were stored, and fzstd unpacks what it hands out.
 */
import { Decompress } from "fzstd";

const ZSTANDARD = 93;
const DIRECTORY_ENTRY = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;

/**
 * Marks Zstandard entries in the directory of `bytes` as stored.
 * @returns their places in the directory, from 0; none where there is no directory, which fflate then refuses
 */
export function takeZstandard(bytes: Uint8Array): ReadonlySet<number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const taken = new Set<number>();
  const directory = findDirectory(view);
  if (directory === undefined) return taken;
  let { at } = directory;
  for (let i = 0; i < directory.entries && at + 46 <= view.byteLength; i++) {
    if (view.getUint32(at, true) !== DIRECTORY_ENTRY) break;
    if (view.getUint16(at + 10, true) === ZSTANDARD) {
      view.setUint16(at + 10, 0, true);
      taken.add(i);
    }
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return taken;
}

function findDirectory(view: DataView): { at: number; entries: number } | undefined {
  const last = view.byteLength - END_BYTES;
  for (let end = last; end >= Math.max(0, last - LONGEST_COMMENT); end--) {
    if (view.getUint32(end, true) !== END) continue;
    // A larger archive says so in a locator before this record.
    const wide = end >= 20 ? Number(view.getBigUint64(end - 12, true)) : 0;
    const isWide = view.getUint32(end + 16, true) === 0xffffffff && wide + 56 <= view.byteLength;
    if (isWide && view.getUint32(wide, true) === END_64) {
      return { at: Number(view.getBigUint64(wide + 48, true)), entries: Number(view.getBigUint64(wide + 32, true)) };
    }
    return { at: view.getUint32(end + 16, true), entries: view.getUint16(end + 8, true) };
  }
  return undefined;
}

/** @param size what the archive says it unpacks to; anything else is refused before it is kept */
export function unpackZstandard(packed: Uint8Array, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  const stream = new Decompress((chunk) => {
    if (at + chunk.length > size) throw new RangeError(`it unpacks to more than the ${size} bytes it says`);
    bytes.set(chunk, at);
    at += chunk.length;
  });
  stream.push(packed, true);
  if (at !== size) throw new RangeError(`it unpacks to ${at} of the ${size} bytes it says`);
  return bytes;
}
