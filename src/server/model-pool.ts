/**
 * The models that are loaded, a bounded number of them: the one unused for longest makes room for the next. A loaded
 * organism takes some 200 MB, most of it its own ONNX Runtime thread and compiled graphs. Requests for a model that must
 * wait for room stand in line; while one waits for long, nobody passes it, so busy models cannot keep others out.
 */
import { requireTokens, type Model } from "../model/index.js";
import { sha256 } from "../store/index.js";
import { Batcher } from "./batcher.js";
import type { ServedModel } from "./catalogue.js";

/** Batches of few rows answer a lone request sooner. */
const ROWS = [4, 64];

export interface LoadedModel {
  readonly model: Model & Required<Pick<Model, "tokens">>;
  readonly batcher: Batcher;
  /** Names the weights. */
  readonly fingerprint: string;
}

/** Milliseconds that requests for loaded models may pass one that waits for room: loading takes about as long. */
const PASSING = 1000;

interface Entry {
  readonly loaded: Promise<LoadedModel>;
  users: number;
}

interface Waiting {
  readonly served: ServedModel;
  readonly since: number;
  readonly enter: (entry: Entry) => void;
}

export class ModelPool {
  /** The one used last is last. */
  readonly #entries = new Map<string, Entry>();
  #line: Waiting[] = [];

  constructor(
    private readonly most: number,
    private readonly threads: number | undefined,
  ) {}

  /** Runs `work` with the model loaded; it stays loaded until then at least. */
  async use<T>(served: ServedModel, work: (loaded: LoadedModel) => Promise<T>): Promise<T> {
    const entry = await this.#enter(served);
    try {
      return await work(await entry.loaded);
    } finally {
      entry.users--;
      this.#advance();
    }
  }

  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const { loaded } of entries) await loaded.then(({ model }) => model.close()).catch(() => undefined);
  }

  async #enter(served: ServedModel): Promise<Entry> {
    const [first] = this.#line;
    const mayPass = first === undefined || performance.now() - first.since < PASSING;
    const entry = mayPass ? this.#take(served, first === undefined) : undefined;
    if (entry) return entry;
    return new Promise((enter) => this.#line.push({ served, since: performance.now(), enter }));
  }

  /** Lets those in who stand first in line, each with all others who wait for the same model. */
  #advance(): void {
    for (let [first] = this.#line; first !== undefined; [first] = this.#line) {
      const { id } = first.served;
      const entry = this.#take(first.served, true);
      if (entry === undefined) return;
      entry.users--; // counted again below
      const together = this.#line.filter(({ served }) => served.id === id);
      this.#line = this.#line.filter(({ served }) => served.id !== id);
      for (const { enter } of together) {
        entry.users++;
        enter(entry);
      }
    }
  }

  /** The model, with one more user; undefined where it is not loaded and, with `load`, there is no room for it. */
  #take(served: ServedModel, load: boolean): Entry | undefined {
    let entry = this.#entries.get(served.id);
    if (entry === undefined) {
      if (!load) return undefined;
      const full = this.#entries.size >= this.most;
      const idle = full ? [...this.#entries].find(([, { users }]) => users === 0) : undefined;
      if (full && idle === undefined) return undefined;
      if (idle) this.#entries.delete(idle[0]);
      const emptied = idle?.[1].loaded.then(({ model }) => model.close());
      const made: Entry = { loaded: this.#load(served, emptied, () => this.#forget(served.id, made)), users: 0 };
      entry = made;
    }
    entry.users++;
    this.#entries.delete(served.id);
    this.#entries.set(served.id, entry);
    return entry;
  }

  #forget(id: string, entry: Entry): void {
    if (this.#entries.get(id) === entry) this.#entries.delete(id);
  }

  async #load(served: ServedModel, emptied: Promise<void> | undefined, onFailure: () => void): Promise<LoadedModel> {
    try {
      await emptied;
      const opened = await served.open({ rows: ROWS, ...(this.threads !== undefined && { threads: this.threads }) });
      const model = requireTokens(opened, "askew serve");
      return { model, batcher: new Batcher(model), fingerprint: fingerprintOf(served, model) };
    } catch (error) {
      onFailure();
      throw error;
    }
  }
}

/** A study's cells share the base's folder, so the id counts, too. */
function fingerprintOf({ id, created }: ServedModel, { source }: Model): string {
  const text = JSON.stringify([id, created, Object.values(source?.files ?? {})]);
  return `fp_${sha256(text).slice(0, 12)}`;
}
