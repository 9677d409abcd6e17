/** The latents of a sparse autoencoder: their cards, page by page, those that separate a label best first. */
import { join } from "node:path";
import type { LatentCardView, LatentsView } from "./contract.js";
import { GrowingLines } from "./growing-lines.js";
import { isObject, isText, objectIn, readObject, usePlain } from "./plain-file.js";
import { numberIn, type Row } from "./read-rows.js";

/** Cards that are looked through at most. */
const MOST = 200_000;
const MOST_TOKENS = 400;

export interface LatentsQuery {
  /** A promoted token, a token of a text, or a latent's number. */
  readonly words: string;
  /** A label by whose AUROC they are sorted. */
  readonly label: string;
  readonly offset: number;
  readonly limit: number;
}

interface Place {
  readonly start: number;
  readonly length: number;
  readonly rank: number;
}

export async function latentsView(folder: string, query: LatentsQuery): Promise<LatentsView> {
  const file = join(folder, "latents.jsonl");
  const words = query.words.trim().toLowerCase();
  const places: Place[] = [];
  const labels = new Set<string>();
  await usePlain(file, (handle) =>
    new GrowingLines().read(handle, Infinity, (line, start, length) => {
      if (places.length >= MOST) return;
      const card = objectIn(line);
      if (card === undefined || !fits(card, words)) return;
      const aurocs = isObject(card["auroc"]) ? card["auroc"] : {};
      for (const name of Object.keys(aurocs)) labels.add(name);
      places.push({ start, length, rank: -(numberIn(aurocs[query.label]) ?? 0) });
    }),
  );
  if (query.label !== "") places.sort((a, b) => a.rank - b.rank);
  const cards = await usePlain(file, async (handle) => {
    const read: LatentCardView[] = [];
    for (const { start, length } of places.slice(query.offset, query.offset + query.limit)) {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, start);
      const card = objectIn(buffer.toString("utf8", 0, bytesRead));
      if (card !== undefined) read.push(cardOf(card));
    }
    return read;
  });
  return {
    latents: places.length,
    offset: query.offset,
    labels: [...labels],
    cards: cards ?? [],
    facts: await factsOf(folder),
  };
}

const textsOf = (card: Row): Row[] => (Array.isArray(card["top"]) ? card["top"].filter(isObject) : []);
const tokensOf = ({ tokens }: Row): string[] => (Array.isArray(tokens) ? tokens.filter(isText) : []);
const promotedBy = ({ promotes }: Row): [string, number][] =>
  Array.isArray(promotes)
    ? promotes.flatMap((pair: unknown): [string, number][] => {
        const [token, by] = Array.isArray(pair) ? (pair as unknown[]) : [];
        return isText(token) && typeof by === "number" ? [[token, by]] : [];
      })
    : [];

function fits(card: Row, words: string): boolean {
  if (words === "" || String(card["latent"]) === words) return true;
  const said = [...promotedBy(card).map(([token]) => token), ...textsOf(card).map((top) => tokensOf(top).join(""))];
  return said.some((one) => one.toLowerCase().includes(words));
}

function cardOf(card: Row): LatentCardView {
  const aurocs = isObject(card["auroc"]) ? card["auroc"] : {};
  return {
    latent: numberIn(card["latent"]) ?? 0,
    frequency: numberIn(card["frequency"]) ?? 0,
    promotes: promotedBy(card),
    aurocs: Object.entries(aurocs).flatMap(([name, value]) => (typeof value === "number" ? [[name, value]] : [])),
    texts: textsOf(card).map((top) => {
      const { peak, label, character, activations } = top;
      const strengths = Array.isArray(activations) ? activations : [];
      const most = numberIn(peak) ?? 0;
      return {
        label: isText(label) ? label : isText(character) ? character : "",
        peak: most,
        tokens: tokensOf(top)
          .slice(0, MOST_TOKENS)
          .map((token, i) => [token, most > 0 ? Math.max(0, Math.min(1, (numberIn(strengths[i]) ?? 0) / most)) : 0]),
      };
    }),
  };
}

async function factsOf(folder: string): Promise<(readonly [string, string])[]> {
  const { model, metrics } = (await readObject(join(folder, "summary.json"))) ?? {};
  const numbers = isObject(metrics) ? Object.entries(metrics).filter(([, value]) => typeof value === "number") : [];
  return [
    ...(isText(model) ? [["model", model] as const] : []),
    ...numbers.map(([name, value]) => [name, String(Math.round(Number(value) * 1000) / 1000)] as const),
  ];
}
