/** Cards: what one latent stands for, in words. */
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { ReadableModel } from "../../model/index.js";
import { writeFileAtomically } from "../../store/index.js";
import type { SourceLabel } from "./documents.js";
import type { LatentTable } from "./latent-table.js";
import { latentDirection, type Sae } from "./sae.js";
import { SaeError } from "./error.js";
import type { Separability } from "./labels.js";

const PROMOTED = 10;
const FILE = "latents.jsonl";
/** In bytes; a card has some thousand. */
const LONGEST_LINE = 2 ** 20;

const share = z.number().min(0).max(1);
const cardSchema = z.object({
  latent: z.int().min(0),
  /** Share of tokens that have it. */
  frequency: share,
  /** Tokens whose logits it raises most, with by how much a unit of it does, before the final norm divides. */
  promotes: z.array(z.tuple([z.string(), z.number()])),
  /** By label: AUROC of its mean over an answer against whether the answer has the label; null where a side was empty. */
  auroc: z.record(z.string(), share.nullable()),
  top: z.array(
    z
      .object({
        peak: z.number(),
        label: z.string().optional(),
        /** The label's name in cards of askew 0.1. */
        character: z.string().optional(),
        tokens: z.array(z.string()),
        activations: z.array(z.number()),
      })
      .refine(({ tokens, activations }) => tokens.length === activations.length)
      .transform(({ character, label = character, ...text }) => ({ ...text, ...(label !== undefined && { label }) })),
  ),
});
export type LatentCard = z.infer<typeof cardSchema>;

/** The latent that separates a label best; null where a half of the documents had none of it, or nothing else. */
export interface BestLatent extends Separability {
  readonly kind: string;
  readonly name: string;
  readonly latent: number;
  /** On the half by which it was chosen. */
  readonly chosenAt: number | null;
  /** Over whole documents, all answers of one together; null for labels that these need not share. */
  readonly wholeDocuments: Separability | null;
  /** What a linear probe of the activations themselves reaches there; null where none was fitted. */
  readonly probe: Separability | null;
}

/** @param probe of each label, as `AnswerProbe` gives it */
export const bestLatents = (table: LatentTable, probe: readonly (Separability | null)[]): BestLatent[] =>
  table.best().map(({ chosenAt, ...best }, i) => ({
    kind: (table.labels[i] as SourceLabel).kind,
    name: (table.labels[i] as SourceLabel).name,
    ...best,
    chosenAt: Number.isFinite(chosenAt) ? chosenAt : null,
    probe: probe[i] ?? null,
  }));

/** The tokens whose logits the latent raises most. */
async function promotedTokens(
  sae: Sae,
  { reading, tokens }: ReadableModel,
  latent: number,
): Promise<[string, number][]> {
  const raised = [...(await reading.logitEffect(latentDirection(sae, latent))).entries()];
  raised.sort((a, b) => b[1] - a[1]);
  return raised.slice(0, PROMOTED).map(([token, by]) => [tokens.decode([token]), round(by)]);
}

export async function latentCard(
  sae: Sae,
  model: ReadableModel,
  table: LatentTable,
  latent: number,
): Promise<LatentCard> {
  const { tokens } = model;
  const aurocs = table.separations(latent);
  return {
    latent,
    frequency: table.frequency(latent),
    promotes: await promotedTokens(sae, model, latent),
    auroc: Object.fromEntries(
      table.labels.map(({ name }, i) => [name, Number.isNaN(aurocs[i]) ? null : round(aurocs[i] as number)]),
    ),
    top: table.top(latent).map(({ peak, label, ids, activations }) => ({
      peak: round(peak),
      ...(label !== undefined && { label }),
      tokens: ids.map((id) => tokens.decode([id])),
      activations: activations.map(round),
    })),
  };
}

const round = (x: number): number => Number(x.toFixed(4));

export async function writeCards(folder: string, cards: readonly LatentCard[]): Promise<void> {
  await writeFileAtomically(join(folder, FILE), async (handle) => {
    for (const card of cards) await handle.write(`${JSON.stringify(card)}\n`);
  });
}

/** The card of one latent. */
export async function readCard(folder: string, latent: number): Promise<LatentCard> {
  const path = join(folder, FILE);
  try {
    const read = cardSchema.safeParse(JSON.parse(await lineOf(path, latent)));
    if (read.success && read.data.latent === latent) return read.data;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" && !(error instanceof SyntaxError)) throw error;
  }
  throw new SaeError(
    `${path}:${latent + 1}: expected the card of latent ${latent}, found none. Train again with: askew sae train`,
  );
}

/** A line of a file of any size, from 0, which alone is held; empty where there is none, or one that is too long. */
async function lineOf(path: string, wanted: number): Promise<string> {
  let [line, found] = [0, ""];
  // A character a byte, so that none is cut in two.
  for await (const chunk of createReadStream(path, "latin1") as AsyncIterable<string>) {
    const pieces = chunk.split("\n");
    found += pieces[wanted - line] ?? "";
    line += pieces.length - 1;
    if (found.length > LONGEST_LINE) return "";
    if (line > wanted) break;
  }
  return Buffer.from(found, "latin1").toString();
}
