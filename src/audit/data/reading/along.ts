/** Where answers lie along directions of personas in a reader. */
import type { Message, ReadableModel } from "../../../model/index.js";
import { normOf, readConversations, vectorAt, type Direction } from "../../../persona/index.js";

export interface DirectionReader {
  readonly model: ReadableModel;
  readonly directions: readonly Direction[];
  readonly signal?: AbortSignal | undefined;
}

/** Along each direction, in its lengths; undefined for a conversation that cannot be read. */
export type Along = readonly number[] | undefined;

/** @param conversations that end with an answer */
export async function alongDirections(
  { model, directions, signal }: DirectionReader,
  conversations: readonly (readonly Message[])[],
): Promise<Along[]> {
  const lines = directions.map((direction) => {
    const { layer } = direction.recipe;
    const vector = vectorAt(direction, layer);
    return { layer, vector, width: direction.width, square: normOf(vector) ** 2 };
  });
  const found: Along[] = conversations.map(() => undefined);
  await readConversations(
    model,
    conversations,
    (index, reading) => {
      found[index] = lines.map(({ layer, vector, width, square }) => {
        const at = reading["answer-average"].subarray(layer * width, (layer + 1) * width);
        return vector.reduce((sum, x, k) => sum + x * (at[k] as number), 0) / square;
      });
    },
    signal,
    [...new Set(lines.map(({ layer }) => layer))],
  );
  return found;
}
