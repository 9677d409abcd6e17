/** A GGUF file, written from one tensor to the next: besides what the caller holds it takes a few megabytes. */
import { open, type FileHandle } from "node:fs/promises";
import { ModelFileError, shown } from "../model-file-error.js";
import type { Tensor } from "../safetensors.js";
import { formatGgufHeader, type MetadataWriter, type PlacedTensor } from "./header-write.js";
import { KINDS, type TensorKind } from "./kinds.js";
import { firstTooLarge, quantize, type PackedKind } from "./quantize.js";

/** Bytes of a tensor that are packed at a time, rounded down to whole blocks. */
const CHUNK = 2 ** 22;

/** A tensor that is to be written, made when its turn comes. */
export interface TensorSource {
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: PackedKind;
  readonly read: () => Tensor;
}

const NUMBERS = new Map([...KINDS].map(([number, kind]) => [kind.name, { number, kind }]));

export function kindOf(name: PackedKind): { readonly number: number; readonly kind: TensorKind } {
  return NUMBERS.get(name) as { number: number; kind: TensorKind };
}

/**
 * @param path a new file; the caller renames it into place
 * @throws {ModelFileError} naming a tensor whose numbers its kind cannot hold
 */
export async function writeGguf(
  path: string,
  metadata: MetadataWriter,
  sources: readonly TensorSource[],
): Promise<void> {
  const plans = sources.map(({ name, shape, kind }) => ({ name, shape, ...kindOf(kind) }));
  const { header, placed } = formatGgufHeader(metadata, plans);
  const handle = await open(path, "wx");
  try {
    await writeAll(handle, header);
    for (const [i, source] of sources.entries()) {
      await writeTensor(handle, source, placed[i] as PlacedTensor, metadata.file);
    }
  } finally {
    await handle.close();
  }
}

async function writeTensor(
  handle: FileHandle,
  { name, kind: packed, read }: TensorSource,
  { kind, bytes, padding, shape }: PlacedTensor,
  file: string,
): Promise<void> {
  const { data } = read();
  if ((data.length / kind.block) * kind.bytes !== bytes) {
    throw new RangeError(
      `writeGguf: ${shown(name)} of ${data.length} elements cannot have shape [${shape.join(", ")}]`,
    );
  }
  const bad = firstTooLarge(packed, data);
  if (bad !== undefined) {
    const cure = "Choose --type f32 or bf16, which hold it.";
    const expected = `numbers that ${packed} holds`;
    throw new ModelFileError({ file, subject: `tensor ${shown(name)}`, expected, found: `${data[bad]}`, cure });
  }
  const blocks = Math.floor(CHUNK / kind.bytes);
  const buffer = new Uint8Array(Math.min(blocks * kind.bytes, bytes));
  for (let at = 0; at < data.length; at += blocks * kind.block) {
    const count = Math.min(blocks * kind.block, data.length - at);
    const part = buffer.subarray(0, (count / kind.block) * kind.bytes);
    quantize(packed, data, at, count, part);
    await writeAll(handle, part);
  }
  await writeAll(handle, new Uint8Array(padding));
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
  }
}
