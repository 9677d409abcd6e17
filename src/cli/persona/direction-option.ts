/** A direction that was given on the command line: read, checked against the model, and where to steer with it. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { readDirection, requireFit, STEERING_MODES, type Direction, type SteeringMode } from "../../persona/index.js";
import { UsageError } from "../failure.js";
import type { OpenedModel } from "../open-model.js";

export interface SteeringFlags {
  readonly layers?: string;
  readonly anyModel?: boolean;
  readonly add?: boolean;
  readonly subtract?: boolean;
  readonly projectOut?: boolean;
  readonly clamp?: boolean;
  readonly cap?: boolean;
}

/** Adds what every command that steers is told: in which way, which is to be exactly one of these, and at which layers. */
export const steeringOptions = (command: Command): Command =>
  command
    .option("--add", "add the direction")
    .option("--subtract", "subtract it")
    .option("--project-out", "take the component along it away")
    .option("--clamp", "put that component where the negative texts have theirs")
    .option("--cap", "the same, only where it is above that")
    .option("--layers <numbers>", "from 0, or all (default: the direction's own layer)")
    .option("--any-model", "allow a direction of a model with another base");

export function modeOf(flags: SteeringFlags): SteeringMode {
  const given = STEERING_MODES.filter((mode) => flags[mode === "project-out" ? "projectOut" : mode] === true);
  const [mode] = given;
  if (mode !== undefined && given.length === 1) return mode;
  const expected = STEERING_MODES.map((name) => `--${name}`)
    .join(", ")
    .replace(/, (?=[^,]*$)/, " or ");
  const found = given.length === 0 ? "none of them" : given.map((name) => `--${name}`).join(" and ");
  throw new UsageError(`what to do with the direction: expected ${expected}, found ${found}`);
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
