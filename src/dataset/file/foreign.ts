/**
 * Names a file or folder that somebody gave in place of rows: what it is, and what to do about it. Text that stands for
 * a file that was never fetched (Git LFS) and pages that say "not found" are the usual ones.
 */
import { readdir } from "node:fs/promises";
import { cureFor } from "./cure.js";

export interface Foreign {
  /** "a Git LFS pointer" */
  readonly what: string;
  readonly cure?: string;
}

const starts =
  (...signs: readonly string[]) =>
  (head: string): boolean =>
    signs.some((sign) => head.startsWith(sign));

const BINARY: readonly (readonly [is: (head: string) => boolean, found: Foreign])[] = [
  [
    starts("version https://git-lfs.github.com/"),
    {
      what: "a Git LFS pointer, which stands for a file that was not fetched",
      cure: "Fetch it: git lfs pull (or download the file itself).",
    },
  ],
  [starts("/annex/objects/", ".git/annex/objects/"), { what: "a git-annex pointer", cure: "Fetch it: git annex get." }],
  [
    (head) => /^\s*(?:<!--.*?-->\s*)?<(?:!doctype html|html|head|body)\b/is.test(head),
    {
      what: "an HTML page",
      cure: "Was a web page saved in place of the file? On Hugging Face, download the resolve/ address, not blob/.",
    },
  ],
  [
    (head) => /^\s*<(?:\?xml|Error>)/i.test(head),
    { what: "XML", cure: "Was an error page saved in place of the file?" },
  ],
  [starts("GGUF"), { what: "a GGUF model", cure: "A model is opened as local:{file} where a command takes a model." }],
  [
    // The header's length in 8 bytes, then its JSON.
    (head) => head.length > 9 && head.charCodeAt(6) === 0 && head.charCodeAt(7) === 0 && head[8] === "{",
    { what: "safetensors: weights or a direction", cure: "Give the file of rows, not the model's." },
  ],
  [
    starts("PK\u0003\u0004", "PK\u0005\u0006"),
    {
      what: "a zip archive (a .eval log, a PyTorch file or a spreadsheet)",
      cure: "A log of Inspect AI becomes a table with askew import {file} --out TABLE.csv; unzip others yourself.",
    },
  ],
  [starts("PAR1"), { what: "a Parquet file", cure: "Write it as JSONL, as DuckDB's COPY or pandas' to_json do." }],
  [starts("ARROW1"), { what: "an Arrow file", cure: 'Write it as JSONL: dataset.to_json("rows.jsonl").' }],
  [starts("\x93NUMPY"), { what: "a NumPy array" }],
  [starts("SQLite format 3"), { what: "an SQLite database", cure: "Export the table as CSV." }],
  [starts("%PDF-"), { what: "a PDF" }],
  [starts("\x89PNG", "\xff\xd8\xff", "GIF8"), { what: "an image" }],
  [
    starts("\x80\x02", "\x80\x03", "\x80\x04", "\x80\x05"),
    { what: "a Python pickle", cure: "askew opens no pickles." },
  ],
  [starts("\x28\xb5\x2f\xfd"), { what: "a Zstandard file", cure: "Unpack it with: zstd -d {file}" }],
  [starts("BZh"), { what: "a bzip2 file", cure: "Unpack it with: bunzip2 {file}" }],
  [starts("\xfd7zXZ"), { what: "an xz file", cure: "Unpack it with: unxz {file}" }],
  [starts("7z\xbc\xaf"), { what: "a 7-Zip archive", cure: "Unpack it first." }],
  [starts("\xff\xfe", "\xfe\xff"), { what: "UTF-16", cure: "Save the file as UTF-8 (in Excel: CSV UTF-8)." }],
];

/** How much of a file's beginning {@link foreignBytes} wants to see. */
export const HEAD_BYTES = 512;

/** What a file is, by its first bytes; undefined where it may be rows of text. */
export function foreignBytes(head: Uint8Array, path: string): Foreign | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, HEAD_BYTES)).toString("latin1");
  const known = BINARY.find(([is]) => is(text));
  if (known !== undefined) return named(known[1], path);
  return text.includes("\0") ? { what: "bytes that are no text" } : undefined;
}

const named = ({ what, cure }: Foreign, path: string): Foreign => ({
  what,
  ...(cure !== undefined && { cure: cureFor(path, cure) }),
});

const FOLDERS: readonly (readonly [file: RegExp, found: Foreign])[] = [
  [
    /^adapter_config\.json$/,
    { what: "a folder with a PEFT adapter", cure: "It belongs where a command takes a model or an adapter." },
  ],
  [
    /^(?:sae_weights\.safetensors|cfg\.json|sae\.safetensors|ae\.pt)$/,
    { what: "a folder with a sparse autoencoder", cure: "It belongs to --sae." },
  ],
  [
    /^dataset_info\.json$/,
    { what: "a dataset that was saved to disk", cure: 'Write it as JSONL: to_json("rows.jsonl").' },
  ],
  [/\.eval$/, { what: "a folder of Inspect AI's logs", cure: "Read them with: askew import {file}/*.eval" }],
  [/^cell\.json$/, { what: "a cell of a study" }],
  [/^config\.json$/, { what: "a model's folder", cure: "A model is opened as local:{file}" }],
  [/\.gguf$/, { what: "a folder with a GGUF model" }],
];

/** What a folder is, by the names in it. */
export async function foreignFolder(path: string): Promise<Foreign> {
  const names = await readdir(path).catch((): string[] => []);
  const known = FOLDERS.find(([file]) => names.some((name) => file.test(name)));
  if (known !== undefined) return named(known[1], path);
  const rows = names.filter((name) => /^[^.].*\.(?:jsonl|csv|tsv|json)(?:\.gz)?$/i.test(name)).toSorted();
  const [first] = rows;
  return first === undefined
    ? { what: "a folder" }
    : { what: "a folder", cure: `Give one of its files, such as ${first}.` };
}
