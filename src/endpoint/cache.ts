/**
 * Answers on disk, so that no request is paid for twice: a folder of files of rows, one JSON object a line, that only
 * grow. A process appends to a file of its own, so any number may share a folder; an answer is in the file before
 * anybody hears it. A line that a kill has torn, or that is damaged in any other way, is as if it were not there. In
 * memory are only hashes and places.
 */
import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../store/index.js";
import { AskewError } from "../text/index.js";
import { CacheIndex, MOST_FILES, type Place } from "./cache-index.js";

/** The cache's folder cannot be read or written; the message says why and what to do. */
export class CacheError extends AskewError {
  override readonly name = "CacheError";
}

interface Pending {
  readonly key: string;
  readonly line: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface OpenFile {
  readonly path: string;
  readonly handle: FileHandle;
}

const HEAD = '{"key":"';
const DIGITS = 64;
const MIDDLE = '","value":';
const NEWLINE = 10;
const SCAN_BYTES = 1 << 20;
/** What is longer was not written here. */
const LONGEST_LINE = 1 << 26;

/** The name of a request: SHA-256 over `parts` as JSON with sorted keys, in hexadecimal. */
export function cacheKey(...parts: unknown[]): string {
  return sha256(JSON.stringify(parts, sorted));
}

export class AnswerCache {
  readonly #index = new CacheIndex();
  readonly #files: OpenFile[] = [];
  #own: number | undefined;
  #size = 0;
  #queue: Pending[] = [];
  #writing: Promise<void> | undefined;

  private constructor(readonly folder: string) {}

  /**
   * Opens a folder, made if need be.
   * @throws {CacheError}
   */
  static async open(folder: string): Promise<AnswerCache> {
    const cache = new AnswerCache(folder);
    await explained(folder, async () => {
      await mkdir(folder, { recursive: true });
      const names = (await readdir(folder)).filter((name) => /^answers-[\w-]+\.jsonl$/.test(name));
      for (const name of names.toSorted()) await cache.#scan(join(folder, name));
    });
    return cache;
  }

  /** Answers that can be had. */
  get size(): number {
    return this.#index.size;
  }

  /** What was stored under `key`, as JSON has it; undefined where there is nothing that can be read. */
  async get(key: string): Promise<unknown> {
    const place = this.#index.get(key);
    const file = place && this.#files[place.file];
    if (place === undefined || file === undefined) return undefined;
    const line = Buffer.allocUnsafe(place.length);
    const { bytesRead } = await explained(file.path, () => file.handle.read(line, 0, place.length, place.offset));
    if (bytesRead < place.length) return undefined;
    try {
      const row = JSON.parse(line.toString("utf8")) as { key?: unknown; value?: unknown };
      return row.key === key ? row.value : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Returns once the answer is in the file (a kill of the process loses it no more).
   * @throws {CacheError} when it cannot be written; the file is as before
   */
  put(key: string, value: unknown): Promise<void> {
    const line = Buffer.from(`${HEAD}${key}${MIDDLE}${JSON.stringify(value)}}\n`);
    return new Promise((resolve, reject) => {
      this.#queue.push({ key, line, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Returns once everything is on the disk (a power cut loses it no more). */
  async flush(): Promise<void> {
    await this.#writing;
    const own = this.#own === undefined ? undefined : this.#files[this.#own];
    if (own) await explained(own.path, () => own.handle.datasync());
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      for (const { handle } of this.#files.splice(0)) await handle.close();
    }
  }

  /** Writes what waits, all of it at a time, until nothing waits. */
  async #write(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      try {
        await this.#append(batch);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error as Error);
      }
    }
    this.#writing = undefined;
  }

  async #append(batch: readonly Pending[]): Promise<void> {
    this.#own ??= await this.#create();
    const number = this.#own;
    const { path, handle } = this.#files[number] as OpenFile;
    const data = Buffer.concat(batch.map(({ line }) => line));
    await explained(path, async () => {
      try {
        await handle.appendFile(data);
      } catch (error) {
        // What a full disk took of it must not run into the next line.
        await handle.truncate(this.#size).catch(() => undefined);
        throw error;
      }
    });
    for (const { key, line } of batch) {
      this.#index.set(key, { file: number, offset: this.#size, length: line.length - 1 });
      this.#size += line.length;
    }
  }

  async #create(): Promise<number> {
    const name = `answers-${Date.now().toString(36)}-${process.pid}-${randomBytes(4).toString("hex")}.jsonl`;
    const path = join(this.folder, name);
    const handle = await explained(path, () => open(path, "ax+"));
    return this.#keep({ path, handle });
  }

  #keep(file: OpenFile): number {
    if (this.#files.length >= MOST_FILES) throw new CacheError(`${this.folder}: too many files; start a new folder`);
    return this.#files.push(file) - 1;
  }

  /** Notes where the rows of a file begin; what they say is looked at when they are asked for. */
  async #scan(path: string): Promise<void> {
    const handle = await open(path, "r");
    const file = this.#keep({ path, handle });
    let rest: Buffer = Buffer.alloc(0);
    let offset = 0; // of `rest` in the file
    const chunk = Buffer.allocUnsafe(SCAN_BYTES);
    for (let at = 0; ;) {
      const { bytesRead } = await handle.read(chunk, 0, SCAN_BYTES, at);
      if (bytesRead === 0) return; // what is left has no end: it was torn
      at += bytesRead;
      const data = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      let start = 0;
      for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, start)) {
        this.#note(data, { file, offset: offset + start, length: end - start }, start);
        start = end + 1;
      }
      offset += start;
      rest = Buffer.from(data.subarray(start));
      if (rest.length > LONGEST_LINE) return;
    }
  }

  #note(data: Buffer, place: Place, start: number): void {
    const head = data.toString("latin1", start, start + HEAD.length + DIGITS);
    const key = head.slice(HEAD.length);
    if (head.startsWith(HEAD) && /^[0-9a-f]{64}$/.test(key)) this.#index.set(key, place);
  }
}

const sorted = (_name: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;

const CAUSES: Readonly<Record<string, string>> = {
  ENOSPC:
    "no space is left on the disk. Make room and run the same command again: stored answers are not paid for twice",
  EDQUOT: "your disk quota is used up. Make room and run the same command again: stored answers are not paid for twice",
  EACCES: "permission denied. Choose a folder that you may write to",
  EROFS: "the file system is read-only. Choose another folder",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "is a file, not a folder",
};

async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CacheError) throw error;
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new CacheError(`${path}: ${CAUSES[code] ?? message}`, { cause: error });
  }
}
