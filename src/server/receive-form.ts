/** A file that comes as multipart/form-data, written to the disk as it arrives: memory does not grow with its size. */
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { Busboy, type BusboyFileStream } from "@fastify/busboy";
import { ApiError } from "./api-error.js";
import type { FileStore, Upload } from "./file-store.js";
import { storageFailure } from "./server-error.js";

export interface ReceivedForm {
  readonly upload: Upload | undefined;
  readonly filename: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** Of all that surrounds the file. */
const LARGEST_REST = 2 ** 16;

/**
 * @param type the request's Content-Type
 * @param most bytes of the file
 * @throws {ApiError} when it is no form or the file is too large; nothing of it is kept then
 */
export async function receiveForm(
  body: ReadableStream<Uint8Array> | null,
  type: string,
  files: FileStore,
  most: number,
): Promise<ReceivedForm> {
  const tooLarge = new ApiError(413, `A file may have ${most / 2 ** 20} MiB at most.`, { param: "file" });
  const noForm = new ApiError(400, "The body is not multipart/form-data.", { code: "invalid_form" });
  const fields = new Map<string, string>();
  const stop = new AbortController();
  let filename = "";
  let receiving: Promise<Upload> | undefined;
  let source: BusboyFileStream | undefined;
  let parser: ReturnType<typeof Busboy>;
  try {
    parser = new Busboy({
      headers: { "content-type": type },
      limits: { fields: 16, fieldSize: 1024, files: 1, fileSize: most, parts: 32, headerPairs: 32, headerSize: 8192 },
    });
  } catch {
    throw noForm;
  }
  parser.on("field", (name, value) => fields.set(name, value));
  parser.on("file", (name, stream, given) => {
    if (name !== "file") {
      stream.resume(); // reads past it
      return;
    }
    stream.on("error", () => undefined); // whoever reads it hears of it; there may be no reader yet
    filename = given;
    source = stream;
    stream.on("limit", () => stop.abort(tooLarge));
    receiving = files.receive(stream);
    receiving.catch((error: unknown) => stop.abort(error));
  });
  let size = 0;
  const counted = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      size += chunk.length;
      done(size > most + LARGEST_REST ? tooLarge : null, chunk);
    },
  });
  try {
    await pipeline(body === null ? Readable.from([]) : Readable.fromWeb(body), counted, parser, {
      signal: stop.signal,
    });
    return { upload: await receiving, filename, fields };
  } catch (error) {
    const reason: unknown = stop.signal.aborted ? stop.signal.reason : error;
    source?.destroy(reason instanceof Error ? reason : noForm);
    await receiving?.then((upload) => upload.discard()).catch(() => undefined);
    throw reason instanceof ApiError || storageFailure(reason) !== undefined ? reason : noForm;
  }
}
