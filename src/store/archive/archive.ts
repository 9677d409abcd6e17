/**
 * The entries of a zip archive that somebody else made. Nothing is written to disk, sizes are checked before anything
 * is unpacked, and an archive that is damaged, too large when unpacked, or that says what is not so is refused.
 */
import { readFile, stat } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { StoreError } from "../file-error.js";
import { canUnpack, unpack } from "./unpack.js";
import { directoryOf, packedBytes, ZipFault, type ZipEntry } from "./zip-directory.js";

export class ArchiveError extends StoreError {
  override readonly name = "ArchiveError";
}

/** Limits against archives that are small on disk and endless inside; logs of models shrink to a tenth or so. */
const LIMITS = {
  archiveBytes: 1 << 30,
  entries: 200_000,
  entryBytes: 256 * 1024 * 1024,
  allBytes: 8 * 2 ** 30,
  /** Above a mebibyte; deflate cannot do better than 1,032 to 1, which only a bomb comes near. */
  ratio: 500,
} as const;

const utf8 = new TextDecoder();

export class Archive {
  private constructor(
    readonly path: string,
    readonly bytes: Uint8Array,
    private readonly entries: ReadonlyMap<string, ZipEntry>,
  ) {}

  static async open(path: string): Promise<Archive> {
    const { size } = await stat(path);
    if (size > LIMITS.archiveBytes) throw new ArchiveError(`${path}: the archive is larger than 1 GiB.`);
    const bytes = await readFile(path);
    const entries = new Map<string, ZipEntry>();
    let total = 0;
    inWords(path, () => {
      for (const entry of directoryOf(bytes, LIMITS.entries)) {
        requireHarmless(path, entry);
        // Readers differ in which of the two they take.
        if (entries.has(entry.name)) throw new ZipFault("is in the archive twice", entry.name);
        packedBytes(bytes, entry);
        entries.set(entry.name, entry);
        total += entry.size;
        if (total > LIMITS.allBytes) throw new ArchiveError(`${path}: unpacks to more than 8 GiB.`);
      }
    });
    return new Archive(path, bytes, entries);
  }

  /** Names of all entries, in the archive's order. */
  get names(): readonly string[] {
    return [...this.entries.keys()];
  }

  /** An entry's bytes, unpacked and checked. */
  entry(name: string): Uint8Array {
    const entry = this.entries.get(name);
    if (entry === undefined) throw new ArchiveError(`${this.path}: the archive has no ${name}.`);
    return inWords(this.path, () => unpacked(this.bytes, entry));
  }

  text(name: string): string {
    return utf8.decode(this.entry(name));
  }
}

function unpacked(bytes: Uint8Array, entry: ZipEntry): Uint8Array {
  const { name, method, size, checksum } = entry;
  let found: Uint8Array;
  try {
    found = unpack(packedBytes(bytes, entry), method, size);
  } catch (error) {
    if (error instanceof ZipFault) throw error;
    throw new ZipFault(`is damaged (${error instanceof Error ? error.message : String(error)})`, name);
  }
  const sum = crc32(found);
  if (sum === checksum) return found;
  throw new ZipFault(`is damaged: expected the checksum ${inHex(checksum)}, found ${inHex(sum)}`, name);
}

const inHex = (checksum: number): string => checksum.toString(16).padStart(8, "0");

function inWords<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ZipFault)) throw error;
    const { fault, entry } = error;
    throw new ArchiveError(
      entry === undefined
        ? `${path}: expected a whole zip archive, found one that is cut short or damaged (${fault}).`
        : `${path}: ${shown(entry)} ${fault}. Copy the file again from where it was made.`,
    );
  }
}

const shown = (name: string): string => JSON.stringify(name.slice(0, 100));

function requireHarmless(path: string, { name, packedSize, size, method, isEncrypted }: ZipEntry): void {
  if (/^[/\\]|^[a-z]:|\0|\\/i.test(name) || name.split("/").includes("..")) {
    throw new ArchiveError(`${path}: the archive names a file outside itself (${shown(name)}).`);
  }
  if (isEncrypted) throw new ArchiveError(`${path}: ${shown(name)} is encrypted. Unpack it with its password first.`);
  if (!canUnpack(method)) {
    throw new ArchiveError(
      `${path}: ${shown(name)} is packed by method ${method}; expected deflate, Zstandard or none.`,
    );
  }
  if (size > LIMITS.entryBytes) throw new ArchiveError(`${path}: ${shown(name)} unpacks to more than 256 MiB.`);
  if (size > 2 ** 20 && size > packedSize * LIMITS.ratio) {
    throw new ArchiveError(`${path}: ${shown(name)} unpacks to more than ${LIMITS.ratio} times its size: a bomb.`);
  }
}
