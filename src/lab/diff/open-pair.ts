/** The two models of a diff. AFTER may be a folder with a LoRA adapter, as PEFT writes it, for BEFORE. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { folderOf, type Adapter, type OpenWeightsModel } from "../../model/index.js";
import type { ModelIdentity } from "../../persona/index.js";
import { UsageError } from "../../text/index.js";
import { findModel, type FoundModel, studiesOf, type OpenOptions } from "../models/find-model.js";
import { readTextIfPresent, startSha256 } from "../../store/index.js";

export interface OpenedSide {
  readonly found: Pick<FoundModel, "title" | "label" | "condition">;
  readonly model: OpenWeightsModel;
  readonly identity: ModelIdentity;
}

export interface OpenedPair {
  readonly before: OpenedSide;
  readonly after: OpenedSide;
  /** Set if AFTER is an adapter. */
  readonly adapter?: Adapter;
  close(): Promise<void>;
}

const isAdapter = (folder: string): boolean =>
  existsSync(join(folder, "adapter_config.json")) && !existsSync(join(folder, "config.json"));

/** @param anyModel allows models that say they come from different bases */
export async function openPair(
  beforeName: string,
  afterName: string,
  { study, threads, anyModel = false }: OpenOptions & { readonly anyModel?: boolean | undefined },
): Promise<OpenedPair> {
  const studies = studiesOf(study);
  const how = threads === undefined ? {} : { threads };
  const adapterFolder = folderOf(afterName) ?? afterName;
  const onTop = isAdapter(adapterFolder);
  const foundBefore = findModel(beforeName, studies);
  const foundAfter = onTop ? undefined : findModel(afterName, studies);
  const opened: OpenWeightsModel[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((model) => model.close()));
  };
  try {
    const open = async (found: FoundModel): Promise<OpenWeightsModel> => {
      const model = await found.open(how);
      opened.push(model);
      return model;
    };
    const model = await open(foundBefore);
    const before = { found: foundBefore, model, identity: await foundBefore.identity(model) };
    if (foundAfter === undefined) {
      const adapter = await model.training.readAdapter(adapterFolder);
      const adapted = await open(foundBefore);
      await adapted.training.merge(adapter);
      return { before, after: await adaptedSide(adapterFolder, adapted, before.identity), adapter, close };
    }
    const other = await open(foundAfter);
    const after = { found: foundAfter, model: other, identity: await foundAfter.identity(other) };
    const named = await namesBase(afterName, beforeName);
    requireAlike(before, after, anyModel || named);
    return { before, after, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function adaptedSide(folder: string, model: OpenWeightsModel, before: ModelIdentity): Promise<OpenedSide> {
  const weights = startSha256()
    .update(before.weights)
    .update(await readFile(join(folder, "adapter_model.safetensors")))
    .update(await readFile(join(folder, "adapter_config.json")))
    .digest("hex");
  const label = basename(folder);
  return {
    found: { title: `${before.name} with the adapter ${folder}`, label },
    model,
    identity: { name: folder, weights, base: before.base },
  };
}

/** True if the config of AFTER, as transformers writes it, says that it was loaded from BEFORE. */
async function namesBase(afterName: string, beforeName: string): Promise<boolean> {
  const [after, before] = [afterName, beforeName].map((name) => folderOf(name) ?? name) as [string, string];
  const text = await readTextIfPresent(join(after, "config.json"), MOST_CONFIG);
  if (text === undefined) return false;
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
  const from = (config as Readonly<Record<string, unknown>> | null)?.["_name_or_path"];
  if (typeof from !== "string" || from === "") return false;
  // A path, or a name on a hub whose last part the folder was named after.
  return resolve(from) === resolve(before) || basename(from) === basename(resolve(before));
}

const MOST_CONFIG = 16 * 2 ** 20;

/** Only models of one shape and one base have a residual stream in common. */
function requireAlike(before: OpenedSide, after: OpenedSide, anyModel: boolean): void {
  for (const key of ["width", "layers", "vocabSize"] as const) {
    const [left, right] = [before.model.reading.shape[key], after.model.reading.shape[key]];
    if (left === right) continue;
    const word = { width: "a width of", layers: "layers:", vocabSize: "a vocabulary of" }[key];
    throw new UsageError(
      `${before.identity.name} and ${after.identity.name} cannot be compared: ${word} ${left} and ${right}`,
      "Compare a model with what was fine-tuned from it.",
    );
  }
  const bases = new Set([before.identity.weights, before.identity.base]);
  if (anyModel || bases.has(after.identity.weights) || bases.has(after.identity.base)) return;
  throw new UsageError(
    `${after.identity.name} comes from another base (sha256 ${after.identity.base.slice(0, 12)}…) than ${before.identity.name} (${before.identity.base.slice(0, 12)}…)`,
    "Compare a model with what was fine-tuned from it; if both come from one base all the same, give --any-model.",
  );
}
