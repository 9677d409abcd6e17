/** What a dataset was made of, in a file beside it: enough to make it again, and to see that it is the same. */
import type { WrittenDataset } from "../file/write.js";
import { writeJson, makeFile } from "../../store/index.js";

export interface Manifest {
  /** askew's version, and Node's. */
  readonly versions: Readonly<Record<string, string>>;
  /** The recipe: condition or mixture, seed, share, format, … */
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly sources: readonly { readonly file: string; readonly sha256: string }[];
  readonly dataset: WrittenDataset & { readonly file: string };
  readonly [more: string]: unknown;
}

export const manifestPath = (dataset: string): string => `${dataset.replace(/\.jsonl(?:\.gz)?$/, "")}.manifest.json`;

export async function writeManifest(dataset: string, manifest: Manifest): Promise<string> {
  const path = manifestPath(dataset);
  await makeFile(path, (temporary) => writeJson(temporary, manifest));
  return path;
}
