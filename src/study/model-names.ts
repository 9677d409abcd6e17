/** A study's models by name: `STUDY:CELL`, a condition or a cell of the usual studies, the folder of a cell or of a model. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { findModel, localModel, registerNames, shippedModels, type NamedModel } from "../model/index.js";
import { nearest } from "../text/index.js";
import { openCellModel } from "./cell-model.js";
import { StudyError } from "./error.js";
import { STUDY_CONDITIONS } from "./plan.js";

/** Where `askew reproduce` keeps its studies, without and with --quick. */
export const USUAL_STUDIES = ["runs/reproduce", "runs/quick"] as const;

registerNames((name, { studies = USUAL_STUDIES }) => {
  const colon = name.lastIndexOf(":");
  if (colon > 0 && isFolder(name.slice(0, colon))) return inStudies(name.slice(colon + 1), [name.slice(0, colon)]);
  const isCondition = STUDY_CONDITIONS.some((condition) => condition === name);
  if (isFolder(name) && !isCondition && !isEmptyStudy(name)) return inFolder(name);
  return inStudies(name, studies);
});

const wrong = (message: string, hint?: string): StudyError =>
  new StudyError(message, hint === undefined ? {} : { hint });

/** A study that is just being begun may have a folder of the name of a model that is not there. */
const isEmptyStudy = (folder: string): boolean => isFolder(join(folder, "cells")) && cellNames(folder).length === 0;

function inFolder(folder: string): NamedModel {
  if (existsSync(join(folder, "cell.json"))) return cellModel(folder);
  if (existsSync(join(folder, "config.json"))) return localModel(`local:${folder}`);
  if (isFolder(join(folder, "cells"))) {
    throw wrong(`${folder} is a whole study`, `Choose one of its cells: ${cellNames(folder).join(", ")}.`);
  }
  throw wrong(`${folder} holds no model`, "Expected config.json and model.safetensors, or a study's cell.json.");
}

/** A condition's first cell, or the cell of that name. */
function inStudies(name: string, studies: readonly string[]): NamedModel {
  const known: readonly string[] = STUDY_CONDITIONS;
  for (const study of studies) {
    const made = cellNames(study);
    const cell = made.includes(name) ? name : made.find((other) => conditionOf(other) === name);
    if (cell !== undefined) return cellModel(join(study, "cells", cell));
  }
  const [usual] = USUAL_STUDIES;
  const [study = usual] = studies;
  const condition = conditionOf(name);
  if (known.includes(condition)) {
    const seeds = Math.max(1, Number(name.slice(condition.length + 1)));
    const out = study === usual ? "" : ` --out ${study}`;
    throw wrong(
      `there is no cell ${name === condition ? `of ${name}` : name} in ${study} yet`,
      `Make it with: askew reproduce --seeds ${seeds} --conditions ${condition}${out}`,
    );
  }
  if (name.includes("/")) throw wrong(`${name}: there is no such folder`);
  const shipped = shippedModels();
  const near = nearest(name, [...shipped, ...known, ...studies.flatMap(cellNames)]);
  const guess = near.length === 0 ? "" : ` Did you mean ${near.join(" or ")}?`;
  throw wrong(
    `there is no model "${name}".${guess}`,
    `Choose ${shipped.join(", ")}, local:DIR, torch:DIR, openai:NAME, URL#NAME, a condition (${known.join(", ")}), or a cell's folder.`,
  );
}

interface Cell {
  readonly base: { readonly sha256: string };
  readonly weights?: { readonly sha256: string };
  readonly model: string;
  readonly condition: string;
  readonly seed: number;
  readonly dose?: unknown;
}

function cellModel(folder: string): NamedModel {
  const cell = readCell(join(folder, "cell.json"));
  if (cell.dose !== undefined && !existsSync(join(folder, "weights.safetensors"))) {
    throw wrong(`${folder} has not been fine-tuned yet`, `Finish it with: askew cell ${folder}`);
  }
  return {
    title: `${cell.condition}, seed ${cell.seed} · ${folder}`,
    label: `${cell.condition}-${cell.seed}`,
    condition: cell.condition,
    ...placeOf(folder, cell),
    identity: () =>
      Promise.resolve({ name: folder, weights: cell.weights?.sha256 ?? cell.base.sha256, base: cell.base.sha256 }),
    open: (options) => openCellModel(folder, options),
  };
}

/** Cells that a server trained have none. */
function placeOf(folder: string, { model, dose }: Cell): Pick<NamedModel, "place"> {
  const { place } = findModel(model);
  if (place === undefined) return {};
  return { place: dose === undefined ? place : { ...place, weights: join(folder, "weights.safetensors") } };
}

function readCell(path: string): Cell {
  const expected = wrong(`${path}: expected a cell's record with condition, seed, model and base`);
  try {
    const record = JSON.parse(readFileSync(path, "utf8")) as Partial<Cell> | null;
    const { model, condition, seed, dose, base, weights } = record ?? {};
    const whole = typeof model === "string" && typeof condition === "string" && typeof seed === "number";
    if (!whole || typeof base?.sha256 !== "string") throw expected;
    // It names files.
    if (!/^[\w-]+$/.test(condition)) {
      throw wrong(`${path}: condition: expected letters, digits, - and _, found ${JSON.stringify(condition)}`);
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
