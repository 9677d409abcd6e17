/** The models that a server has, by the ids that clients use. */
import { basename, resolve } from "node:path";
import { stat } from "node:fs/promises";
import { openModel, type Model, type OpenOptions } from "../model/index.js";
import { finishedCells, openCellModel } from "../study/index.js";
import { modelNotFound } from "./api-error.js";

export interface ServedModel {
  readonly id: string;
  /** Another id, which it is listed under where an earlier model has the first. */
  readonly alias?: string;
  /** Seconds since 1970. */
  readonly created: number;
  open(options: OpenOptions): Promise<Model>;
}

/** Says which models there are now: a study's cells and fine-tuned models come while the server runs. */
export type ModelSource = () => Promise<readonly ServedModel[]>;

export class Catalogue {
  constructor(private readonly sources: readonly ModelSource[]) {}

  async list(): Promise<ServedModel[]> {
    const found = new Map<string, ServedModel>();
    for (const source of this.sources) {
      for (const model of await source()) {
        if (!found.has(model.id)) found.set(model.id, model);
        else if (model.alias !== undefined) found.set(model.alias, { ...model, id: model.alias });
      }
    }
    return [...found.values()];
  }

  /** @throws {ApiError} 404 where there is none. */
  async find(id: string): Promise<ServedModel> {
    const models = await this.list();
    const found = models.find((model) => model.id === id) ?? models.find((model) => model.alias === id);
    if (found === undefined) throw modelNotFound(id);
    return found;
  }
}

/** `organism` or `local:DIR`, under that name. */
export function namedModel(name: string, folder: string): ModelSource {
  return async () => {
    const found = await stat(folder).catch(() => undefined);
    if (found === undefined) return [];
    const created = Math.floor(found.mtimeMs / 1000);
    return [{ id: name, created, open: (options) => openModel(name, options) }];
  };
}

/** Milliseconds after which a study is looked at again. */
const FRESH = 2000;

/** The finished cells of a study: `insecure-1`, or `reproduce/insecure-1` where that is taken. */
export function studyModels(study: string): ModelSource {
  const name = basename(resolve(study));
  let known: readonly ServedModel[] = [];
  let read = Number.NEGATIVE_INFINITY;
  return async () => {
    if (performance.now() - read < FRESH) return known;
    const cells = await finishedCells(study);
    known = cells.map(({ folder, cell }): ServedModel => ({
      id: basename(folder),
      alias: `${name}/${basename(folder)}`,
      created: Math.floor(Date.parse(cell.finishedAt) / 1000),
      open: (options) => openCellModel(folder, options),
    }));
    read = performance.now();
    return known;
  };
}
