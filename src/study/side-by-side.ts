/** Work on many things by several hands at once. */

/**
 * Does `work` on every item, in their order, with as many at a time as there are hands. The first failure, or `signal`,
 * stops what is under way through the signal that `work` is given; then it is thrown.
 */
export async function sideBySide<Item, Hand>(
  items: readonly Item[],
  hands: readonly Hand[],
  signal: AbortSignal | undefined,
  work: (item: Item, hand: Hand, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const stop = AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]);
  const waiting = [...items];
  const runs = hands.map(async (hand) => {
    try {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
        stop.throwIfAborted();
        await work(item, hand, stop);
      }
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  });
  // Nothing may go on once this call has ended.
  await Promise.allSettled(runs);
  stop.throwIfAborted();
}
