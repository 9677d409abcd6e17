/** A GGUF file on disk: its header, and its tensors one by one. */
import { open, type FileHandle } from "node:fs/promises";
import { storing } from "../../../store/index.js";
import { ModelFileError } from "../model-file-error.js";
import type { Tensor } from "../safetensors.js";
import { dequantize } from "./dequantize.js";
import { HeaderTooShort, parseGgufHeader, type GgufHeader, type GgufTensor } from "./header.js";

/** Bytes that are read first; most of a header is its vocabulary. */
const FIRST = 2 ** 20;
/** Longest header in bytes. */
const LONGEST_HEADER = 2 ** 29;
/** Bytes of a tensor that are read at a time, rounded down to whole blocks. */
const CHUNK = 2 ** 22;

export class GgufFile {
  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    readonly size: number,
    readonly header: GgufHeader,
  ) {}

  /** @throws {ModelFileError}, {@link StoreError} */
  static async open(path: string): Promise<GgufFile> {
    const handle = await storing(path, () => open(path, "r"));
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) {
        const [found, cure] = ["a folder or a device", "Give the path of a GGUF file."];
        throw new ModelFileError({ file: path, expected: "a file", found, cure });
      }
      return new GgufFile(path, handle, stat.size, await readHeader(handle, stat.size, path));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** A tensor as float32. */
  async read(tensor: GgufTensor): Promise<Tensor> {
    const { kind, shape, begin, bytes } = tensor;
    const data = new Float32Array((bytes / kind.bytes) * kind.block);
    const step = Math.floor(CHUNK / kind.bytes) * kind.bytes;
    const chunk = new Uint8Array(Math.min(step, bytes));
    for (let at = 0; at < bytes; at += step) {
      const part = chunk.subarray(0, Math.min(step, bytes - at));
      await fill(this.handle, part, begin + at, this.path);
      dequantize(kind, part, data, (at / kind.bytes) * kind.block);
    }
    return { shape, data };
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

async function readHeader(handle: FileHandle, size: number, path: string): Promise<GgufHeader> {
  for (let length = Math.min(FIRST, size); ; length = Math.min(8 * length, size, LONGEST_HEADER)) {
    const bytes = new Uint8Array(length);
    await fill(handle, bytes, 0, path);
    try {
      return parseGgufHeader(bytes, size, path);
    } catch (error) {
      if (!(error instanceof HeaderTooShort)) throw error;
      if (length < LONGEST_HEADER) continue;
      const [expected, cure] = [`a header of at most ${LONGEST_HEADER} bytes`, "Use another file."];
      throw new ModelFileError({ file: path, expected, found: "a longer one", cure }, { cause: error });
    }
  }
}

async function fill(handle: FileHandle, target: Uint8Array, position: number, path: string): Promise<void> {
  let done = 0;
  while (done < target.length) {
    const { bytesRead } = await handle.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) {
      const found = `its end at byte ${position + done}`;
      const cure = "The file was cut while it was read: save it again.";
      throw new ModelFileError({
        file: path,
        expected: `${target.length} bytes from byte ${position} on`,
        found,
        cure,
      });
    }
    done += bytesRead;
  }
}
