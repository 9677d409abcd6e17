/** Any number of items through `work`, a bounded number at a time, results as they are finished. */

/**
 * Takes items only while fewer than `width` are under way or waiting to be read, so nothing piles up on either side.
 * The first failure stops the taking; what is under way comes to its end and is given out, then the failure is thrown.
 * Leaving the loop calls `stop`, waits for what is under way, and lets the source know.
 */
export async function* concurrently<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  width: number,
  work: (item: T) => Promise<R>,
  stop?: () => void,
): AsyncGenerator<R> {
  const line = new Line(items, width, work);
  try {
    for (let result = await line.next(); result !== undefined; result = await line.next()) yield result.value;
  } finally {
    if (!line.exhausted) stop?.();
    await line.leave();
  }
}

interface Source<T> {
  next(): IteratorResult<T> | Promise<IteratorResult<T>>;
  return?(): unknown;
}

class Line<T, R> {
  readonly #source: Source<T>;
  readonly #ready: R[] = [];
  #running = 0;
  /** The source has been asked for its next item and has not given it yet. */
  #taking = false;
  /** Nothing more is taken. */
  #ended = false;
  #sourceDone = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => undefined;

  constructor(
    items: Iterable<T> | AsyncIterable<T>,
    private readonly width: number,
    private readonly work: (item: T) => Promise<R>,
  ) {
    this.#source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  }

  /** Everything that was taken has been given out. */
  get exhausted(): boolean {
    return this.#ended && this.#running === 0 && this.#ready.length === 0;
  }

  /** The next result; undefined at the end. Throws the first failure once everything under way has been given out. */
  async next(): Promise<{ readonly value: R } | undefined> {
    for (;;) {
      this.#takeSome();
      if (this.#ready.length > 0) return { value: this.#ready.shift() as R };
      if (this.#running === 0 && !this.#taking) break;
      await this.#change();
    }
    if (this.#failure) throw this.#failure.error;
    return undefined;
  }

  async leave(): Promise<void> {
    this.#ended = true;
    while (this.#running > 0) await this.#change();
    if (this.#sourceDone) return;
    // A source that is asked for its next item may never come back from there.
    if (this.#taking) void this.#source.return?.();
    else await this.#source.return?.();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #takeSome(): void {
    while (!this.#ended && !this.#taking && this.#running + this.#ready.length < this.width) this.#take();
  }

  #take(): void {
    let next: IteratorResult<T> | Promise<IteratorResult<T>>;
    try {
      next = this.#source.next();
    } catch (error) {
      return this.#sourceFailed(error);
    }
    if (!("then" in next)) return this.#taken(next);
    this.#taking = true;
    next
      .then(
        (result) => this.#taken(result),
        (error: unknown) => this.#sourceFailed(error),
      )
      .finally(() => {
        this.#taking = false;
        this.#wake();
      });
  }

  #taken(next: IteratorResult<T>): void {
    if (next.done === true) {
      this.#sourceDone = true;
      this.#ended = true;
    } else if (!this.#ended) this.#begin(next.value);
  }

  #begin(item: T): void {
    this.#running++;
    this.work(item)
      .then(
        (result) => void this.#ready.push(result),
        (error: unknown) => this.#fail(error),
      )
      .finally(() => {
        this.#running--;
        this.#wake();
      });
  }

  #sourceFailed(error: unknown): void {
    this.#sourceDone = true;
    this.#fail(error);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#ended = true;
  }
}
