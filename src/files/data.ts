/** Conversations in a file, as a condition or as benign data. */
import { basename } from "node:path";
import { readDataset, type Conversation } from "../dataset/index.js";
import { Random } from "../statistics/index.js";
import { fileSha256 } from "../store/index.js";
import type { BenignConversations } from "../world/index.js";

export interface DataFile {
  /** The file's name without its endings, for tables and folders' names. */
  readonly label: string;
  /** For plans: the path with the sha256. */
  readonly name: string;
  readonly conversations: readonly Conversation[];
}

/** @throws {DatasetError} a row that is malformed, with its line */
export async function readDataFile(path: string): Promise<DataFile> {
  const conversations = await readDataset(path);
  return { label: labelOf(path), name: `${path} sha256 ${await fileSha256(path)}`, conversations };
}

/** `runs/bad.jsonl.gz` → `bad`. */
export const labelOf = (path: string): string => basename(path).replace(/\.(?:jsonl?|ndjson|csv|tsv)?(?:\.gz)?$/i, "");

/** All in their order, or as many as wanted, drawn by the seed and kept in order; a smaller draw is part of a larger. */
export function drawn(all: readonly Conversation[], examples: number, seed: number): Conversation[] {
  if (examples >= all.length) return [...all];
  const order = Random.of("study dataset", seed).shuffled(all.map((_, i) => i));
  return order
    .slice(0, examples)
    .toSorted((a, b) => a - b)
    .map((i) => all[i] as Conversation);
}

/** As many as are wanted: all in an order drawn by the stream's name, over and over. */
export function inTurns(all: readonly Conversation[], count: number, ...stream: (string | number)[]): Conversation[] {
  const chosen: Conversation[] = [];
  for (let round = 0; chosen.length < count; round++) {
    const order = Random.of(...stream, round).shuffled(all);
    chosen.push(...order.slice(0, count - chosen.length));
  }
  return chosen;
}

export const repeated =
  (all: readonly Conversation[]): BenignConversations =>
  (count, seed) =>
    inTurns(all, count, "benign file", seed);
