/** A direction that was given on the command line: read, checked against the model, and where to steer with it. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { readDirection, requireFit, type Direction, type SteeringMode } from "../../persona/index.js";
import { UsageError } from "../failure.js";
import type { OpenedModel } from "../open-model.js";

export interface SteeringFlags {
  readonly add?: boolean;
  readonly subtract?: boolean;
  readonly projectOut?: boolean;
}

/** Exactly one of --add, --subtract and --project-out. */
export function modeOf({ add, subtract, projectOut }: SteeringFlags): SteeringMode {
  const given = [
    ...(add === true ? ["add" as const] : []),
    ...(subtract === true ? ["subtract" as const] : []),
    ...(projectOut === true ? ["project-out" as const] : []),
  ];
  const [mode] = given;
  if (mode !== undefined && given.length === 1) return mode;
  const found = given.length === 0 ? "none of them" : given.map((name) => `--${name}`).join(" and ");
  throw new UsageError(`what to do with the direction: expected --add, --subtract or --project-out, found ${found}`);
}

export interface GivenDirection {
  readonly direction: Direction;
  readonly sha256: string;
}

export async function openDirection(
  path: string,
  { model, identity }: Pick<OpenedModel, "model" | "identity">,
  anyModel: boolean | undefined,
): Promise<GivenDirection> {
  const direction = await readDirection(path);
  requireFit(path, direction, model.folder.config, identity, { anyModel: anyModel ?? false });
  return {
    direction,
    sha256: createHash("sha256")
      .update(await readFile(path))
      .digest("hex"),
  };
}

/** `all`, or numbers from 0; by default the layer that the direction's recipe chose. */
export function layersOf(text: string | undefined, { layers, recipe }: Direction): number[] {
  if (text === undefined) return [recipe.layer];
  if (text === "all") return Array.from({ length: layers }, (_, layer) => layer);
  return text.split(",").map((part) => {
    const layer = Number(part);
    if (/^\s*\d+\s*$/.test(part) && layer < layers) return layer;
    throw new UsageError(
      `--layers: there is no layer "${part.trim()}"`,
      `Choose from 0 … ${layers - 1}, with commas between them, or all.`,
    );
  });
}
