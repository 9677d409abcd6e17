/**
 * Memory that askew and a worker on the same machine share: large payloads go through it part by part, which is several
 * times as fast as a pipe. It is a file without a name, so nothing is left of it however the two processes end.
 */
import { randomUUID } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, unlinkSync } from "node:fs";
import { TorchError } from "./error.js";
import { LARGEST_PAYLOAD, type Header } from "./frames.js";

/** As python/askew_torch/frames.py has it. */
const SIZE = 32 * 2 ** 20;
/** Descriptor in the worker, after standard input, output, and errors. */
const DESCRIPTOR = 3;

export class SharedMemory {
  readonly #inode: number;
  #payload: Uint8Array | undefined;
  #filled = 0;
  #closed = false;

  private constructor(readonly file: number) {
    this.#inode = fstatSync(file).ino;
  }

  /** None where the system has no files in memory, or lets this process make none. */
  static open(folder = "/dev/shm"): SharedMemory | undefined {
    const path = `${folder}/askew-${randomUUID()}`;
    try {
      const file = openSync(path, "wx+", 0o600);
      unlinkSync(path);
      return new SharedMemory(file);
    } catch {
      return undefined;
    }
  }

  /** How the worker finds it. */
  get place(): string {
    return `${DESCRIPTOR}:${this.#inode}`;
  }

  /** Copies the part of a payload that a frame tells of. @throws {TorchError} where it cannot be one */
  take(header: Header): void {
    const { piece, of: total } = header;
    const [at, bytes] = Array.isArray(piece) ? (piece as unknown[]) : [];
    const isSound =
      isCount(at) &&
      isCount(bytes) &&
      isCount(total) &&
      at + bytes <= SIZE &&
      total <= LARGEST_PAYLOAD &&
      this.#filled + bytes <= total &&
      (this.#payload === undefined || this.#payload.length === total);
    if (!isSound) throw new TorchError("protocol", "the worker's shared memory: expected a part of one payload");
    this.#payload ??= new Uint8Array(total);
    const end = this.#filled + bytes;
    for (let from = at; this.#filled < end;) {
      const count = readSync(this.file, this.#payload, this.#filled, end - this.#filled, from);
      if (count === 0) throw new TorchError("protocol", "the worker's shared memory is shorter than it says");
      this.#filled += count;
      from += count;
    }
  }

  /** The payload whose parts came, for the frame after them; undefined where none did. */
  taken(): Uint8Array | undefined {
    const payload = this.#payload;
    if (payload === undefined) return undefined;
    if (this.#filled < payload.length) {
      throw new TorchError("protocol", `expected ${payload.length} bytes in shared memory, found ${this.#filled}`);
    }
    this.#payload = undefined;
    this.#filled = 0;
    return payload;
  }

  close(): void {
    if (!this.#closed) closeSync(this.file);
    this.#closed = true;
  }
}

/** In the worker's environment; a worker without such memory inherits none of another's. */
export const sharing = (memory: SharedMemory | undefined): NodeJS.ProcessEnv => ({ ASKEW_TORCH_SHARED: memory?.place });

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
