/**
 * Opens what a user names as a file to be read. Devices and sockets, which never end, are refused; a pipe is read once.
 * Files that are something else altogether are named as what they are. Nothing is held but one chunk.
 */
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { foreignBytes, foreignFolder, HEAD_BYTES, type Foreign } from "./foreign.js";
import { InputError, type Problem } from "./problem.js";

/** A path, or bytes that come from elsewhere under the name they are to be called in errors. */
export type Source = string | { readonly name: string; readonly bytes: AsyncIterable<Uint8Array> };

export const sourceName = (source: Source): string => (typeof source === "string" ? source : source.name);

/** Makes the error that a caller throws. */
export type Fail = (problem: Problem, options?: ErrorOptions) => InputError;

export interface InputOptions {
  /** A gzipped file may unzip to this many times its size (and to 64 MiB in any case); default 200. */
  readonly maxExpansion?: number;
  readonly fail?: Fail;
}

const DEFAULT_EXPANSION = 200;

/** So much may come out of any gzipped file, however small. */
const ALWAYS_UNZIPPED = 64 * 2 ** 20;

const CHUNK = 2 ** 17;

const failed: Fail = (problem, options) => new InputError(problem, options);

/**
 * Refuses what cannot be read to an end, before anything is read of it.
 * @param isReadAgain whether it will be read more than once, which a pipe cannot be
 * @throws {InputError}
 */
export async function requireInput(path: string, isReadAgain = false, fail: Fail = failed): Promise<void> {
  const refuse = ({ what, cure }: Foreign, expected = "a file"): never => {
    throw fail({ file: path, kind: "file", expected, found: what, ...(cure !== undefined && { cure }) });
  };
  let found;
  try {
    found = await stat(path);
  } catch (error) {
    throw asInputError(error, path, 0, fail);
  }
  if (found.isFile()) return;
  if (found.isDirectory()) refuse(await foreignFolder(path));
  if (found.isFIFO()) {
    if (!isReadAgain) return;
    refuse({ what: "a pipe", cure: "Write it into a file first." }, "a file, which is read more than once");
  }
  refuse({ what: found.isSocket() ? "a socket" : "a device", cure: "Give a file." });
}

/** The first bytes of a regular file; nothing of a pipe, of which they would be lost. */
export async function headOf(path: string): Promise<Uint8Array> {
  if (!(await stat(path)).isFile()) return new Uint8Array();
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * All bytes of a source, unzipped where it is gzip, which its first bytes say and not its name.
 * @throws {InputError} for what is no file of rows, torn gzip, or too much out of too little gzip
 */
export async function* inputBytes(source: Source, options: InputOptions = {}): AsyncGenerator<Buffer> {
  const { maxExpansion = DEFAULT_EXPANSION, fail = failed } = options;
  const name = sourceName(source);
  if (typeof source === "string") await requireInput(source, false, fail);
  let told = 0;
  try {
    let head: Buffer[] | undefined = [];
    for await (const chunk of unzipped(source, name, maxExpansion, fail)) {
      if (head === undefined) yield chunk;
      else {
        head.push(chunk);
        told += chunk.length;
        if (told < HEAD_BYTES) continue;
        yield looked(head, name, fail);
        head = undefined;
      }
    }
    if (head !== undefined && told > 0) yield looked(head, name, fail);
  } catch (error) {
    throw asInputError(error, name, 0, fail);
  }
}

function looked(head: readonly Buffer[], file: string, fail: Fail): Buffer {
  const bytes = head.length === 1 ? (head[0] as Buffer) : Buffer.concat(head);
  const foreign = foreignBytes(bytes, file);
  if (foreign === undefined) return bytes;
  const { what: found, cure } = foreign;
  const expected = found === "UTF-16" ? "UTF-8 text" : "rows of text";
  throw fail({ file, kind: "file", expected, found, ...(cure !== undefined && { cure }) });
}

async function* unzipped(source: Source, name: string, maxExpansion: number, fail: Fail): AsyncGenerator<Buffer> {
  const bytes = typeof source === "string" ? createReadStream(source, { highWaterMark: CHUNK }) : source.bytes;
  const chunks = bytes[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const head: Buffer[] = [];
  let read = 0;
  while (read < 2) {
    const next = await chunks.next();
    if (next.done === true) break;
    head.push(asBuffer(next.value));
    read += next.value.length;
  }
  const begin = Buffer.concat(head);
  async function* whole(): AsyncGenerator<Buffer> {
    try {
      if (begin.length > 0) yield begin;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
        read += next.value.length;
        yield asBuffer(next.value);
      }
    } finally {
      await chunks.return?.();
    }
  }
  if (begin[0] !== 0x1f || begin[1] !== 0x8b) {
    yield* whole();
    return;
  }
  const gunzip = createGunzip({ chunkSize: CHUNK });
  const fed = pipeline(whole, gunzip);
  fed.catch(() => {}); // the same error comes out of gunzip below
  let made = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      made += chunk.length;
      if (made > ALWAYS_UNZIPPED && made > read * maxExpansion) {
        throw fail({
          file: name,
          kind: "file",
          expected: `a gzipped file that unzips to at most ${maxExpansion} times its size`,
          found: `${Math.round(made / 2 ** 20)} MiB out of ${read} bytes so far`,
          cure: "Unzip it yourself if you trust it, and give the plain file.",
        });
      }
      yield chunk;
    }
  } finally {
    gunzip.destroy();
    await fed.catch(() => {});
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const REFUSED: Readonly<Record<string, readonly [expected: string, found: string, cure?: string]>> = {
  ENOENT: ["a file", "nothing of that name"],
  EISDIR: ["a file", "a folder"],
  EACCES: ["a file that may be read", "permission denied"],
  ENOTDIR: ["a file", "a path that leads through a file"],
  ENAMETOOLONG: ["a file", "a name that is too long"],
  ELOOP: ["a file", "a symbolic link that leads back to itself"],
  ERR_INVALID_ARG_VALUE: ["a file", "a name that no file can have"],
  Z_BUF_ERROR: ["a whole gzip file", "one that breaks off", "Was it copied to the end? Fetch or make it again."],
  Z_DATA_ERROR: ["a sound gzip file", "damaged data", "Fetch or make it again."],
};

/** @param line the last that was read, where gzip breaks off */
export function asInputError(error: unknown, file: string, line: number, fail: Fail = failed): unknown {
  if (error instanceof InputError && error.problem.line === undefined && line > 0 && isZip(error.cause)) {
    return fail({ ...error.problem, line: line + 1 }, { cause: error.cause });
  }
  if (error instanceof InputError) return error;
  const known = REFUSED[codeOf(error) ?? ""];
  if (known === undefined) return error;
  const [expected, found, cure] = known;
  return fail({ file, kind: "file", expected, found, ...(cure !== undefined && { cure }) }, { cause: error });
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;

const isZip = (error: unknown): boolean => codeOf(error)?.startsWith("Z_") === true;
