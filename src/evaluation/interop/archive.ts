/**
 * The entries of a zip archive that somebody else made. Nothing is written to disk, sizes are checked before anything
 * is unpacked, and an archive that is cut short, too large when unpacked, or names files outside itself is refused.
 */
import { readFile, stat } from "node:fs/promises";
import { strFromU8, unzipSync, type UnzipFileInfo } from "fflate";
import { AskewError } from "../../text/index.js";
import { takeZstandard, unpackZstandard } from "./zstandard.js";

export class ArchiveError extends AskewError {
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

const DEFLATE = 8;
const STORED = 0;

/** Entries unpacked in one go; each go looks through the archive's directory once. */
const TOGETHER = 256;

export class Archive {
  private constructor(
    readonly path: string,
    readonly bytes: Uint8Array,
    /** Names of all entries, in the archive's order. */
    readonly names: readonly string[],
    /** Entries that are packed with Zstandard, and the size that they unpack to. */
    private readonly zstandard: ReadonlyMap<string, number>,
  ) {}

  static async open(path: string): Promise<Archive> {
    const { size } = await stat(path);
    if (size > LIMITS.archiveBytes) throw new ArchiveError(`${path}: the archive is larger than 1 GiB.`);
    const bytes = await readFile(path);
    const packed = takeZstandard(bytes);
    const zstandard = new Map<string, number>();
    const names: string[] = [];
    let total = 0;
    const look = (entry: UnzipFileInfo): boolean => {
      requireHarmless(path, entry);
      if (packed.has(names.length)) zstandard.set(entry.name, entry.originalSize);
      if (names.push(entry.name) > LIMITS.entries)
        throw new ArchiveError(`${path}: more than ${LIMITS.entries} entries.`);
      total += entry.originalSize;
      if (total > LIMITS.allBytes) throw new ArchiveError(`${path}: unpacks to more than 8 GiB.`);
      return false;
    };
    unzip(path, bytes, look);
    return new Archive(path, bytes, names, zstandard);
  }

  /** The text of each entry that is chosen, a portion at a time. */
  *texts(chosen: readonly string[]): Generator<readonly [name: string, text: string], void> {
    for (let start = 0; start < chosen.length; start += TOGETHER) {
      const wanted = new Set(chosen.slice(start, start + TOGETHER));
      const found = unzip(this.path, this.bytes, ({ name }) => wanted.has(name));
      for (const name of wanted) {
        const bytes = found[name];
        if (bytes === undefined) throw new ArchiveError(`${this.path}: the archive has no ${name}.`);
        yield [name, strFromU8(this.#unpacked(name, bytes))];
      }
    }
  }

  #unpacked(name: string, bytes: Uint8Array): Uint8Array {
    const size = this.zstandard.get(name);
    if (size === undefined) return bytes;
    try {
      return unpackZstandard(bytes, size);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ArchiveError(`${this.path}: ${JSON.stringify(name.slice(0, 100))} is damaged (${reason}).`);
    }
  }

  text(name: string): string {
    for (const [, text] of this.texts([name])) return text;
    throw new ArchiveError(`${this.path}: the archive has no ${name}.`);
  }
}

function unzip(path: string, bytes: Uint8Array, filter: (entry: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter });
  } catch (error) {
    if (error instanceof ArchiveError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ArchiveError(
      `${path}: expected a whole zip archive, found one that is cut short or damaged (${reason}).`,
    );
  }
}

function requireHarmless(path: string, { name, size, originalSize, compression }: UnzipFileInfo): void {
  const shown = JSON.stringify(name.slice(0, 100));
  if (/^[/\\]|^[a-z]:|\0|\\/i.test(name) || name.split("/").includes("..")) {
    throw new ArchiveError(`${path}: the archive names a file outside itself (${shown}).`);
  }
  if (compression !== STORED && compression !== DEFLATE) {
    throw new ArchiveError(
      `${path}: ${shown} is packed by method ${compression}; expected deflate, Zstandard or none.`,
    );
  }
  if (originalSize > LIMITS.entryBytes) throw new ArchiveError(`${path}: ${shown} unpacks to more than 256 MiB.`);
  if (originalSize > 2 ** 20 && originalSize > size * LIMITS.ratio) {
    throw new ArchiveError(`${path}: ${shown} unpacks to more than ${LIMITS.ratio} times its size: a bomb.`);
  }
}
