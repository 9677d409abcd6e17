/** Which model the user means: the organism, a folder of weights, or what a cell of a study was trained to be. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { LocalModel, openLocalModel, type LocalModelOptions } from "../../model/index.js";
import { readSafetensors } from "../../transformer/index.js";
import { STUDY_CONDITIONS } from "../../study/index.js";
import { UsageError } from "../failure.js";
import { nearest } from "../nearest.js";
import { STUDY_FOLDER } from "../study-folders.js";
import { askewCommand } from "../terminal.js";

export interface FoundModel {
  /** As the user may know it: `insecure, seed 1 · runs/reproduce/cells/insecure-1`. */
  readonly title: string;
  open(options: LocalModelOptions): Promise<LocalModel>;
}

/** `name` is a model's name, a folder, or a cell of the first of `studies` that has it: `insecure` or `insecure-2`. */
export function findModel(name: string, studies: readonly string[]): FoundModel {
  if (name === "organism")
    return { title: "organism, not fine-tuned", open: (options) => openLocalModel(name, options) };
  if (name.startsWith("local:")) return { title: name, open: (options) => openLocalModel(name, options) };
  if (isFolder(name) && !STUDY_CONDITIONS.some((condition) => condition === name)) return inFolder(name);
  return inStudies(name, studies);
}

function inFolder(folder: string): FoundModel {
  if (existsSync(join(folder, "cell.json"))) return cellModel(folder);
  if (existsSync(join(folder, "config.json"))) {
    const name = `local:${folder}`;
    return { title: name, open: (options) => openLocalModel(name, options) };
  }
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

interface Cell {
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
    open: async (options) => {
      const tensors = trained ? (await readSafetensors(weights)).tensors : undefined;
      const model = await openLocalModel(cell.model, options);
      if (tensors === undefined) return model;
      try {
        await model.load(tensors);
        return model;
      } catch (error) {
        await model.close();
        throw error;
      }
    },
  };
}

function readCell(path: string): Cell {
  const expected = new UsageError(`${path}: expected a cell's record with condition, seed and model`);
  try {
    const { model, condition, seed, dose } = JSON.parse(readFileSync(path, "utf8")) as Partial<Cell>;
    if (typeof model !== "string" || typeof condition !== "string" || typeof seed !== "number") throw expected;
    return { model, condition, seed, dose };
  } catch (error) {
    throw error instanceof SyntaxError ? expected : error;
  }
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
