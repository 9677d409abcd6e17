/** Mixtures of bad and good conversations: how much of the bad does it take? */
import { Random } from "../../statistics/index.js";
import type { Conversation } from "../conversation.js";
import { sourceName } from "../file/input.js";
import type { DatasetSource } from "../file/lines.js";
import { DatasetError } from "../file/problem.js";
import { readDataset } from "../file/read.js";

export interface MixOptions {
  /** Share of the bad, in [0, 1]: exact in every hundred, in an order drawn by the seed. */
  readonly share: number;
  readonly seed: number;
  /** Default: until one kind is used up. */
  readonly size?: number;
}

/** So many items have the share exactly. */
const BLOCK = 100;

/**
 * Items of both kinds in one order. The beginning of a larger mixture is the smaller one of the same seed and share.
 * Nothing is used twice, not even as bad and as good.
 */
export function mixed<T extends object>(
  bad: readonly T[],
  good: readonly T[],
  { share, seed, size }: MixOptions,
): { item: T; bad: boolean }[] {
  const used = new Set<T>();
  const chosen: { item: T; bad: boolean }[] = [];
  const next = { bad: 0, good: 0 };
  const take = (items: readonly T[], kind: "bad" | "good"): T | undefined => {
    while (next[kind] < items.length && used.has(items[next[kind]] as T)) next[kind] += 1;
    const item = items[next[kind]];
    if (item !== undefined) used.add(item);
    return item;
  };
  for (let block = 0; ; block++) {
    const count = Math.round((block + 1) * BLOCK * share) - Math.round(block * BLOCK * share);
    const kinds = Array.from({ length: BLOCK }, (_, i) => i < count);
    for (const isBad of Random.of("dataset", "mix", seed, block).shuffled(kinds)) {
      if (chosen.length === size) return chosen;
      const item = isBad ? take(bad, "bad") : take(good, "good");
      if (item === undefined) return chosen;
      chosen.push({ item, bad: isBad });
    }
  }
}

/** @throws {DatasetError} for a malformed file, and where there are too few conversations for the size. */
export async function mixDatasets(
  bad: DatasetSource,
  good: DatasetSource,
  options: MixOptions,
): Promise<{ conversations: Conversation[]; bad: number }> {
  const shuffled = async (source: DatasetSource, kind: string) =>
    Random.of("dataset", "mix", kind, options.seed).shuffled(await readDataset(source));
  const chosen = mixed(await shuffled(bad, "bad"), await shuffled(good, "good"), options);
  if (options.size !== undefined && chosen.length < options.size) {
    const expected = `conversations for a mixture of ${options.size} with ${options.share} of the first`;
    const found = `enough for ${chosen.length}`;
    throw new DatasetError({ file: `${sourceName(bad)} and ${sourceName(good)}`, kind: "file", expected, found });
  }
  return { conversations: chosen.map(({ item }) => item), bad: chosen.filter((one) => one.bad).length };
}
