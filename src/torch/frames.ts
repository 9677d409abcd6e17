/**
 * Frames between askew and its PyTorch worker: "AKT1", the lengths of header and payload (u32 and u64, little-endian),
 * the header as JSON, and the payload as a safetensors file. The worker may be on another machine, and what comes from
 * it is not trusted: sizes are checked before anything is allocated.
 */
import { TorchError } from "./error.js";

/** Version of the frames and calls; a worker of another is refused. */
export const PROTOCOL = 1;

const MAGIC = Buffer.from("AKT1");
const LEAD = 16;
export const LONGEST_HEADER = 16 * 2 ** 20;
export const LARGEST_PAYLOAD = 2 ** 32 - 1;

export type Header = Readonly<Record<string, unknown>>;

export interface Frame {
  readonly header: Header;
  /** Of its own memory; empty where there are no tensors. */
  readonly payload: Uint8Array;
}

/** Bytes that go before the payload. */
export function frameStart(header: Header, payloadBytes: number): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  if (text.length > LONGEST_HEADER || payloadBytes > LARGEST_PAYLOAD) {
    throw new TorchError("protocol", `a frame of ${text.length} and ${payloadBytes} bytes is too large for the worker`);
  }
  const lead = Buffer.alloc(LEAD);
  MAGIC.copy(lead);
  lead.writeUInt32LE(text.length, 4);
  lead.writeBigUInt64LE(BigInt(payloadBytes), 8);
  return Buffer.concat([lead, text]);
}

/** Takes bytes as they come and gives whole frames. */
export class FrameReader {
  readonly #lead = Buffer.alloc(LEAD);
  #target: Uint8Array = this.#lead;
  #filled = 0;
  #stage: "lead" | "header" | "payload" = "lead";
  #payloadBytes = 0;
  #header: Header = {};

  /** @throws {TorchError} where the bytes are none of a worker's */
  *push(chunk: Uint8Array): Generator<Frame> {
    let at = 0;
    for (;;) {
      const taken = Math.min(this.#target.length - this.#filled, chunk.length - at);
      this.#target.set(chunk.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#stage === "lead") this.#checkMagic();
      if (this.#filled < this.#target.length) return;
      const frame = this.#advance();
      if (frame) yield frame;
    }
  }

  /** A host's greeting before the first frame is told at once, not when 16 bytes of it are there. */
  #checkMagic(): void {
    const known = Math.min(this.#filled, MAGIC.length);
    if (this.#lead.subarray(0, known).equals(MAGIC.subarray(0, known))) return;
    throw new TorchError(
      "protocol",
      `expected a worker's frame, found ${printed(this.#lead.subarray(0, this.#filled))}`,
    );
  }

  #advance(): Frame | undefined {
    if (this.#stage === "lead") {
      const headerBytes = this.#lead.readUInt32LE(4);
      const payloadBytes = this.#lead.readBigUInt64LE(8);
      if (headerBytes > LONGEST_HEADER || payloadBytes > BigInt(LARGEST_PAYLOAD)) {
        throw new TorchError(
          "protocol",
          `expected a frame of at most ${LONGEST_HEADER} and ${LARGEST_PAYLOAD} bytes, found ${headerBytes} and ${payloadBytes}`,
        );
      }
      this.#payloadBytes = Number(payloadBytes);
      this.#next("header", headerBytes);
      return undefined;
    }
    if (this.#stage === "header") {
      this.#header = parsed(this.#target);
      if (this.#payloadBytes > 0) {
        this.#next("payload", this.#payloadBytes);
        return undefined;
      }
      this.#target = new Uint8Array(0);
    }
    const frame = { header: this.#header, payload: this.#target };
    this.#stage = "lead";
    this.#target = this.#lead;
    this.#filled = 0;
    return frame;
  }

  #next(stage: "header" | "payload", bytes: number): void {
    this.#stage = stage;
    this.#target = new Uint8Array(new ArrayBuffer(bytes));
    this.#filled = 0;
  }
}

function parsed(bytes: Uint8Array): Header {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new TorchError("protocol", `expected a frame's header, found ${printed(bytes)}`, { cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TorchError("protocol", `expected an object as a frame's header, found ${printed(bytes)}`);
  }
  return value as Header;
}

const printed = (bytes: Uint8Array): string =>
  JSON.stringify(
    Buffer.from(bytes.subarray(0, 80))
      .toString("latin1")
      .replaceAll(/[^\x20-\x7e\n]/g, "?"),
  );
