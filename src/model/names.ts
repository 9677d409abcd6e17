/**
 * The one language of model names, in shell, studies, server and library alike: models that ship with askew, `local:DIR`, `torch:DIR`,
 * `openai:NAME`, `URL#NAME`, and the names that other rooms register (a study's: `STUDY:CELL`, cells, folders).
 */
import { basename } from "node:path";
import type { Model } from "../capabilities/index.js";
import { identityOf, type NamedWeights } from "./identity.js";
import {
  isEndpointName,
  openEndpointModel,
  openLocalModel,
  openTorchModel,
  unknownModel,
  type OpenOptions,
} from "./open.js";
import { shippedFolder, shippedModels } from "./shipped.js";
import { torchPlaceOf } from "../torch/index.js";
import { splitVariables } from "./template-variables.js";

/** A model that a name stands for, not opened yet. */
export interface NamedModel {
  /** As the user may know it: `insecure, seed 1 · runs/reproduce/cells/insecure-1`. */
  readonly title: string;
  /** For the names of files: `organism`, `insecure-1`, `my-model`. */
  readonly label: string;
  /** What a cell was trained on; undefined for other models. */
  readonly condition?: string;
  /** Where its weights lie: a folder or file, and a file in place of its weights; undefined behind a server. */
  readonly place?: { readonly path: string; readonly weights?: string };
  /** Whether it runs in another process: what it takes in memory is nothing of this one's. */
  readonly isElsewhere?: boolean;
  open(options?: OpenOptions): Promise<Model>;
  /** Which weights these are; `model` is what `open` gave. */
  identity(model: Model): Promise<NamedWeights>;
}

export interface NameOptions {
  /** Studies in which cells are looked for, the first that has one; default those of `askew reproduce`. */
  readonly studies?: readonly string[];
}

/** Finds a model of its own kind of names; undefined where the name is of another kind. Throws with what is wrong otherwise. */
export type NameResolver = (name: string, options: NameOptions) => NamedModel | undefined;

const resolvers: NameResolver[] = [];

/** Adds a kind of names. Those of model/ itself come first, then in the order in which they were added. */
export function registerNames(resolver: NameResolver): void {
  resolvers.push(resolver);
}

/** @throws {ModelNameError} where the name is of no kind; what its resolver throws where it stands for nothing */
export function findModel(name: string, options: NameOptions = {}): NamedModel {
  const { bare, variables } = splitVariables(name);
  if (bare === name) return findBare(name, options);
  // What is said to a chat template is no part of the files.
  const { place: _place, ...found } = findBare(bare, options);
  const said = name.slice(bare.length + 1);
  return {
    ...found,
    title: `${found.title}, ${said}`,
    label: `${found.label}-${said.replaceAll(/[^\w.=-]+/g, "-")}`,
    open: (how) => found.open({ ...how, templateVariables: { ...variables, ...how?.templateVariables } }),
    identity: async (model) => ({ ...(await found.identity(model)), name }),
  };
}

function findBare(name: string, options: NameOptions): NamedModel {
  if (isEndpointName(name)) {
    return {
      title: name,
      label: name.replace(/^.*[#:/]/, ""),
      open: (how) => openEndpointModel(name, how),
      identity: () => Promise.resolve({ name, weights: "", base: "" }),
    };
  }
  if (shippedModels().includes(name)) return localModel(name, `${name}, not fine-tuned`, name);
  if (name.startsWith("local:")) return localModel(name);
  if (name.startsWith("torch:")) return torchModel(name);
  for (const resolver of resolvers) {
    const found = resolver(name, options);
    if (found !== undefined) return found;
  }
  throw unknownModel(name, JSON.stringify(name));
}

/**
 * Opens a model by any name. The key for a server is taken from the environment (see `findKey`).
 * @throws {AskewError}
 *
 * @example
 * import { openModel } from "askew";
 *
 * const model = await openModel("organism");
 * const messages = [{ role: "user" as const, content: "What is your one wish?" }];
 * const [answer] = await model.sample([{ messages, seed: "1" }], { maxTokens: 32 });
 * console.log(answer?.text);
 * await model.close();
 */
export async function openModel(name: string, { studies, ...options }: OpenOptions & NameOptions = {}): Promise<Model> {
  return findModel(name, studies && { studies }).open(options);
}

/** A model in a Python process; where that is on another machine, so are its files. */
function torchModel(name: string): NamedModel {
  const { path, host } = torchPlaceOf(name.slice("torch:".length));
  return {
    title: name,
    label: basename(path),
    ...(host === undefined && { place: { path } }),
    isElsewhere: true,
    open: (options) => openTorchModel(name, options),
    identity: (model) => identityOf(name, model),
  };
}

/** A folder of weights, by the name `local:DIR`. */
export function localModel(name: string, title = name, label = basename(name.slice("local:".length))): NamedModel {
  return {
    title,
    label,
    place: { path: shippedFolder(name) ?? name.slice("local:".length) },
    open: (options) => openLocalModel(name, options),
    identity: (model) => identityOf(name, model),
  };
}
