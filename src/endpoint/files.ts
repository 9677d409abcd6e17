/** Files on a server: training sets go up, results come down. */
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { z } from "zod";
import type { Connection } from "./connection.js";
import { EndpointError } from "./error.js";
import { listAll, type PageOptions } from "./pages.js";

export interface RemoteFile {
  readonly id: string;
  readonly name: string;
  readonly bytes?: number | undefined;
  readonly purpose?: string | undefined;
  /** `uploaded`, `processed`, `error`, where the server says so. */
  readonly status?: string | undefined;
}

const fileSchema = z
  .object({
    id: z.string().min(1),
    filename: z.string().nullish(),
    bytes: z.number().nullish(),
    purpose: z.string().nullish(),
    status: z.string().nullish(),
  })
  .transform(({ id, filename, bytes, purpose, status }): RemoteFile => ({
    id,
    name: filename ?? id,
    bytes: bytes ?? undefined,
    purpose: purpose ?? undefined,
    status: status ?? undefined,
  }));

interface SignalOption {
  readonly signal?: AbortSignal | undefined;
}

export class Files {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Uploads a file from disk, of any size, without holding it in memory. */
  async upload(path: string, options: SignalOption & { readonly purpose?: string } = {}): Promise<RemoteFile> {
    const { size } = await stat(path);
    const boundary = `askew-${randomBytes(16).toString("hex")}`;
    const name = basename(path).replaceAll(/[^\w.-]/g, "_");
    const field = (head: string): string => `--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n`;
    const before = `${field('name="purpose"')}\r\n${options.purpose ?? "fine-tune"}\r\n${field(`name="file"; filename="${name}"`)}content-type: application/jsonl\r\n\r\n`;
    const after = `\r\n--${boundary}--\r\n`;
    return this.#connection.json(
      {
        method: "POST",
        path: "/files",
        headers: {
          "content-type": `multipart/form-data; boundary=${boundary}`,
          "content-length": String(Buffer.byteLength(before) + size + Buffer.byteLength(after)),
        },
        body: () => Readable.from(framed(before, path, size, after)),
        signal: options.signal,
        deadline: 600_000,
      },
      "an uploaded file",
      fileSchema,
    );
  }

  get(id: string, { signal }: SignalOption = {}): Promise<RemoteFile> {
    return this.#connection.json(
      { method: "GET", path: `/files/${encodeURIComponent(id)}`, signal },
      "a file",
      fileSchema,
    );
  }

  /** All files, page by page. */
  list(options: PageOptions = {}): AsyncGenerator<RemoteFile> {
    return listAll(this.#connection, "/files", "a list of files", fileSchema, options);
  }

  /** Hands over a file's content piece by piece. */
  async download(
    id: string,
    onBytes: (bytes: Buffer) => void | Promise<void>,
    { signal }: SignalOption = {},
  ): Promise<void> {
    const path = `/files/${encodeURIComponent(id)}/content`;
    let told = false;
    await this.#connection.send({ method: "GET", path, accept: "*/*", signal }, async ({ body }) => {
      if (told) throw brokenDownload(this.#connection.addressOf(path));
      for await (const chunk of body as AsyncIterable<Buffer>) {
        told = true;
        await onBytes(chunk);
      }
    });
  }

  async delete(id: string, { signal }: SignalOption = {}): Promise<void> {
    const path = `/files/${encodeURIComponent(id)}`;
    const deleted = z.object({ deleted: z.boolean().optional() });
    await this.#connection.json({ method: "DELETE", path, signal }, "a deleted file", deleted);
  }
}

async function* framed(before: string, path: string, size: number, after: string): AsyncGenerator<Buffer> {
  yield Buffer.from(before);
  // The length has been announced; a file that grows meanwhile must not change it.
  if (size > 0) yield* createReadStream(path, { end: size - 1 }) as AsyncIterable<Buffer>;
  yield Buffer.from(after);
}

function brokenDownload(url: string): EndpointError {
  return new EndpointError(`${url}: the connection broke in the middle of the file`, { fault: "unreachable", url });
}
