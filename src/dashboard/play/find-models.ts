/** The models of this machine that the page may talk to: the one that askew ships, and those that runs have made. */
import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { shippedModels } from "../../model/index.js";
import { printable } from "../../text/index.js";
import type { RunId } from "../contract.js";
import type { PlayableModel } from "./contract.js";
import { plainStat, readObject } from "../plain-file.js";

export interface FoundModel extends PlayableModel {
  /** What commands call it. */
  readonly name: string;
}

export interface RunFolder {
  readonly id: RunId;
  readonly folder: string;
}

/** More than anybody would look through. */
const MOST_MODELS = 2000;

/** In the order of the runs; links are not followed. */
export async function findModels(runs: readonly RunFolder[]): Promise<FoundModel[]> {
  const models: FoundModel[] = shippedModels().map((name) => ({ id: name, title: name, name }));
  for (const { id, folder } of runs) {
    if (models.length >= MOST_MODELS) break;
    const found = [...(await cellsOf(folder)), ...(await fineTunesOf(folder))];
    models.push(
      ...found.map(({ within, name }) => {
        const shown = [id, within].filter((part) => part !== "" && part !== ".").join(" · ");
        return { id: `${id}//${within}`, title: printable(shown === "" ? folder : shown), name };
      }),
    );
  }
  return models.slice(0, MOST_MODELS);
}

interface Found {
  readonly within: string;
  readonly name: string;
}

async function cellsOf(folder: string): Promise<Found[]> {
  const cells = join(folder, "cells");
  const found: Found[] = [];
  for (const within of await foldersIn(cells)) {
    const cell = await readObject(join(cells, within, "cell.json"));
    // The model of a server is asked there, and weights may have been cleared away.
    const isHere = cell?.["status"] === "finished" && cell["served"] === undefined;
    const needsWeights = cell?.["weights"] !== undefined;
    if (!isHere || (needsWeights && !(await plainStat(join(cells, within, "weights.safetensors"))))) continue;
    found.push({ within, name: join(cells, within) });
  }
  return found;
}

async function fineTunesOf(folder: string): Promise<Found[]> {
  const found: Found[] = [];
  for (const within of ["", "model"]) {
    const path = join(folder, within);
    const [config, weights] = await Promise.all(
      ["config.json", "model.safetensors"].map(async (n) => plainStat(join(path, n))),
    );
    if (config !== undefined && weights !== undefined) found.push({ within, name: `local:${path}` });
  }
  return found;
}

async function foldersIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(folder)) {
      if (entry.isDirectory() && names.length < MOST_MODELS) names.push(entry.name);
    }
  } catch {
    return []; // there is none, or it may not be read
  }
  return names.toSorted();
}
