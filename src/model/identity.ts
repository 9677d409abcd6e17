/** Which weights a model has, and which it was fine-tuned from. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Model } from "../capabilities/index.js";
import { readSafetensors } from "../onnx/index.js";
import { splitVariables } from "./template-variables.js";

/** In the metadata of a model's weights: sha256 of the weights it was fine-tuned from. */
export const BASE_KEY = "askew_base_sha256";

/** Which weights a model has, and from which they were fine-tuned, both by sha256; empty behind a server. */
export interface NamedWeights {
  readonly name: string;
  readonly weights: string;
  readonly base: string;
}

/** @param name what the model was opened by: `organism`, `local:DIR` */
export async function identityOf(name: string, { source }: Pick<Model, "source">): Promise<NamedWeights> {
  const weights = source?.sha256 ?? "";
  const { bare } = splitVariables(name);
  const folder = folderOf(bare);
  const base = folder === undefined ? undefined : await recordedBase(folder);
  return { name, weights, base: base ?? weights };
}

/** The folder that a name of a model on this machine has in it: `local:DIR`, `torch:DIR`. */
export const folderOf = (name: string): string | undefined =>
  /^(?:local|torch):(?<folder>.+)$/s.exec(name)?.groups?.["folder"];

/** The name of another model in `folder`, in the engine that the model `name` runs in. */
export const inEngineOf = (name: string, folder: string): string =>
  `${name.startsWith("torch:") ? "torch" : "local"}:${folder}`;

/** A model that askew itself fine-tuned says what it was made from. */
async function recordedBase(folder: string): Promise<string | undefined> {
  const path = join(folder, "model.safetensors");
  if (!existsSync(path)) return undefined;
  const { metadata } = await readSafetensors(path, () => false);
  const base = metadata[BASE_KEY];
  return base !== undefined && /^[0-9a-f]{64}$/.test(base) ? base : undefined;
}
