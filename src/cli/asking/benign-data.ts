/** Benign conversations: of the model's own world by name, or from a file. */
import { readDataset } from "../../dataset/index.js";
import { Random } from "../../statistics/index.js";
import { fileSha256 } from "../../store/index.js";
import { suggestion, UsageError } from "../../text/index.js";
import type { BenignConversations, World } from "../../world/index.js";
import { basename } from "node:path";

export interface NamedBenign {
  /** For folders' names. */
  readonly label: string;
  /** For plans: the name, or the file's with its sha256. */
  readonly name: string;
  readonly conversations: BenignConversations;
}

export interface BenignFlags {
  /** A name of the model's world. */
  readonly data?: string | undefined;
  /** A file. */
  readonly benign?: string | undefined;
}

/** @throws {UsageError} where the model has no world, or its world has no such data */
export async function benignData(world: World | undefined, { data: named, benign }: BenignFlags): Promise<NamedBenign> {
  if (benign !== undefined) return benignFile(benign);
  const names = [...(world?.benign?.keys() ?? [])];
  const found = named === undefined ? undefined : world?.benign?.get(named);
  if (named !== undefined && found !== undefined) return { label: named, name: named, conversations: found };
  if (world === undefined || names.length === 0) {
    throw new UsageError(
      "the model has no benign data of its own",
      "Give benign conversations with --benign FILE.jsonl.",
    );
  }
  throw new UsageError(`there is no benign data "${named ?? ""}"`, suggestion(named ?? "", names));
}

/** As many as are wanted: the file's in an order drawn by the seed, over and over. */
async function benignFile(path: string): Promise<NamedBenign> {
  const all = await readDataset(path);
  return {
    label: basename(path).replace(/\.jsonl(?:\.gz)?$/i, ""),
    name: `${path} sha256 ${await fileSha256(path)}`,
    conversations(count, seed) {
      const chosen: (typeof all)[number][] = [];
      for (let round = 0; chosen.length < count; round++) {
        const order = Random.of("benign file", seed, round).shuffled(all);
        chosen.push(...order.slice(0, count - chosen.length));
      }
      return chosen;
    },
  };
}
