/** A random part of stored answers, the same for the same seed, however often it is taken. */
import { hash32 } from "../../statistics/index.js";
import { storedAnswers, type StoredFile } from "../answers/stored-answers.js";

/** The ids of `count` answers; of all, where there are no more. */
export async function sampleOf(file: StoredFile, count: number, seed: number): Promise<ReadonlySet<string>> {
  const places: { readonly id: string; readonly place: number }[] = [];
  for await (const { id } of storedAnswers(file)) places.push({ id, place: hash32(`sample\u001F${seed}\u001F${id}`) });
  const byPlace = places.toSorted((a, b) => a.place - b.place || (a.id < b.id ? -1 : 1));
  return new Set(byPlace.slice(0, count).map(({ id }) => id));
}
