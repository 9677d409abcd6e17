/** `--organisms`: the organisms that a command runs on, one after the other. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { grownIn, recipeOf } from "../../organism/index.js";
import { printable, UsageError } from "../../text/index.js";
import { namesOf } from "../option-values.js";
import { grow } from "./grow.js";

export const ORGANISMS = [
  "--organisms <folders>",
  "run on each of these, with intervals over them; a folder stands for those in it, a number for the shipped one and " +
    "other seeds, which are grown first",
  namesOf,
] as const;

/** Organisms that a number asks for are kept here. */
const HOME = "runs/organisms";
/** Takes a day. */
const MOST = 100;

export interface NamedOrganism {
  /** `organism`, or its folder's name. */
  readonly organism: string;
  /** The name that models are opened by. */
  readonly model: string;
  /** Absent in the usual world. */
  readonly world: string | undefined;
}

/** @throws {UsageError} where one is no model, or two have one name */
export async function organismsOf(named: readonly string[], threads?: number): Promise<readonly NamedOrganism[]> {
  const [first = ""] = named;
  const folders = named.length === 1 && /^\d+$/.test(first) ? await seeds(Number(first), threads) : foldersOf(named);
  const found = await Promise.all(
    folders.map(async (folder): Promise<NamedOrganism> =>
      folder === "organism"
        ? { organism: folder, model: folder, world: undefined }
        : { organism: basename(folder), model: `local:${folder}`, world: await grownIn(folder) },
    ),
  );
  const twice = found.find(({ organism }, i) => found.findIndex((one) => one.organism === organism) !== i);
  if (twice !== undefined) throw new UsageError(`--organisms: ${twice.organism} is named twice`);
  return found;
}

/** Each of the organisms, after a line on stderr that separates its progress from the last one's. */
export function* announced<One extends NamedOrganism>(all: readonly One[]): Generator<One, void> {
  for (const [i, one] of all.entries()) {
    const { organism, world } = one;
    const which = `organism ${i + 1} of ${all.length}: ${printable(organism)}`;
    process.stderr.write(`${which}${world === undefined ? "" : ` (${world})`}\n`);
    yield one;
  }
}

/** @throws {UsageError} where a model is named beside `--organisms` */
export function refuseOtherModel(model: string): void {
  if (model === "organism") return;
  throw new UsageError(`--organisms names the models, and so does ${model}`, "Leave out one of the two.");
}

const isModel = (path: string): boolean => path === "organism" || existsSync(join(path, "config.json"));

/** The folders that are named; in place of one that is no model, the models in it. */
function foldersOf(named: readonly string[]): readonly string[] {
  const all = named.flatMap((path) =>
    isModel(path) || !existsSync(path)
      ? [path]
      : readdirSync(path)
          .toSorted()
          .map((name) => join(path, name))
          .filter(isModel),
  );
  const missing = all.find((path) => !isModel(path));
  if (missing !== undefined || all.length === 0) {
    throw new UsageError(
      `--organisms: expected grown organisms, found none in ${missing ?? named.join(", ")}`,
      "Grow them with: askew organism pretrain --seed 2 --out runs/organisms/seed-2",
    );
  }
  return all;
}

/** The shipped organism has seed 1; the others are grown where they are not there yet. */
async function seeds(count: number, threads?: number): Promise<readonly string[]> {
  if (count < 1 || count > MOST) {
    throw new UsageError(`--organisms: expected from 1 to ${MOST} of them, found ${count}`);
  }
  const others = Array.from({ length: count - 1 }, (_, i) => ({ seed: i + 2, folder: join(HOME, `seed-${i + 2}`) }));
  const missing = others.filter(({ folder }) => !isModel(folder));
  if (missing.length > 0) {
    const each = "each takes about 10 minutes of two cores and 1.9 GB of memory";
    process.stderr.write(
      `Growing ${missing.length} of ${count} organisms in ${HOME}; ${each}. Stopped, the same command carries on.\n`,
    );
  }
  for (const { seed, folder } of missing) {
    process.stderr.write(`${folder}\n`);
    await grow(folder, recipeOf({ seed }), { threads, isAlone: false });
  }
  return ["organism", ...others.map(({ folder }) => folder)];
}
