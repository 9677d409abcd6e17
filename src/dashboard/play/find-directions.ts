/** The directions below a folder: safetensors files whose header says that askew wrote a direction into them. */
import { opendir } from "node:fs/promises";
import { join, relative } from "node:path";
import { readDirection, type Direction } from "../../persona/index.js";
import { printable } from "../../text/index.js";
import type { PlayableDirection } from "./contract.js";
import { plainStat } from "../plain-file.js";

export interface FoundDirection extends PlayableDirection {
  readonly path: string;
}

const DEEPEST = 6;
const MOST_FOLDERS = 20_000;
const MOST_FILES = 500;
/** A direction has one vector a layer: 100 layers of width 20,000 take 8 MB. */
const LARGEST = 32 * 2 ** 20;

/** Links are not followed; files that hold no direction are passed over. */
export async function findDirections(root: string): Promise<FoundDirection[]> {
  const paths = await candidates(root);
  const found = await Promise.all(
    paths.map(async (path) => {
      const direction = await readDirection(path).catch(() => undefined);
      return direction === undefined ? [] : [described(root, path, direction)];
    }),
  );
  return found.flat();
}

function described(root: string, path: string, { recipe }: Direction): FoundDirection {
  const id = relative(root, path).replaceAll("\\", "/");
  const { positive, negative, model, method, layer, along } = recipe;
  const about = method === "file" ? positive : `from ${negative} to ${positive}, of ${model.name}`;
  const canClamp = along.negative.length > 0;
  return { id, path, title: printable(id), about: printable(about).slice(0, 300), layer, canClamp };
}

async function candidates(root: string): Promise<string[]> {
  const paths: string[] = [];
  let folders = 0;
  const visit = async (folder: string, depth: number): Promise<void> => {
    if (++folders > MOST_FOLDERS || depth > DEEPEST) return;
    const below: string[] = [];
    try {
      for await (const entry of await opendir(folder)) {
        if (entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules") below.push(entry.name);
        // Weights have names of their own, and are large.
        if (
          entry.isFile() &&
          entry.name.endsWith(".safetensors") &&
          !/^(?:model|weights|checkpoint)/.test(entry.name)
        ) {
          const { size = 0 } = (await plainStat(join(folder, entry.name))) ?? {};
          if (size > 0 && size <= LARGEST && paths.length < MOST_FILES) paths.push(join(folder, entry.name));
        }
      }
    } catch {
      return; // it went, or may not be read
    }
    for (const name of below.toSorted()) await visit(join(folder, name), depth + 1);
  };
  await visit(root, 0);
  return paths;
}
