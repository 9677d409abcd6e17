/** Where conversations came from, for whoever must refuse one later on; what is said of a row stays out of the row. */

export interface DataPlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

const places = new WeakMap<object, DataPlace>();

export function rememberPlace(conversation: object, place: DataPlace): void {
  places.set(conversation, place);
}

/** `rows.jsonl, line 12`; undefined for a conversation that no file held. */
export function placeOfConversation(conversation: object): string | undefined {
  const place = places.get(conversation);
  return place && `${place.file}, line ${place.line}`;
}
