/** Streams of rows: those that are wanted, and so many at a time. */

export async function* filtered<T>(items: AsyncIterable<T>, wanted: (item: T) => boolean): AsyncGenerator<T, void> {
  for await (const item of items) if (wanted(item)) yield item;
}

export async function* portionsOf<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[], void> {
  let portion: T[] = [];
  for await (const item of items) {
    portion.push(item);
    if (portion.length === size) {
      yield portion;
      portion = [];
    }
  }
  if (portion.length > 0) yield portion;
}
