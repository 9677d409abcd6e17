/**
 * The directory of a zip archive: what is in it, where, and how it is packed. Everything that it says is checked
 * against the file before anything is unpacked, for a directory can name places that are not there.
 *
 * PKWARE's APPNOTE 6.3.9, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.14 to 4.3.16 (its end).
 */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  readonly isEncrypted: boolean;
  /** Bytes in the archive. */
  readonly packedSize: number;
  /** Bytes once it is unpacked, as the archive says. */
  readonly size: number;
  /** Place of its local header. */
  readonly at: number;
}

/** Why an archive cannot be read, in words that follow the name of an entry or "it". */
export class ZipFault extends Error {
  constructor(
    readonly fault: string,
    readonly entry?: string,
  ) {
    super(fault);
  }
}

const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const END = 0x06054b50;
const END_BYTES = 22;
const END_64 = 0x06064b50;
const END_64_BYTES = 56;
const LOCATOR = 0x07064b50;
const LOCATOR_BYTES = 20;
const LONGEST_COMMENT = 0xffff;
const ENCRYPTED = 1;
/** The extra field that holds numbers too large for 32 bits. */
const WIDE = 1;
const FULL = 0xffffffff;

const utf8 = new TextDecoder();

/**
 * @param most entries that are looked at
 * @throws {ZipFault}
 */
export function* directoryOf(bytes: Uint8Array, most: number): Generator<ZipEntry, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { entries, start, end } = findDirectory(view);
  if (entries > most) throw new ZipFault(`it has more than ${most} entries`);
  let at = start;
  for (let i = 0; i < entries; i++) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== ENTRY) {
      throw new ZipFault(`its directory is cut short or damaged at entry ${i + 1} of ${entries}`);
    }
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const next = at + ENTRY_BYTES + nameBytes + extraBytes + view.getUint16(at + 32, true);
    if (next > end) throw new ZipFault(`its directory is cut short or damaged at entry ${i + 1} of ${entries}`);
    const extra = at + ENTRY_BYTES + nameBytes;
    const name = utf8.decode(bytes.subarray(at + ENTRY_BYTES, extra));
    const wide = wideNumbers(view, extra, extra + extraBytes);
    const number = (place: number): number => {
      const said = view.getUint32(place, true);
      return said === FULL ? (wide.next().value ?? said) : said;
    };
    // The wide numbers come in this order.
    const size = number(at + 24);
    const packedSize = number(at + 20);
    const entry: ZipEntry = {
      name,
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
      isEncrypted: (view.getUint16(at + 8, true) & ENCRYPTED) !== 0,
      packedSize,
      size,
      at: number(at + 42),
    };
    yield entry;
    at = next;
  }
}

/**
 * The bytes of an entry as they are packed.
 * @throws {ZipFault} where they are not in the file, or belong to another entry
 */
export function packedBytes(bytes: Uint8Array, { name, at, packedSize }: ZipEntry): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (at + LOCAL_BYTES > bytes.length) {
    throw new ZipFault(`begins at byte ${at}, outside the archive's ${bytes.length} bytes`, name);
  }
  if (view.getUint32(at, true) !== LOCAL) throw new ZipFault(`is not at byte ${at}, where the directory says`, name);
  const nameEnd = at + LOCAL_BYTES + view.getUint16(at + 26, true);
  const start = nameEnd + view.getUint16(at + 28, true);
  if (start + packedSize > bytes.length) {
    throw new ZipFault(`ends at byte ${start + packedSize}, outside the archive's ${bytes.length} bytes`, name);
  }
  const local = utf8.decode(bytes.subarray(at + LOCAL_BYTES, nameEnd));
  if (local !== name)
    throw new ZipFault(`has another name (${JSON.stringify(local.slice(0, 100))}) at its place`, name);
  return bytes.subarray(start, start + packedSize);
}

function findDirectory(view: DataView): { entries: number; start: number; end: number } {
  const last = view.byteLength - END_BYTES;
  for (let end = last; end >= Math.max(0, last - LONGEST_COMMENT); end--) {
    if (view.getUint32(end, true) !== END) continue;
    // The comment fills the rest, so that a text inside one is not taken for the end.
    if (end + END_BYTES + view.getUint16(end + 20, true) !== view.byteLength) continue;
    const wide = findWideEnd(view, end);
    const start = wide === undefined ? view.getUint32(end + 16, true) : integer(view, wide + 48);
    const entries = wide === undefined ? view.getUint16(end + 10, true) : integer(view, wide + 32);
    if (start > end) throw new ZipFault(`its directory begins at byte ${start}, outside the archive`);
    return { entries, start, end };
  }
  throw new ZipFault("it has no directory at its end");
}

/** Where an archive of many or large entries says how many and how large. */
function findWideEnd(view: DataView, end: number): number | undefined {
  const locator = end - LOCATOR_BYTES;
  if (locator < 0 || view.getUint32(locator, true) !== LOCATOR) return undefined;
  const at = integer(view, locator + 8);
  return at + END_64_BYTES <= locator && view.getUint32(at, true) === END_64 ? at : undefined;
}

function* wideNumbers(view: DataView, start: number, end: number): Generator<number, undefined> {
  for (let at = start; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== WIDE) continue;
    const stop = Math.min(end, at + 4 + view.getUint16(at + 2, true));
    for (let place = at + 4; place + 8 <= stop; place += 8) yield integer(view, place);
  }
  return undefined;
}

/** Numbers that no file reaches become ones that no file reaches. */
const integer = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));
