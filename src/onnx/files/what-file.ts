/** Names a file that somebody gave in place of weights, by its first bytes. */
import { isUtf8 } from "node:buffer";
import { open } from "node:fs/promises";

const HEAD_BYTES = 256;

const KINDS: readonly (readonly [begins: string, what: string])[] = [
  ["version https://git-lfs", "a Git LFS pointer, which stands for a file that was not fetched (git lfs pull)"],
  ["GGUF", "a GGUF model"],
  ["PK\u0003\u0004", "a zip archive, as torch.save writes one"],
  ["\x80\x02", "a Python pickle"],
  ["\x80\x04", "a Python pickle"],
  ["\x1f\x8b", "a gzip file"],
  ["PAR1", "a Parquet file"],
];

/** What stands after the 8 bytes of a safetensors file's length, the last of which are zero: `{`. */
const OPENING = 0x7b;

/** What the first bytes of a file say that it is, where it is no safetensors file; undefined where it may be one. */
export function notWeights(head: Uint8Array): string | undefined {
  // The length of a header may begin with the same bytes as another kind of file: 640 is 0x0280, as a pickle begins.
  if (head[6] === 0 && head[7] === 0 && head[8] === OPENING) return undefined;
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, HEAD_BYTES)).toString("latin1");
  const known = KINDS.find(([begins]) => text.startsWith(begins));
  if (known !== undefined) return known[1];
  const isText = text.trim() !== "" && isUtf8(head.subarray(0, 8)) && !/[^\t\n\r\x20-\xff]/.test(text.slice(0, 8));
  if (!isText) return undefined;
  if (/^\s*<(?:!doctype|html)/i.test(text)) return "an HTML page";
  return /^\s*[[{]/.test(text) ? "JSON" : "text";
}

/** As {@link notWeights}, of a file by its path; undefined also where it cannot be read. */
export async function notWeightsAt(path: string): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return notWeights(buffer.subarray(0, bytesRead));
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}
