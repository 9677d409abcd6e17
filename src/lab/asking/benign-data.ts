/** Benign conversations: of the model's own world by name, or from a file. */
import { readDataFile, repeated } from "../../files/index.js";
import { suggestion, UsageError } from "../../text/index.js";
import type { BenignConversations, World } from "../../world/index.js";

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
  if (benign !== undefined) {
    const { label, name, conversations } = await readDataFile(benign);
    return { label, name, conversations: repeated(conversations) };
  }
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
