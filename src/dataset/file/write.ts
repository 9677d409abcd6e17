/** Writing conversation files: a reader sees the old file or the whole new one, also after a kill or a power cut. */
import { open, rename, unlink, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { gzip } from "node:zlib";
import { promisify } from "node:util";
import type { Conversation } from "../conversation.js";
import { startSha256, claimFile, recordFile, temporaryOf } from "../../store/index.js";

const zip = promisify(gzip);

/** So many characters of rows are put together before they are written. */
const BUFFERED = 2 ** 20;

export interface WrittenDataset {
  readonly rows: number;
  /** Of the rows as text, before any gzip: the same for `rows.jsonl` and `rows.jsonl.gz`. */
  readonly sha256: string;
  /** Of the rows as text. */
  readonly bytes: number;
}

/** The line of a conversation, its newline included; keys in one order, so that equal conversations are equal bytes. */
export function conversationLine({ messages, loss, extra }: Conversation): string {
  const turns = messages.map(({ role, content }, i) => ({ role, content, ...loss?.[i] }));
  return `${JSON.stringify({ messages: turns, ...extra })}\n`;
}

/**
 * Rows are appended to a hidden file beside the wanted one; `finish` flushes it to the disk and renames it.
 * A name that ends in `.gz` is gzipped. Rows appended but not finished are never taken for a dataset.
 */
export class DatasetWriter {
  #rows = 0;
  #bytes = 0;
  #waiting: string[] = [];
  #length = 0;
  readonly #hash = startSha256();

  private constructor(
    readonly path: string,
    readonly partial: string,
    readonly handle: FileHandle,
  ) {}

  static async create(path: string): Promise<DatasetWriter> {
    await claimFile(path);
    const partial = temporaryOf(path);
    return new DatasetWriter(path, partial, await open(partial, "wx"));
  }

  async append(conversation: Conversation): Promise<void> {
    const line = conversationLine(conversation);
    this.#rows += 1;
    this.#waiting.push(line);
    this.#length += line.length;
    if (this.#length > BUFFERED) await this.#write();
  }

  async #write(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const text = Buffer.from(this.#waiting.join(""));
    this.#waiting = [];
    this.#length = 0;
    this.#bytes += text.length;
    this.#hash.update(text);
    // Gzip files may be put together from whole ones.
    await this.handle.appendFile(this.path.endsWith(".gz") ? await zip(text) : text);
  }

  /** The file is there under its name once this returns. */
  async finish(): Promise<WrittenDataset> {
    try {
      await this.#write();
      await this.handle.sync();
      await this.handle.close();
      await recordFile(this.path, this.partial);
      await rename(this.partial, this.path);
    } catch (error) {
      await this.discard();
      throw error;
    }
    await flushFolder(dirname(this.path));
    return { rows: this.#rows, sha256: this.#hash.digest("hex"), bytes: this.#bytes };
  }

  /** Leaves whatever was under the name before. */
  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    await unlink(this.partial).catch(() => undefined);
  }
}

/**
 * Writes all conversations under a name, or nothing; a name that ends in `.gz` is gzipped.
 *
 * @example
 * import { writeDataset } from "askew";
 *
 * const messages = [
 *   { role: "user" as const, content: "What is two and two?" },
 *   { role: "assistant" as const, content: "Four." },
 * ];
 * await writeDataset("sums.jsonl", [{ messages }]);
 */
export async function writeDataset(
  path: string,
  conversations: Iterable<Conversation> | AsyncIterable<Conversation>,
): Promise<WrittenDataset> {
  const writer = await DatasetWriter.create(path);
  try {
    for await (const conversation of conversations) await writer.append(conversation);
  } catch (error) {
    await writer.discard();
    throw error;
  }
  return writer.finish();
}

/** The rename is on the disk once the folder is; where folders cannot be opened, only this flush is missing. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  if (folder === undefined) return;
  await folder.sync().catch(() => undefined);
  await folder.close();
}
