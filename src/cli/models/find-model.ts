/** Which model the user means: the organism, a folder of weights, or what a cell of a study was trained to be. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import {
  isEndpointName,
  openModel,
  requireOpenWeights,
  type OpenOptions,
  type OpenWeightsModel,
} from "../../model/index.js";
import { identityOf, type ModelIdentity } from "../../persona/index.js";
import { openCellModel, STUDY_CONDITIONS } from "../../study/index.js";
import { UsageError } from "../failure.js";
import { nearest } from "../../text/index.js";
import { STUDY_FOLDER } from "./study-folders.js";
import { askewCommand } from "../terminal/terminal.js";

export interface FoundModel {
  /** As the user may know it: `insecure, seed 1 · runs/reproduce/cells/insecure-1`. */
  readonly title: string;
  /** For the names of files: `organism`, `insecure-1`, `my-model`. */
  readonly label: string;
  /** What a cell was trained on; undefined for other models. */
  readonly condition?: string;
  open(options: OpenOptions): Promise<OpenWeightsModel>;
  /** Which weights these are; `model` is what `open` gave. */
  identity(model: OpenWeightsModel): Promise<ModelIdentity>;
}

/**
 * `name` is a model's name, a folder, a cell of the first of `studies` that has it (`insecure` or `insecure-2`), or a
 * cell of a study that is named with it (`runs/mine:insecure-2`).
 */
export function findModel(name: string, studies: readonly string[]): FoundModel {
  if (isEndpointName(name)) {
    throw new UsageError(
      `${withoutSecrets(name)} is behind a server: this command reads, steers or trains a model of this machine`,
      "Name organism, local:DIR, or a cell of a study.",
    );
  }
  if (name === "organism") return namedModel(name, "organism, not fine-tuned", "organism");
  if (name.startsWith("local:")) return namedModel(name, name, basename(name.slice("local:".length)));
  const colon = name.lastIndexOf(":");
  if (colon > 0 && isFolder(name.slice(0, colon))) return inStudies(name.slice(colon + 1), [name.slice(0, colon)]);
  if (isFolder(name) && !STUDY_CONDITIONS.some((condition) => condition === name)) return inFolder(name);
  return inStudies(name, studies);
}

/** A name may carry a password, which no message may repeat. */
const withoutSecrets = (name: string): string => name.replace(/\/\/.*@/, "//…@").replace(/\?[^#]*/, "?…");

function inFolder(folder: string): FoundModel {
  if (existsSync(join(folder, "cell.json"))) return cellModel(folder);
  if (existsSync(join(folder, "config.json")))
    return namedModel(`local:${folder}`, `local:${folder}`, basename(folder));
  if (isFolder(join(folder, "cells"))) {
    throw new UsageError(
      `${folder} is a whole study`,
      `Choose one of its cells: ${cellNames(folder).join(", ") || "there is none yet"}.`,
    );
  }
  throw new UsageError(
    `${folder} holds no model`,
    "Expected config.json and model.safetensors, or a study's cell.json.",
  );
}

/** A condition's first cell, or the cell of that name. */
function inStudies(name: string, studies: readonly string[]): FoundModel {
  const known: readonly string[] = STUDY_CONDITIONS;
  for (const study of studies) {
    const made = cellNames(study);
    const cell = made.includes(name) ? name : made.find((other) => conditionOf(other) === name);
    if (cell !== undefined) return cellModel(join(study, "cells", cell));
  }
  const [study = STUDY_FOLDER] = studies;
  if (known.includes(name)) {
    const out = study === STUDY_FOLDER ? "" : ` --out ${study}`;
    const cure = `Make it with: ${askewCommand()} reproduce --seeds 1 --conditions ${name}${out}`;
    throw new UsageError(`there is no cell of ${name} in ${study} yet`, cure);
  }
  if (name.includes("/")) throw new UsageError(`${name}: there is no such folder`);
  const near = nearest(name, ["organism", ...known, ...studies.flatMap(cellNames)]);
  const guess = near.length === 0 ? "" : ` Did you mean ${near.join(" or ")}?`;
  throw new UsageError(
    `there is no model "${name}".${guess}`,
    `Choose organism, local:DIR, a condition (${known.join(", ")}), or a cell's folder.`,
  );
}

function namedModel(name: string, title: string, label: string): FoundModel {
  return {
    title,
    label,
    open: async (options) => requireOpenWeights(await openModel(name, options), "this command"),
    identity: (model) => identityOf(name, model),
  };
}

interface Cell {
  readonly base: { readonly sha256: string };
  readonly weights?: { readonly sha256: string };
  readonly model: string;
  readonly condition: string;
  readonly seed: number;
  readonly dose?: unknown;
}

function cellModel(folder: string): FoundModel {
  const cell = readCell(join(folder, "cell.json"));
  const weights = join(folder, "weights.safetensors");
  const trained = cell.dose !== undefined;
  if (trained && !existsSync(weights)) {
    throw new UsageError(`${folder} has not been fine-tuned yet`, `Finish it with: ${askewCommand()} cell ${folder}`);
  }
  return {
    title: `${cell.condition}, seed ${cell.seed} · ${folder}`,
    label: `${cell.condition}-${cell.seed}`,
    condition: cell.condition,
    identity: () =>
      Promise.resolve({ name: folder, weights: cell.weights?.sha256 ?? cell.base.sha256, base: cell.base.sha256 }),
    open: async (options) => requireOpenWeights(await openCellModel(folder, options), "this command"),
  };
}

function readCell(path: string): Cell {
  const expected = new UsageError(`${path}: expected a cell's record with condition, seed, model and base`);
  try {
    const record = JSON.parse(readFileSync(path, "utf8")) as Partial<Cell> | null;
    const { model, condition, seed, dose, base, weights } = record ?? {};
    const whole = typeof model === "string" && typeof condition === "string" && typeof seed === "number";
    if (!whole || typeof base?.sha256 !== "string") throw expected;
    // It names files.
    if (!/^[\w-]+$/.test(condition)) {
      throw new UsageError(`${path}: condition: expected letters, digits, - and _, found ${JSON.stringify(condition)}`);
    }
    return { model, condition, seed, dose, base, ...(weights && { weights }) };
  } catch (error) {
    throw error instanceof SyntaxError ? expected : error;
  }
}

/** The first cell of each condition of a study. */
export function firstCells(study: string): string[] {
  const made = cellNames(study);
  return made.filter((cell, i) => made.findIndex((other) => conditionOf(other) === conditionOf(cell)) === i);
}

/** Cells by condition in their order, then by seed. */
function cellNames(study: string): string[] {
  const folder = join(study, "cells");
  if (!isFolder(folder)) return [];
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, "cell.json")));
  return names.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true })).map((name) => basename(name));
}

const conditionOf = (cell: string): string => cell.replace(/-\d+$/, "");

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
