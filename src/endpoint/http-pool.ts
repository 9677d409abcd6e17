/** A pool of HTTP connections. undici is loaded with the first request: it takes longer to load than most commands run. */
import type { Agent, Dispatcher } from "undici";

/** One pool and its limits; nothing is opened before the first request. */
export class HttpPool {
  readonly #options: Agent.Options;
  #agent: Agent | undefined;
  #isClosed = false;

  constructor(options: Agent.Options) {
    this.#options = options;
  }

  async request(
    url: string,
    options: Omit<Dispatcher.RequestOptions, "origin" | "path">,
  ): Promise<Dispatcher.ResponseData> {
    const undici = await import("undici");
    if (this.#isClosed) throw new Error("the connection has been closed");
    this.#agent ??= new undici.Agent(this.#options);
    return undici.request(url, { ...options, dispatcher: this.#agent });
  }

  /** Ends what is under way, too. */
  async destroy(): Promise<void> {
    this.#isClosed = true;
    await this.#agent?.destroy();
  }
}
