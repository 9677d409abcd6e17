/** The lines of a file of any size, plain or gzipped, a chunk's worth at a time. */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { DatasetError } from "./problem.js";

export interface LineLimits {
  /** Longest line in bytes, its ending not counted; default 8 MiB. */
  readonly maxLineBytes?: number;
  /** A gzipped file may unzip to this many times its size (and to 64 MiB in any case); default 200. */
  readonly maxExpansion?: number;
}

export const LINE_LIMITS = { maxLineBytes: 8 * 2 ** 20, maxExpansion: 200 } as const;

/** So much may come out of any gzipped file, however small. */
const ALWAYS_UNZIPPED = 64 * 2 ** 20;

export interface Line {
  /** From 1. */
  readonly line: number;
  /** Without its ending; undefined where the line is longer than the limit. */
  readonly bytes?: Buffer;
}

/** A path, or bytes that come from elsewhere under the name they are to be called in errors. */
export type DatasetSource = string | { readonly name: string; readonly bytes: AsyncIterable<Uint8Array> };

export const sourceName = (source: DatasetSource): string => (typeof source === "string" ? source : source.name);

/**
 * Lines in batches, empty ones left out. Gzip is known by its first bytes, not by the file's name. A byte-order mark and CRLF are taken off.
 * Holds one chunk and at most one line.
 * @throws {DatasetError} for a file that is not there, torn gzip, UTF-16, or too much out of too little gzip.
 */
export async function* linesOf(source: DatasetSource, limits: LineLimits = {}): AsyncGenerator<Line[]> {
  const { maxLineBytes, maxExpansion } = { ...LINE_LIMITS, ...limits };
  const name = sourceName(source);
  let line = 0;
  let open: Buffer[] = [];
  let length = 0;
  const finish = (last: Buffer): Line => {
    line += 1;
    const long = length + last.length > maxLineBytes + 1; // the one may be a carriage return
    const whole = long ? undefined : withoutEnding(open.length === 0 ? last : Buffer.concat([...open, last]));
    open = [];
    length = 0;
    return whole === undefined || whole.length > maxLineBytes
      ? { line }
      : { line, bytes: line === 1 ? withoutMark(whole, name) : whole };
  };
  try {
    for await (const chunk of unzipped(source, name, maxExpansion)) {
      const batch: Line[] = [];
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        // A file may be nothing but newlines: empty lines are counted, not kept.
        if (end === start && length === 0) line += 1;
        else batch.push(finish(chunk.subarray(start, end)));
        start = end + 1;
      }
      const rest = chunk.subarray(start);
      length += rest.length;
      if (length > maxLineBytes + 1) open = [];
      else if (rest.length > 0) open.push(rest);
      if (batch.length > 0) yield batch;
    }
  } catch (error) {
    throw asDatasetError(error, name, line);
  }
  if (length > 0) yield [finish(Buffer.alloc(0))];
}

function withoutEnding(bytes: Buffer): Buffer {
  return bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes;
}

function withoutMark(bytes: Buffer, file: string): Buffer {
  const [a, b, c] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    throw new DatasetError({
      file,
      line: 1,
      kind: "file",
      expected: "UTF-8 text",
      found: "UTF-16",
      cure: "Save the file as UTF-8.",
    });
  }
  return a === 0xef && b === 0xbb && c === 0xbf ? bytes.subarray(3) : bytes;
}

async function* unzipped(source: DatasetSource, name: string, maxExpansion: number): AsyncGenerator<Buffer> {
  const bytes = typeof source === "string" ? createReadStream(source, { highWaterMark: 2 ** 17 }) : source.bytes;
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
  const gunzip = createGunzip({ chunkSize: 2 ** 17 });
  const fed = pipeline(whole, gunzip);
  fed.catch(() => {}); // the same error comes out of gunzip below
  let made = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      made += chunk.length;
      if (made > ALWAYS_UNZIPPED && made > read * maxExpansion) {
        throw new DatasetError({
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
  Z_BUF_ERROR: ["a whole gzip file", "one that breaks off", "Was it copied to the end? Fetch or make it again."],
  Z_DATA_ERROR: ["a sound gzip file", "damaged data", "Fetch or make it again."],
};

function asDatasetError(error: unknown, file: string, line: number): unknown {
  if (error instanceof DatasetError) return error;
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  const known = code === undefined ? undefined : REFUSED[code];
  if (known === undefined) return error;
  const [expected, found, cure] = known;
  const inside = code?.startsWith("Z_") === true && line > 0;
  return new DatasetError(
    {
      file,
      ...(inside && { line: line + 1 }),
      kind: "file",
      expected,
      found,
      ...(cure !== undefined && { cure }),
    },
    { cause: error },
  );
}
