/** One `.eval` file as it is written: a zip of samples, then their summaries, then the header. */
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { crc32, deflateRawSync } from "node:zlib";
import { strToU8, Zip, ZipDeflate, type ZipInputFile } from "fflate";
import type { LogHeader } from "./inspect-header.js";
import { InspectLogError } from "./inspect-log.js";
import { summaryOf, type LogSample } from "./inspect-sample.js";
import { claimFile, recordFile, temporaryOf } from "../../store/index.js";

/** A zip without 64-bit extensions holds 65,535 entries. */
const MOST_SAMPLES = 65_000;
const TOGETHER = 1 << 20;
const DEFLATE = 8;

export class ZipLog {
  readonly #zip: Zip;
  #pieces: Uint8Array[] = [];
  #waiting = 0;
  #failure: Error | null = null;
  #summaries: ZipDeflate | undefined;
  #isOpen = true;

  private constructor(
    readonly path: string,
    readonly part: string,
    readonly file: FileHandle,
    readonly header: LogHeader,
    readonly created: string,
  ) {
    this.#zip = new Zip((error, piece) => {
      this.#failure ??= error;
      this.#pieces.push(piece);
      this.#waiting += piece.length;
    });
  }

  static async create(path: string, header: LogHeader, samples: number, created: string): Promise<ZipLog> {
    if (samples > MOST_SAMPLES) {
      throw new InspectLogError(
        `${path}: ${samples} answers are too many for a .eval file; export to a file that ends in .json.`,
      );
    }
    await claimFile(path);
    const part = temporaryOf(path);
    const log = new ZipLog(path, part, await open(part, "wx"), header, created);
    log.#put("_journal/start.json", { version: header.version, eval: header.eval, plan: header.plan });
    return log;
  }

  async sample({ sample }: LogSample): Promise<void> {
    this.#put(`samples/${sample.id}_epoch_${sample.epoch}.json`, sample);
    if (this.#waiting > TOGETHER) await this.#flush();
  }

  /** After all samples, in their order. */
  async summary(made: LogSample): Promise<void> {
    const separator = this.#summaries === undefined ? "[" : ",";
    this.#summaries ??= this.#entry("summaries.json");
    this.#summaries.push(strToU8(`${separator}${JSON.stringify(summaryOf(made))}`));
    if (this.#waiting > TOGETHER) await this.#flush();
  }

  /** The file is there under its name once this returns. */
  async finish(): Promise<void> {
    this.#summaries?.push(strToU8("]"), true);
    this.#put("header.json", this.header);
    this.#zip.end();
    await this.#flush();
    await this.file.sync();
    await this.#close();
    await recordFile(this.path, this.part);
    await rename(this.part, this.path);
  }

  /** Leaves whatever was under the name before; nothing to do once it is finished. */
  async discard(): Promise<void> {
    await this.#close();
    await rm(this.part, { force: true });
  }

  async #close(): Promise<void> {
    if (this.#isOpen) await this.file.close();
    this.#isOpen = false;
  }

  #entry(name: string): ZipDeflate {
    const made = new ZipDeflate(name, { level: 6 });
    made.mtime = this.created;
    this.#zip.add(made);
    return made;
  }

  /** Whole entries are packed by Node.js itself, several times as fast as in JavaScript. */
  #put(name: string, value: unknown): void {
    const bytes = Buffer.from(JSON.stringify(value));
    const entry: ZipInputFile = {
      filename: name,
      compression: DEFLATE,
      crc: crc32(bytes),
      size: bytes.length,
      mtime: this.created,
    };
    this.#zip.add(entry);
    entry.ondata?.(null, deflateRawSync(bytes), true);
  }

  async #flush(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    const pieces = this.#pieces;
    [this.#pieces, this.#waiting] = [[], 0];
    await this.file.writeFile(Buffer.concat(pieces));
  }
}
