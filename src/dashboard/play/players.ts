/** The models that are talked to, two at a time at most; each answers one after the other. */
import { findModel } from "../../lab/index.js";
import type { ModelIdentity } from "../../persona/index.js";
import type { OpenWeightsModel } from "../../model/index.js";

export interface Player {
  readonly model: OpenWeightsModel;
  readonly identity: ModelIdentity;
}

/** Two are compared side by side; each holds its weights in memory. */
const MOST = 2;

interface Entry {
  readonly opened: Promise<Player>;
  /** Settles when nobody is waiting for it any more. */
  last: Promise<unknown>;
}

export class Players {
  /** The one used last is last. */
  readonly #entries = new Map<string, Entry>();
  #opening: Promise<unknown> = Promise.resolve();

  constructor(private readonly threads: number | undefined) {}

  isOpen = (name: string): boolean => this.#entries.has(name);

  /** Runs `work` with the model of that name opened, after all that asked for it before. */
  async use<T>(name: string, work: (player: Player) => Promise<T>): Promise<T> {
    const entry = await this.#take(name);
    const done = entry.last.then(async () => work(await entry.opened));
    entry.last = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map(async (name) => this.#drop(name)));
  }

  /** One after the other, so that there are never more than may be. */
  #take(name: string): Promise<Entry> {
    const taken = this.#opening.then(async () => {
      const known = this.#entries.get(name);
      if (known !== undefined) {
        this.#entries.delete(name);
        this.#entries.set(name, known);
        return known;
      }
      for (const oldest of [...this.#entries.keys()].slice(0, Math.max(0, this.#entries.size + 1 - MOST))) {
        await this.#drop(oldest);
      }
      const opened = this.#open(name);
      const entry: Entry = { opened, last: opened.catch(() => this.#entries.delete(name)) };
      this.#entries.set(name, entry);
      return entry;
    });
    this.#opening = taken.catch(() => undefined);
    return taken;
  }

  async #open(name: string): Promise<Player> {
    const found = findModel(name, []);
    const model = await found.open(this.threads === undefined ? {} : { threads: this.threads });
    return { model, identity: await found.identity(model) };
  }

  /** Waits for what is under way. */
  async #drop(name: string): Promise<void> {
    const entry = this.#entries.get(name);
    this.#entries.delete(name);
    await entry?.last;
    await entry?.opened.then(async ({ model }) => model.close()).catch(() => undefined);
  }
}
