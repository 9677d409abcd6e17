/** Uploaded files, each in a folder of its own: `content`, and `file.json`, which makes it whole. */
import { randomBytes } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder, writeFileAtomically, writeJsonAtomically } from "../onnx/index.js";
import { ApiError, quoted } from "./api-error.js";

export interface StoredFile {
  readonly id: string;
  readonly object: "file";
  readonly bytes: number;
  /** Seconds since 1970. */
  readonly created_at: number;
  readonly expires_at: null;
  readonly filename: string;
  readonly purpose: string;
  readonly status: "processed";
}

export class FileStore {
  private constructor(
    private readonly folder: string,
    private readonly files: Map<string, StoredFile>,
  ) {}

  static async open(folder: string): Promise<FileStore> {
    await makeFolder(folder);
    const files: StoredFile[] = [];
    for (const name of await readdir(folder)) {
      try {
        files.push(JSON.parse(await readFile(join(folder, name, "file.json"), "utf8")) as StoredFile);
      } catch {
        // Half of an upload that was broken off.
        await rm(join(folder, name), { recursive: true, force: true });
      }
    }
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

  async content(id: string): Promise<Buffer> {
    return readFile(join(this.folder, this.get(id).id, "content"));
  }

  async add(filename: string, purpose: string, content: Uint8Array): Promise<StoredFile> {
    const id = `file-${randomBytes(12).toString("hex")}`;
    const file: StoredFile = {
      id,
      object: "file",
      bytes: content.length,
      created_at: Math.floor(Date.now() / 1000),
      expires_at: null,
      filename: filename.slice(-255),
      purpose,
      status: "processed",
    };
    await makeFolder(join(this.folder, id));
    await writeFileAtomically(join(this.folder, id, "content"), (handle) => handle.writeFile(content));
    await writeJsonAtomically(join(this.folder, id, "file.json"), file);
    this.files.set(id, file);
    return file;
  }

  async delete(id: string): Promise<void> {
    const file = this.get(id);
    this.files.delete(file.id);
    await rm(join(this.folder, file.id), { recursive: true, force: true });
  }
}
