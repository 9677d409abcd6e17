/** Sends the events of a stream one after the other; a client that leaves them unread for too long is given up. */
import type { SSEStreamingApi } from "hono/streaming";

export class Sender {
  #last: Promise<void> = Promise.resolve();
  #givenUp = false;

  /** `onStalled`: after `patience` milliseconds in which the client took nothing. */
  constructor(
    private readonly stream: SSEStreamingApi,
    private readonly patience: number,
    private readonly onStalled: () => void,
  ) {}

  send(data: string): void {
    this.#last = this.#last.then(() => this.#write(data));
  }

  /** Returns when everything is on its way, or the client was given up. */
  async sent(): Promise<void> {
    await this.#last;
  }

  async #write(data: string): Promise<void> {
    if (this.#givenUp) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#givenUp = true;
        this.onStalled();
        resolve();
      }, this.patience);
    });
    await Promise.race([this.stream.writeSSE({ data }), late]);
    clearTimeout(timer);
  }
}
