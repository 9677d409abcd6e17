/**
 * Uploaded files, each in a folder of its own: `upload.json` says that askew made the folder, then comes `content`, and
 * `file.json` makes the file whole.
 */
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { makeFolder, writeFileAtomically, writeJson } from "../store/index.js";
import { ApiError, quoted } from "./api-error.js";
import { filesAndTemporaries, notOwn, ownFolders, removeOwn } from "./own-folders.js";
import { readRecord } from "./read-record.js";

const FILE_ID = /^file-[0-9a-f]{24}$/;
const OWN = filesAndTemporaries("upload.json", "content", "file.json");

const uploadSchema = z.object({ upload: z.string().regex(FILE_ID) });
const fileSchema = z.object({
  id: z.string().regex(FILE_ID),
  object: z.literal("file"),
  bytes: z.int().min(0),
  /** Seconds since 1970. */
  created_at: z.int().min(0),
  expires_at: z.null(),
  filename: z.string().max(255),
  purpose: z.string().max(64),
  status: z.literal("processed"),
});

export type StoredFile = Readonly<z.output<typeof fileSchema>>;

/** Bytes that have arrived, and are no file yet. */
export interface Upload {
  readonly bytes: number;
  keep(filename: string, purpose: string): Promise<StoredFile>;
  discard(): Promise<void>;
}

export class FileStore {
  private constructor(
    private readonly folder: string,
    private readonly files: Map<string, StoredFile>,
  ) {}

  /** @throws {ServerError} naming what is not its own. */
  static async open(folder: string): Promise<FileStore> {
    await makeFolder(folder);
    const files: StoredFile[] = [];
    const halves: string[] = [];
    for (const name of await ownFolders(folder, FILE_ID)) {
      const path = join(folder, name);
      const file = await readRecord(join(path, "file.json"), fileSchema);
      if (file === undefined) {
        if ((await readRecord(join(path, "upload.json"), uploadSchema))?.upload === name) halves.push(path);
        continue; // without a record of its own it is left alone
      }
      if (file.id !== name) throw notOwn(join(path, "file.json"), `it is the record of ${file.id}`);
      const content = await lstat(join(path, "content")).catch(() => undefined);
      if (content !== undefined && !content.isFile()) throw notOwn(join(path, "content"), "it is no regular file");
      files.push(file);
    }
    for (const half of halves) await removeOwn(half, OWN);
    files.sort((a, b) => a.created_at - b.created_at);
    return new FileStore(folder, new Map(files.map((file) => [file.id, file])));
  }

  /** Newest first. */
  list(purpose?: string): StoredFile[] {
    return [...this.files.values()].filter((file) => purpose === undefined || file.purpose === purpose).toReversed();
  }

  /** @throws {ApiError} 404; `status` and `param` are of the request that names the file. */
  get(id: string, status: 400 | 404 = 404, param = "file_id"): StoredFile {
    const file = this.files.get(id);
    if (file === undefined)
      throw new ApiError(status, `There is no file ${quoted(id)}.`, { param, code: "file_not_found" });
    return file;
  }

  /** The bytes of a file, as they are read from the disk. */
  content(id: string): AsyncIterable<Uint8Array> {
    return createReadStream(join(this.folder, this.get(id).id, "content"));
  }

  /** Writes bytes to the disk as they come. */
  async receive(chunks: AsyncIterable<Uint8Array>): Promise<Upload> {
    const id = `file-${randomBytes(12).toString("hex")}`;
    const folder = join(this.folder, id);
    const discard = (): Promise<void> => removeOwn(folder, OWN);
    let bytes = 0;
    try {
      await makeFolder(folder);
      await writeJson(join(folder, "upload.json"), { upload: id });
      await writeFileAtomically(join(folder, "content"), async (handle) => {
        for await (const chunk of chunks) {
          await handle.writeFile(chunk); // goes on where the last one ended
          bytes += chunk.length;
        }
      });
    } catch (error) {
      await discard().catch(() => undefined); // what is left is removed with the next start
      throw error;
    }
    return { bytes, discard, keep: (filename, purpose) => this.#keep(folder, { id, bytes, filename, purpose }) };
  }

  async add(filename: string, purpose: string, content: Uint8Array): Promise<StoredFile> {
    return (await this.receive(oneChunk(content))).keep(filename, purpose);
  }

  async #keep(folder: string, given: Pick<StoredFile, "id" | "bytes" | "filename" | "purpose">): Promise<StoredFile> {
    const file: StoredFile = {
      ...given,
      object: "file",
      created_at: Math.floor(Date.now() / 1000),
      expires_at: null,
      filename: given.filename.slice(-255),
      status: "processed",
    };
    try {
      await writeJson(join(folder, "file.json"), file);
      await rm(join(folder, "upload.json"), { force: true });
    } catch (error) {
      await removeOwn(folder, OWN).catch(() => undefined);
      throw error;
    }
    this.files.set(file.id, file);
    return file;
  }

  async delete(id: string): Promise<void> {
    const file = this.get(id);
    await removeOwn(join(this.folder, file.id), OWN);
    this.files.delete(file.id);
  }
}

async function* oneChunk(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}
