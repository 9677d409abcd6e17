/** The lines of a file of any size, plain or gzipped, a chunk's worth at a time. */
import { asInputError, inputBytes, sourceName, type InputOptions, type Source } from "./input.js";
import { DatasetError } from "./problem.js";

export interface LineLimits extends InputOptions {
  /** Longest line in bytes, its ending not counted; default 8 MiB. */
  readonly maxLineBytes?: number;
}

export const LINE_LIMITS = { maxLineBytes: 8 * 2 ** 20, maxExpansion: 200 } as const;

const failed = (...given: ConstructorParameters<typeof DatasetError>): DatasetError => new DatasetError(...given);

export interface Line {
  /** From 1. */
  readonly line: number;
  /** Without its ending; undefined where the line is longer than the limit. */
  readonly bytes?: Buffer;
  /** The last line of a file, where it has no ending: a kill may have taken the rest of it. */
  readonly isTorn?: true;
}

/** A path, or bytes that come from elsewhere under the name they are to be called in errors. */
export type DatasetSource = Source;

/**
 * Lines in batches, empty ones left out. Gzip is known by its first bytes, not by the file's name. A byte-order mark and CRLF are taken off.
 * Holds one chunk and at most one line.
 * @throws {DatasetError} for a file that is not there, torn gzip, UTF-16, or too much out of too little gzip.
 */
export async function* linesOf(source: DatasetSource, limits: LineLimits = {}): AsyncGenerator<Line[]> {
  const { maxLineBytes, maxExpansion, fail } = { ...LINE_LIMITS, fail: failed, ...limits };
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
      : { line, bytes: line === 1 ? withoutMark(whole) : whole };
  };
  try {
    for await (const chunk of inputBytes(source, { maxExpansion, fail })) {
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
    throw asInputError(error, name, line, fail);
  }
  if (length > 0) yield [{ ...finish(Buffer.alloc(0)), isTorn: true }];
}

function withoutEnding(bytes: Buffer): Buffer {
  return bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes;
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
