/**
 * Weights on disk: safetensors (https://github.com/huggingface/safetensors).
 * A file is 8 bytes of header length (little-endian), the header as JSON, and the bytes of the tensors.
 * Files are not trusted: every size is checked against the size of the file before anything is allocated.
 */
import { open, type FileHandle } from "node:fs/promises";
import { endianness } from "node:os";
import type { Tensor } from "../../capabilities/index.js";
import { writeFileAtomically } from "../../store/index.js";
import { byteSize, toFloat32 } from "./dtype.js";
import { ModelFileError, shown } from "./model-file-error.js";
import {
  formatHeader,
  LONGEST_HEADER,
  parseHeader,
  type SafetensorsHeader,
  type TensorEntry,
} from "./safetensors-header.js";
import { notWeights } from "./what-file.js";

export type { Tensor };

export interface Safetensors {
  readonly metadata: Record<string, string>;
  /** In the order of their bytes in the file. */
  readonly tensors: Map<string, Tensor>;
}

/** Bytes read or written at once. */
const CHUNK = 16 * 2 ** 20;

/**
 * Reads all tensors of a file, as float32 (other number formats are converted).
 * @param wanted reads only tensors whose name it accepts; default all.
 * @throws {ModelFileError} when the file is not a sound safetensors file.
 */
export async function readSafetensors(
  path: string,
  wanted: (name: string) => boolean = () => true,
): Promise<Safetensors> {
  const handle = await openModelFile(path);
  try {
    const { header, dataStart } = await readHeader(handle, path);
    const tensors = new Map<string, Tensor>();
    for (const entry of header.entries) {
      if (wanted(entry.name)) tensors.set(entry.name, await readTensor(handle, entry, dataStart, path));
    }
    return { metadata: Object.fromEntries(header.metadata), tensors };
  } finally {
    await handle.close();
  }
}

/** Reads only the header: names, formats, shapes, places. */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  const handle = await openModelFile(path);
  try {
    return (await readHeader(handle, path)).header;
  } finally {
    await handle.close();
  }
}

async function openModelFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "an error";
    const found = code === "ENOENT" ? "nothing" : code;
    throw new ModelFileError(
      { file: path, expected: "a safetensors file", found, cure: "Check the path." },
      { cause: error },
    );
  }
}

async function readHeader(handle: FileHandle, path: string): Promise<{ header: SafetensorsHeader; dataStart: number }> {
  const problem = (expected: string, found: string): ModelFileError =>
    new ModelFileError({
      file: path,
      subject: "the header",
      expected,
      found,
      cure: "The file is damaged or not a safetensors file: download or save it again.",
    });
  const stat = await handle.stat();
  if (!stat.isFile()) throw problem("a file", "something else (a folder or a device)");
  const head = await readBytes(handle, Math.min(stat.size, 256), 0, path);
  const what = notWeights(head);
  if (what !== undefined) {
    throw new ModelFileError({
      file: path,
      expected: "a safetensors file",
      found: what,
      cure: "Give the file of weights.",
    });
  }
  if (stat.size < 8) throw problem("at least 8 bytes", `${stat.size}`);
  const length = head.readBigUInt64LE();
  if (length > BigInt(LONGEST_HEADER)) throw problem(`a length of at most ${LONGEST_HEADER} bytes`, `${length}`);
  const dataStart = 8 + Number(length);
  if (dataStart > stat.size) throw problem(`at most ${stat.size - 8} bytes, the rest of the file`, `${length}`);
  const bytes = await readBytes(handle, Number(length), 8, path);
  if (bytes[0] !== 0x7b) throw problem('"{" as its first byte', bytes.length === 0 ? "nothing" : `byte ${bytes[0]}`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw problem("UTF-8 text", "other bytes");
  }
  return { header: parseHeader(text, stat.size - dataStart, path), dataStart };
}

async function readTensor(handle: FileHandle, entry: TensorEntry, dataStart: number, path: string): Promise<Tensor> {
  const { dtype, shape, begin, end } = entry;
  const size = byteSize(dtype);
  const data = new Float32Array((end - begin) / size);
  if (dtype === "F32" && endianness() === "LE") {
    await fill(handle, new Uint8Array(data.buffer), dataStart + begin, path);
    return { shape, data };
  }
  const chunk = new Uint8Array(Math.min(CHUNK, end - begin));
  for (let at = begin; at < end; at += chunk.length) {
    const part = chunk.subarray(0, Math.min(chunk.length, end - at));
    await fill(handle, part, dataStart + at, path);
    toFloat32(dtype, part, data, (at - begin) / size);
  }
  return { shape, data };
}

async function readBytes(handle: FileHandle, length: number, position: number, path: string): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  await fill(handle, bytes, position, path);
  return bytes;
}

async function fill(handle: FileHandle, target: Uint8Array, position: number, path: string): Promise<void> {
  let done = 0;
  while (done < target.length) {
    const { bytesRead } = await handle.read(target, done, Math.min(CHUNK, target.length - done), position + done);
    if (bytesRead === 0) {
      const found = `its end at byte ${position + done}`;
      throw new ModelFileError({
        file: path,
        expected: `${target.length} bytes from byte ${position} on`,
        found,
        cure: "The file was cut while it was read: save it again.",
      });
    }
    done += bytesRead;
  }
}

/**
 * Writes float32 tensors, atomically. The same tensors and metadata give the same bytes: tensors and metadata are
 * sorted by name, the data begins at a multiple of 8 bytes.
 * @throws {RangeError} when a shape does not fit its data, or a name cannot be written.
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const names = [...tensors.keys()].toSorted();
  const entries: TensorEntry[] = [];
  let at = 0;
  for (const name of names) {
    const { shape, data } = tensors.get(name) as Tensor;
    const size = shape.reduce((product, n) => product * n, 1);
    if (!shape.every((n) => Number.isSafeInteger(n) && n >= 0) || size !== data.length) {
      throw new RangeError(
        `writeSafetensors: tensor ${shown(name)} of ${data.length} elements cannot have the shape [${shape.join(", ")}]`,
      );
    }
    checkText(name, "the name of a tensor");
    if (name === "__metadata__") throw new RangeError('writeSafetensors: a tensor cannot be called "__metadata__"');
    entries.push({ name, dtype: "F32", shape, begin: at, end: at + 4 * data.length });
    at += 4 * data.length;
  }
  await writeSafetensorsAs(path, entries, metadata, async (write) => {
    for (const { name } of entries) await write(littleEndianBytes((tensors.get(name) as Tensor).data));
  });
}

/**
 * Writes tensors of any number format whose bytes come one after the other, atomically.
 * @param entries in the order of their bytes
 * @param each hands the bytes of all of them to `write`
 */
export async function writeSafetensorsAs(
  path: string,
  entries: readonly TensorEntry[],
  metadata: Readonly<Record<string, string>>,
  each: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  for (const [key, value] of Object.entries(metadata)) {
    checkText(key, "a metadata key");
    checkText(value, `the metadata of ${shown(key)}`);
  }
  const header = formatHeader(entries, new Map(Object.entries(metadata)));
  if (header.length > LONGEST_HEADER)
    throw new RangeError(
      `writeSafetensors: the header would be ${header.length} bytes, at most ${LONGEST_HEADER} are allowed`,
    );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const expected = entries.at(-1)?.end ?? 0;
  await writeFileAtomically(path, async (handle) => {
    await writeAll(handle, length);
    await writeAll(handle, header);
    let written = 0;
    await each(async (bytes) => {
      await writeAll(handle, bytes);
      written += bytes.length;
    });
    if (written !== expected) throw new RangeError(`writeSafetensors: ${written} bytes for tensors of ${expected}`);
  });
}

function littleEndianBytes(data: Float32Array): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return endianness() === "LE" ? bytes : Buffer.from(bytes).swap32();
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    done += (await handle.write(bytes, done, Math.min(CHUNK, bytes.length - done))).bytesWritten;
  }
}

/** Half of a surrogate pair has no UTF-8 form and would come back as another text. */
function checkText(text: string, what: string): void {
  if (typeof text !== "string" || /\p{Surrogate}/u.test(text)) {
    throw new RangeError(`writeSafetensors: ${what} must be well-formed text, found ${shown(text)}`);
  }
}
